// What a registry credential is: who may pull from where, and how the login is come by.
import type { Secret } from '../base/secret.ts'

export const REGISTRY_KINDS = ['static', 'ecr', 'ecr-public', 'google', 'azure'] as const
export type RegistryKind = (typeof REGISTRY_KINDS)[number]

/** A user and a password or access token that last until somebody changes them. */
export interface StaticLogin {
  readonly kind: 'static'
  readonly username: string
  readonly password: Secret
}

export interface AwsRole {
  readonly arn: string
  readonly externalId?: string
}

/** Whose rights are used at AWS: keys of its own, else those of the control plane (environment, IRSA, Pod Identity, machine). */
export interface AwsIdentity {
  readonly accessKeyId?: string
  readonly secretAccessKey?: Secret
  readonly sessionToken?: Secret
  /** Taken on one after the other. */
  readonly roles: readonly AwsRole[]
}

export interface EcrLogin {
  readonly kind: 'ecr'
  readonly region: string
  readonly aws: AwsIdentity
}

export interface EcrPublicLogin {
  readonly kind: 'ecr-public'
  readonly aws: AwsIdentity
}

/** A service account's key; absent: the workload identity of the control plane. */
export interface GoogleLogin {
  readonly kind: 'google'
  readonly serviceAccountKey?: Secret
}

/** A service principal (`clientSecret`), a federated token (`workload-identity`) or the machine's managed identity. */
export interface AzureLogin {
  readonly kind: 'azure'
  readonly identity: 'service-principal' | 'workload-identity' | 'managed-identity'
  readonly clientId?: string
  readonly tenantId?: string
  readonly clientSecret?: Secret
  /** Where Microsoft Entra answers, for other clouds: `https://login.microsoftonline.us`. */
  readonly authority?: string
}

export type RegistryLogin = StaticLogin | EcrLogin | EcrPublicLogin | GoogleLogin | AzureLogin

/** How the credential is handed on. */
export interface RegistryOptions {
  /** False: kept, tested and renewed, but given to no namespace. */
  readonly isPropagated: boolean
  /** `default`, `*`, names with commas between, or a label selector after `selector:`; absent: what the control plane's settings say. */
  readonly serviceAccounts?: string
}

/** Where a credential stands. */
export interface CredentialSource {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly resourceVersion: string
  /** The Secret is a chart's or an OCI repository's, which lends its login. */
  readonly isAdopted: boolean
}

export interface RegistryCredential {
  /** The Secret's name. */
  readonly id: string
  /** `host[:port][/path]`, normalised. */
  readonly address: string
  /** What people call it. */
  readonly name?: string
  /** Empty: for the default project, and for projects that list the registry. */
  readonly project: string
  readonly kind: RegistryKind
  readonly login: RegistryLogin
  /** Test it over plain http, or with a certificate nobody vouches for. */
  readonly isInsecure: boolean
  /** Hosts that may be asked for tokens besides the registry's own and those of its domain. */
  readonly tokenHosts: readonly string[]
  readonly options: RegistryOptions
  readonly source: CredentialSource
}
