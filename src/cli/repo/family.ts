// `repo …`: repositories, and how they are reached.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import type { CliContext } from '../context.ts'
import { printList, printObject } from '../print.ts'
import { formatTable } from '../table.ts'
import { addFamily, addVerb } from '../verb.ts'
import { number, output, text, truthFlag, type Flag } from '../verb-flags.ts'
import { credentialFlags, credentialsOf, withoutEmpty, type CredentialFlags, type Credentials } from './credential-flags.ts' // prettier-ignore

const SERVICE = 'repository.RepositoryService'

type Repository = Message<'Repository'>

export function addRepositoryFamily(program: Command, context: CliContext): void {
  const repo = addFamily(program, 'repo', 'repositories, and how they are reached')
  addAdd(repo, context)
  addReading(repo, context)
  addVerb(repo, context, {
    words: 'rm <repositories...>',
    about: 'forget repositories',
    writes: true,
    flags: { project: text('project of the repository') },
    examples: ['repo rm https://git.example/deploy.git'],
    async run(call) {
      for (const repo of call.args) {
        if (await call.confirm(`Are you sure you want to delete repository '${repo}'? [y/n]`)) {
          await call.send(`${SERVICE}/DeleteRepository`, { repo, appProject: call.flags.project })
          call.print(`Repository '${repo}' removed\n`)
        } else call.print(`The command to delete '${repo}' was cancelled.\n`)
      }
    },
  })
}

type Truths = 'insecureIgnoreHostKey' | 'insecureSkipServerVerification' | 'enableLfs' | 'webhookManifestCacheWarmDisabled' // prettier-ignore
type Texts = 'name' | 'project' | 'proxy' | 'noProxy'

const repositoryFlags: typeof credentialFlags &
  Readonly<Record<Texts, Flag<string>> & Record<Truths, Flag<boolean>> & Record<'depth', Flag<number>>> = {
  ...credentialFlags,
  name: text('name; needed for Helm repositories'),
  project: text('only for applications of this project'),
  insecureSkipServerVerification: truthFlag('trust any server certificate and host key'),
  insecureIgnoreHostKey: truthFlag('trust any host key', { isHidden: true }),
  enableLfs: truthFlag('fetch large files (git-lfs)'),
  proxy: text('proxy to reach it by'),
  noProxy: text('hosts to reach without the proxy'),
  depth: number('fetch only this many commits; 0: all'),
  webhookManifestCacheWarmDisabled: truthFlag('do not render ahead when a webhook comes'),
}

/** The repository that the flags describe. */
async function repositoryOf(
  repo: string,
  flags: CredentialFlags & Readonly<Partial<Record<Texts, string | undefined> & Record<Truths, boolean | undefined> & { readonly depth: number | undefined }>>, // prettier-ignore
  context: CliContext,
): Promise<Credentials & { readonly repo: string }> {
  const credentials = await credentialsOf(repo, flags, context)
  if (credentials['type'] === 'helm' && (flags.name ?? '') === '')
    throw new CapstanError('bad-input', "Must specify --name for repos of type 'helm'")
  const { name, project, proxy, noProxy, depth, enableLfs, insecureIgnoreHostKey } = flags
  const insecure = flags.insecureSkipServerVerification
  const { webhookManifestCacheWarmDisabled } = flags
  const own = { name, project, proxy, noProxy, depth, enableLfs, insecureIgnoreHostKey, insecure, webhookManifestCacheWarmDisabled } // prettier-ignore
  return { ...credentials, ...withoutEmpty(own), repo }
}

function addAdd(repo: Command, context: CliContext): void {
  addVerb(repo, context, {
    words: 'add <repository>',
    about: 'add a repository; it is tried before it is stored',
    writes: true,
    flags: { ...repositoryFlags, upsert: truthFlag('replace one of that address that is different') },
    examples: [
      'repo add https://git.example/deploy.git --username ci',
      'repo add git@git.example:deploy.git --ssh-private-key-path ~/.ssh/id_ed25519',
      'repo add https://charts.example --type helm --name charts',
      'repo add registry.example/charts --type helm --name oci --enable-oci --username ci',
    ],
    async run(call) {
      const repository = await repositoryOf(call.args[0] ?? '', call.flags, context)
      await call.send(`${SERVICE}/ValidateAccess`, accessQuery(repository))
      const { repo = repository.repo } = await call.send<Partial<Repository>>(`${SERVICE}/CreateRepository`, {
        repo: repository,
        upsert: call.flags.upsert === true,
      })
      call.print(`Repository '${repo}' added\n`)
    },
  })
}

