// Access to Git as the control plane finds it, from registered repositories alone: no cluster.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { gitAccessFor, gitWriteAccessFor } from '../../src/main/git-access.ts'
import { signJwt } from '../../src/main/json-web-tokens.ts'
import {
  parseCredentialTemplate,
  parseRepository,
  type RegisteredRepositories,
  SECRET_TYPE_LABEL,
} from '../../src/settings/repositories.ts'
import type { GitAccess } from '../../src/source/git/access.ts'
import { createGitProvider } from '../../src/source/git/provider.ts'
import type { RefLister, SourceProvider } from '../../src/source/provider.ts'
import { RepositoryLogins } from '../../src/source/tokens/repository-login.ts'
import { temporaryFolder } from './git.ts'

export interface Registered {
  /** Default: `repository`. */
  readonly type?: 'repository' | 'repo-creds' | 'repository-write' | 'repo-write-creds'
  /** Keys of the Secret. */
  readonly fields: Readonly<Record<string, string>>
}

export interface AccessOptions {
  readonly registered: readonly Registered[]
  readonly knownHosts?: string
  /** PEM by host name. */
  readonly certificates?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
}

export interface AccessScene {
  readonly sources: SourceProvider & RefLister
  accessFor(repoURL: string, project: string): Promise<GitAccess>
  writeAccessFor(repoURL: string, project: string): Promise<GitAccess>
  /** Where copies of repositories, and for moments key files, stand. */
  readonly cacheFolder: string
}

/** Reads Git with what the Secrets say. */
export function accessScene(t: TestContext, options: AccessOptions): AccessScene {
  const { registered, knownHosts = '', certificates = {}, environment = {} } = options
  const state = {
    registered: () => listOf(registered, 'repository', 'repo-creds'),
    writable: () => listOf(registered, 'repository-write', 'repo-write-creds'),
    knownHosts: () => knownHosts,
    tlsCertificates: () => new Map(Object.entries(certificates)),
  }
  const logins = new RepositoryLogins({ clock: systemClock, sign: signJwt, environment })
  const access = { state, logins }
  const cacheFolder = join(temporaryFolder(t), 'repositories')
  const accessFor = (repoURL: string, project: string): Promise<GitAccess> => gitAccessFor(access, repoURL, project)
  const sources = createGitProvider({ cacheFolder, clock: systemClock, accessFor })
  t.after(() => sources.close())
  return {
    sources,
    cacheFolder,
    accessFor,
    writeAccessFor: (repoURL, project) => gitWriteAccessFor(access, repoURL, project),
  }
}

function listOf(registered: readonly Registered[], repository: string, template: string): RegisteredRepositories {
  const secretsOf = (wanted: string): KubeObject[] =>
    registered.filter(({ type = 'repository' }) => type === wanted).map(secretOf)
  return {
    repositories: secretsOf(repository).map(parseRepository),
    templates: secretsOf(template).map(parseCredentialTemplate),
  }
}

function secretOf({ type = 'repository', fields }: Registered): KubeObject {
  const metadata = { name: 'repo', namespace: 'argocd', labels: { [SECRET_TYPE_LABEL]: type } }
  const secret: KubeObject & { readonly stringData: object } = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    stringData: fields,
  }
  return secret
}

/** The text of a file at a branch, read as a project. */
export async function readText(
  { sources }: Pick<AccessScene, 'sources'>,
  repoURL: string,
  path: string,
  project: string = 'default',
): Promise<string | undefined> {
  const { tree } = await sources.open({ repoURL, targetRevision: 'main' }, { project, freshness: 'latest' })
  const file = await tree.readFile(path)
  return file === undefined ? undefined : Buffer.from(file.bytes).toString('utf8')
}
