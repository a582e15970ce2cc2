// Answers of the API that are no resources: sessions, repositories, clusters.

export interface UserInfo {
  readonly loggedIn?: boolean
  readonly username?: string
  /** Who has issued the session. */
  readonly iss?: string
  readonly groups?: readonly string[] | null
}

/** What those who are not logged in may know. */
export interface PublicSettings {
  readonly oidcConfig?: { readonly name?: string }
  readonly userLoginsDisabled?: boolean
  readonly execEnabled?: boolean
}

export interface RepositoryRefs {
  readonly branches?: readonly string[]
  readonly tags?: readonly string[]
}

/** A folder that looks like an application. */
export interface RepositoryApp {
  readonly type?: string
  readonly path?: string
}

export interface AppDetails {
  readonly type?: string
  readonly helm?: {
    readonly valueFiles?: readonly string[]
    readonly parameters?: readonly { readonly name?: string; readonly value?: string }[]
  }
}

export interface ClusterInfo {
  readonly server?: string
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly namespaces?: readonly string[]
}

export interface VersionInfo {
  readonly Version?: string
  readonly KustomizeVersion?: string
  readonly HelmVersion?: string
  readonly JsonnetVersion?: string
}

/** One resource of an application, as the calls about resources name it. */
export interface ResourceId {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export interface ApplicationId {
  readonly namespace: string
  readonly name: string
}

export interface SyncRequest {
  readonly revision?: string
  readonly prune: boolean
  readonly dryRun: boolean
  readonly revisions?: readonly string[]
  readonly sourcePositions?: readonly number[]
  readonly strategy?: object
  readonly syncOptions?: { readonly items: readonly string[] }
  readonly retryStrategy?: object
  readonly resources?: readonly Omit<ResourceId, 'version'>[]
}
