// Messages that describe projects: what their applications may use, and who may act on them: names, numbers and types of their fields.

export const appProjectMessages = {
  AppProject: {
    metadata: { number: 1, type: 'ObjectMeta', required: true },
    spec: { number: 2, type: 'AppProjectSpec', required: true },
    status: { number: 3, type: 'AppProjectStatus' },
  },
  AppProjectList: {
    metadata: { number: 1, type: 'ListMeta' },
    items: { number: 2, type: 'AppProject', list: true },
  },
  AppProjectSpec: {
    sourceRepos: { number: 1, type: 'string', list: true },
    destinations: { number: 2, type: 'ApplicationDestination', list: true },
    description: { number: 3, type: 'string' },
    roles: { number: 4, type: 'ProjectRole', list: true },
    clusterResourceWhitelist: { number: 5, type: 'ClusterResourceRestrictionItem', list: true },
    namespaceResourceBlacklist: { number: 6, type: 'GroupKind', list: true },
    orphanedResources: { number: 7, type: 'OrphanedResourcesMonitorSettings' },
    syncWindows: { number: 8, type: 'SyncWindow', list: true },
    namespaceResourceWhitelist: { number: 9, type: 'GroupKind', list: true },
    signatureKeys: { number: 10, type: 'SignatureKey', list: true },
    clusterResourceBlacklist: { number: 11, type: 'ClusterResourceRestrictionItem', list: true },
    sourceNamespaces: { number: 12, type: 'string', list: true },
    permitOnlyProjectScopedClusters: { number: 13, type: 'bool' },
    destinationServiceAccounts: { number: 14, type: 'ApplicationDestinationServiceAccount', list: true },
    sourceIntegrity: { number: 15, type: 'SourceIntegrity' },
  },
  AppProjectStatus: {
    jwtTokensByRole: { number: 1, type: 'JWTTokens', map: true },
  },
  ApplicationDestinationServiceAccount: {
    server: { number: 1, type: 'string', required: true },
    namespace: { number: 2, type: 'string' },
    defaultServiceAccount: { number: 3, type: 'string', required: true },
  },
  ClusterResourceRestrictionItem: {
    group: { number: 1, type: 'string', required: true },
    kind: { number: 2, type: 'string', required: true },
    name: { number: 3, type: 'string' },
  },
  JWTToken: {
    iat: { number: 1, type: 'int64', required: true },
    exp: { number: 2, type: 'int64' },
    id: { number: 3, type: 'string' },
  },
  JWTTokens: {
    items: { number: 1, type: 'JWTToken', list: true },
  },
  OrphanedResourceKey: {
    group: { number: 1, type: 'string' },
    kind: { number: 2, type: 'string' },
    name: { number: 3, type: 'string' },
  },
  OrphanedResourcesMonitorSettings: {
    warn: { number: 1, type: 'bool', pointer: true },
    ignore: { number: 2, type: 'OrphanedResourceKey', list: true },
  },
  ProjectRole: {
    name: { number: 1, type: 'string', required: true },
    description: { number: 2, type: 'string' },
    policies: { number: 3, type: 'string', list: true },
    jwtTokens: { number: 4, type: 'JWTToken', list: true },
    groups: { number: 5, type: 'string', list: true },
  },
  SignatureKey: {
    keyID: { number: 1, type: 'string', required: true },
  },
  SourceIntegrity: {
    git: { number: 1, type: 'SourceIntegrityGit' },
  },
  SourceIntegrityCheckResult: {
    checks: { number: 1, type: 'SourceIntegrityCheckResultItem', list: true },
  },
  SourceIntegrityCheckResultItem: {
    name: { number: 1, type: 'string' },
    problems: { number: 2, type: 'string', list: true },
  },
  SourceIntegrityGit: {
    policies: { number: 1, type: 'SourceIntegrityGitPolicy', list: true },
  },
  SourceIntegrityGitPolicy: {
    repos: { number: 1, type: 'SourceIntegrityGitPolicyRepo', list: true, required: true },
    gpg: { number: 2, type: 'SourceIntegrityGitPolicyGPG', required: true },
  },
  SourceIntegrityGitPolicyGPG: {
    mode: { number: 1, type: 'string', required: true },
    keys: { number: 3, type: 'string', list: true },
  },
  SourceIntegrityGitPolicyRepo: {
    url: { number: 1, type: 'string', required: true },
  },
  SyncWindow: {
    kind: { number: 1, type: 'string', values: ['allow', 'deny'] },
    schedule: { number: 2, type: 'string' },
    duration: { number: 3, type: 'string' },
    applications: { number: 4, type: 'string', list: true },
    namespaces: { number: 5, type: 'string', list: true },
    clusters: { number: 6, type: 'string', list: true },
    manualSync: { number: 7, type: 'bool' },
    timeZone: { number: 8, type: 'string' },
    andOperator: { number: 9, type: 'bool' },
    description: { number: 10, type: 'string' },
    syncOverrun: { number: 11, type: 'bool' },
  },
} as const