/** Fields that are spelled otherwise in the question whether a repository can be reached; those it does not have stay behind. */
const ACCESS_NAMES: Readonly<Record<string, string | undefined>> = {
  enableOCI: 'enableOci',
  insecureOCIForceHttp: 'insecureOciForceHttp',
  insecureIgnoreHostKey: 'insecure',
  noProxy: undefined,
  depth: undefined,
  enableLfs: undefined,
  webhookManifestCacheWarmDisabled: undefined,
}

function accessQuery(repository: Credentials): Readonly<Record<string, unknown>> {
  const pairs = Object.entries(repository).map(([name, value]) => [Object.hasOwn(ACCESS_NAMES, name) ? ACCESS_NAMES[name] : name, value] as const) // prettier-ignore
  return Object.fromEntries(pairs.filter(([name]) => name !== undefined))
}

const refreshFlag = { refresh: text('hard: try the connection anew') } as const

function isForced(refresh = ''): boolean {
  if (refresh === '' || refresh === 'hard') return refresh === 'hard'
  throw new CapstanError('bad-input', `unknown refresh value: ${refresh}. Supported values: hard`)
}

function addReading(repo: Command, context: CliContext): void {
  addVerb(repo, context, {
    words: 'list',
    about: 'list repositories and whether they can be reached',
    flags: { output: output('wide', 'url', 'json', 'yaml'), ...refreshFlag },
    examples: ['repo list', 'repo list -o url', 'repo list --refresh hard'],
    async run(call) {
      const forceRefresh = isForced(call.flags.refresh)
      const { items } = await call.send<{ readonly items?: readonly Repository[] | null }>(
        `${SERVICE}/ListRepositories`,
        { forceRefresh },
      )
      const { output: form } = call.flags
      if (form === 'url') call.print((items ?? []).map((one) => `${one.repo ?? ''}\n`).join(''))
      else printList(call, items ?? [], { wide: formatRepositories })
    },
  })
  addVerb(repo, context, {
    words: 'get <repository>',
    about: 'show a repository',
    flags: {
      output: output('wide', 'url', 'json', 'yaml'),
      project: text('project of the repository'),
      ...refreshFlag,
    },
    examples: ['repo get https://git.example/deploy.git', 'repo get https://git.example/deploy.git -o yaml'],
    async run(call) {
      const query = { repo: call.args[0], forceRefresh: isForced(call.flags.refresh), appProject: call.flags.project }
      const found = await call.send<Repository>(`${SERVICE}/Get`, query)
      printObject(call, found, () => formatRepositories([found]), { url: () => `${found.repo ?? ''}\n` })
    },
  })
}

const HEADING = ['TYPE', 'NAME', 'REPO', 'INSECURE', 'OCI', 'LFS', 'CREDS', 'STATUS', 'MESSAGE', 'PROJECT']

function formatRepositories(repositories: readonly Repository[]): string {
  const rows = repositories.map((one) => [
    one.type ?? '',
    one.name ?? '',
    one.repo ?? '',
    String(one.insecure === true || one.insecureIgnoreHostKey === true),
    String(one.enableOCI === true),
    String(one.enableLfs === true),
    one.inheritedCreds === true ? 'inherited' : String(hasCredentials(one)),
    one.connectionState?.status ?? '',
    one.connectionState?.message ?? '',
    one.project ?? '',
  ])
  return formatTable([HEADING, ...rows])
}

/** What the server shows of credentials (Repository.HasCredentials, v3.5.1). */
function hasCredentials(one: Repository): boolean {
  const { username, password, bearerToken, sshPrivateKey, githubAppPrivateKey } = one
  const { tlsClientCertData, gcpServiceAccountKey, useAzureWorkloadIdentity, azureServicePrincipalClientSecret } = one
  const texts = [username, password, bearerToken, sshPrivateKey, githubAppPrivateKey, tlsClientCertData, gcpServiceAccountKey, azureServicePrincipalClientSecret] // prettier-ignore
  return useAzureWorkloadIdentity === true || texts.some((value) => value !== undefined && value !== '')
}
