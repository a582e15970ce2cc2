// The messages of registry.RegistryService, which is ours: registry credentials, where they are in use, and checks of them.

export const registryMessages = {
  /** A credential as people see it: nothing of it is secret. */
  Registry: {
    /** Name of its Secret. */
    id: { number: 1, type: 'string' },
    address: { number: 2, type: 'string' },
    name: { number: 3, type: 'string' },
    /** Empty: the default project, and projects that list the registry. */
    project: { number: 4, type: 'string' },
    /** `static`, `ecr`, `ecr-public`, `google`, `azure`. */
    kind: { number: 5, type: 'string' },
    /** Whose rights are used: `password`, `access-key`, `service-account-key`, `service-principal`, `workload-identity`, `managed-identity`, `control-plane`. */
    identity: { number: 6, type: 'string' },
    /** User name, access key id, client id or e-mail address, where there is one. */
    username: { number: 7, type: 'string' },
    region: { number: 8, type: 'string' },
    roleArns: { number: 9, type: 'string', list: true },
    insecure: { number: 10, type: 'bool' },
    /** Kept and tested, but given to no namespace. */
    disabled: { number: 11, type: 'bool' },
    serviceAccounts: { number: 12, type: 'string' },
    /** The Secret is a chart's or an OCI repository's, which lends its login. */
    adopted: { number: 13, type: 'bool' },
    tokenHosts: { number: 14, type: 'string', list: true },
    connectionState: { number: 15, type: 'v1alpha1.ConnectionState' },
    usage: { number: 16, type: 'RegistryUsage' },
  },
  RegistryCheckRequest: {
    image: { number: 1, type: 'string' },
    /** The application whose destination is looked at. */
    application: { number: 2, type: 'string' },
    appNamespace: { number: 3, type: 'string' },
    /** Default: that of the application's destination. */
    namespace: { number: 4, type: 'string' },
    /** Default: `default`. */
    serviceAccount: { number: 5, type: 'string' },
  },
  RegistryCheck: {
    /** The image's full name. */
    image: { number: 1, type: 'string' },
    server: { number: 2, type: 'string' },
    namespace: { number: 3, type: 'string' },
    serviceAccount: { number: 4, type: 'string' },
    secrets: { number: 5, type: 'RegistryCheckSecret', list: true },
    /** In the order in which the kubelet tries them. */
    credentials: { number: 6, type: 'RegistryCheckCredential', list: true },
    /** `Pulled`, `Refused`, `Anonymous`, `Broken`, `Unreachable`. */
    result: { number: 7, type: 'string' },
    message: { number: 8, type: 'string' },
    warnings: { number: 9, type: 'string', list: true },
  },
  RegistryCheckCredential: {
    secret: { number: 1, type: 'string' },
    /** Key of the docker config. */
    registry: { number: 2, type: 'string' },
    username: { number: 3, type: 'string' },
    /** `Accepted`, `Refused`, `Unreachable`; empty: one before it was accepted. */
    result: { number: 4, type: 'string' },
    message: { number: 5, type: 'string' },
  },
  RegistryCheckSecret: {
    name: { number: 1, type: 'string' },
    /** `Used`, `NoMatch`, `Missing`, `WrongType`, `Broken`. */
    state: { number: 2, type: 'string' },
    message: { number: 3, type: 'string' },
    registries: { number: 4, type: 'string', list: true },
  },
  RegistryCreateRequest: {
    registry: { number: 1, type: 'RegistryInput' },
    upsert: { number: 2, type: 'bool' },
  },
  /** What registers one: secrets go in and never come out. */
  RegistryInput: {
    address: { number: 1, type: 'string' },
    name: { number: 2, type: 'string' },
    project: { number: 3, type: 'string' },
    /** Empty: told by the host and by what is given. */
    kind: { number: 4, type: 'string' },
    username: { number: 5, type: 'string' },
    password: { number: 6, type: 'string' },
    insecure: { number: 7, type: 'bool' },
    awsRegion: { number: 8, type: 'string' },
    awsAccessKeyId: { number: 9, type: 'string' },
    awsSecretAccessKey: { number: 10, type: 'string' },
    awsSessionToken: { number: 11, type: 'string' },
    /** A line a role: its ARN, and after a blank its external id. */
    awsRoleArn: { number: 12, type: 'string' },
    awsExternalId: { number: 13, type: 'string' },
    gcpServiceAccountKey: { number: 14, type: 'string' },
    azureServicePrincipalClientId: { number: 15, type: 'string' },
    azureServicePrincipalClientSecret: { number: 16, type: 'string' },
    azureServicePrincipalTenantId: { number: 17, type: 'string' },
    azureActiveDirectoryEndpoint: { number: 18, type: 'string' },
    useAzureWorkloadIdentity: { number: 19, type: 'bool' },
    disabled: { number: 20, type: 'bool' },
    serviceAccounts: { number: 21, type: 'string' },
    tokenHosts: { number: 22, type: 'string', list: true },
  },
  RegistryList: {
    items: { number: 1, type: 'Registry', list: true },
    problems: { number: 2, type: 'RegistryProblem', list: true },
  },
  /** A namespace that has the pull secret. */
  RegistryPlace: {
    server: { number: 1, type: 'string' },
    clusterName: { number: 2, type: 'string' },
    namespace: { number: 3, type: 'string' },
  },
  /** A Secret that was meant as a credential and cannot be one. */
  RegistryProblem: {
    id: { number: 1, type: 'string' },
    message: { number: 2, type: 'string' },
  },
  RegistryQuery: {
    id: { number: 1, type: 'string' },
    project: { number: 2, type: 'string' },
    /** List alone: ask every registry whether it takes its credential. */
    test: { number: 3, type: 'bool' },
  },
  RegistryResponse: {},
  /** What became of a credential, as the controllers have it. */
  RegistryUsage: {
    secretName: { number: 1, type: 'string' },
    /** `Unused`, `Active`, `Failed`, `Expired`. */
    state: { number: 2, type: 'string' },
    issuedAt: { number: 3, type: 'Time' },
    /** Absent: the login does not expire. */
    expiresAt: { number: 4, type: 'Time' },
    /** What is wrong now; empty: all is well. */
    errors: { number: 5, type: 'string', list: true },
    /** As many as fit. */
    places: { number: 6, type: 'RegistryPlace', list: true },
    /** `namespace/name`: those that the caller may see. */
    applications: { number: 7, type: 'string', list: true },
    /** How many there are, whoever may see them. */
    applicationCount: { number: 8, type: 'int32' },
    namespaceCount: { number: 9, type: 'int32' },
  },
} as const
