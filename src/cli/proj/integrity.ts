// `proj source-integrity git policies …`: which commits of a project's repositories have to be signed, and by whom.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { AppProject, SourceIntegrityGitPolicy } from '../../crds/app-project.ts'
import type { CliContext } from '../context.ts'
import { formatTable } from '../table.ts'
import { addVerb, isYes, type Call } from '../verb.ts'
import { list, text, truthFlag } from '../verb-flags.ts'
import { getProject, keyIdOf, updateProject, type ProjectCall } from './calls.ts'

export function addIntegrityVerbs(proj: Command, context: CliContext): void {
  const policies = proj
    .command('source-integrity')
    .description('what sources have to prove before they are used')
    .command('git')
    .description('of Git repositories')
    .command('policies')
    .description('which commits have to be signed, and by whom')
  addListVerb(policies, context)
  addAddVerb(policies, context)
  addUpdateVerb(policies, context)
  addDeleteVerb(policies, context)
}

function addListVerb(policies: Command, context: CliContext): void {
  addVerb(policies, context, {
    words: 'list <project>',
    about: 'list the policies; update and delete take their ids',
    examples: ['proj source-integrity git policies list web'],
    async run(call) {
      const { all } = await readPolicies(call)
      call.print(formatPolicies(all))
    },
  })
}

function formatPolicies(policies: readonly SourceIntegrityGitPolicy[]): string {
  const rows = policies.map(({ gpg, repos }, id) => [
    `${id}`,
    gpg.mode,
    joined(gpg?.keys ?? []),
    joined(repos.map(({ url }) => url)),
  ])
  return formatTable([['ID', 'GPG-MODE', 'GPG-KEYS', 'REPO-URLS'], ...rows])
}

function joined(values: readonly string[]): string {
  return values.length === 0 ? '<none>' : values.join(', ')
}

interface Policies {
  readonly project: AppProject
  readonly all: readonly SourceIntegrityGitPolicy[]
}

async function readPolicies(call: ProjectCall): Promise<Policies> {
  const [name = ''] = call.args
  const project = await getProject(call, name)
  const all = project.spec.sourceIntegrity?.git?.policies ?? []
  if (all.length === 0)
    throw new CapstanError('not-found', `no source integrity git policies defined for project ${JSON.stringify(name)}`)
  return { project, all }
}

async function storePolicies(
  call: ProjectCall,
  project: AppProject,
  policies: readonly SourceIntegrityGitPolicy[],
): Promise<void> {
  // prettier-ignore
  const { sourceIntegrity, ...spec } = project.spec
  const kept = policies.length === 0 ? {} : { sourceIntegrity: { ...sourceIntegrity, git: { policies } } }
  // Without policies the field is to be gone, rather than empty.
  await updateProject(call, { ...project, spec }, kept)
}

function addAddVerb(policies: Command, context: CliContext): void {
  addVerb(policies, context, {
    words: 'add <project>',
    about: 'add a policy',
    writes: true,
    flags: {
      repoUrl: list('pattern of repositories it is for'),
      gpgMode: text('strict, head or none'),
      gpgKey: list('keys that may sign'),
    },
    examples: [
      "proj source-integrity git policies add web --repo-url 'https://git.example/*' --gpg-mode strict --gpg-key D56C4FCA57A46444",
    ],
    async run(call) {
      const { repoUrl = [], gpgMode, gpgKey = [] } = call.flags
      const project = await getProject(call, call.args[0] ?? '')
      const policy = {
        repos: repoUrl.map((url) => ({ url })),
        gpg: { mode: modeOf(gpgMode), keys: gpgKey.map(keyIdOf) },
      }
      await warnOfProblems(call, policy)
      const all = [...(project.spec.sourceIntegrity?.git?.policies ?? []), policy]
      await storePolicies(call, project, all)
      call.print(formatPolicies(all))
    },
  })
}

function modeOf(mode = ''): string {
  if (mode === '') throw new CapstanError('bad-input', 'gpg-mode must be set')
  if (mode === 'strict' || mode === 'head' || mode === 'none') return mode
  throw new CapstanError('bad-input', 'gpg-mode must be one of: strict, head, none')
}

function addUpdateVerb(policies: Command, context: CliContext): void {
  addVerb(policies, context, {
    words: 'update <project> <id>',
    about: 'change a policy',
    writes: true,
    flags: {
      gpgMode: text('strict, head or none'),
      repoUrl: list('patterns of repositories, instead of those there are'),
      addRepoUrl: list('patterns to add'),
      deleteRepoUrl: list('patterns to take away'),
      gpgKey: list('keys, instead of those there are'),
      addGpgKey: list('keys to add'),
      deleteGpgKey: list('keys to take away'),
      yes: truthFlag('do not ask', { short: 'y' }),
    },
    examples: ["proj source-integrity git policies update web 0 --add-repo-url 'https://other.example/*' -y"],
    async run(call) {
      const { flags } = call
      const { project, all } = await readPolicies(call)
      const index = indexOf(call.args[1] ?? '', all)
      const { repos = [], gpg } = all[index] ?? {}
      const urls = changedList(repos.map(({ url }) => url), { set: flags.repoUrl, add: flags.addRepoUrl, remove: flags.deleteRepoUrl, name: 'repo-url' }) // prettier-ignore
      const keys = changedList(gpg?.keys ?? [], {
        set: flags.gpgKey?.map(keyIdOf),
        add: flags.addGpgKey?.map(keyIdOf),
        remove: flags.deleteGpgKey?.map(keyIdOf),
        name: 'gpg-key',
      })
      const policy = { repos: urls.map((url) => ({ url })), gpg: { ...gpg, mode: modeOf(flags.gpgMode ?? gpg?.mode), keys } } // prettier-ignore
      await warnOfProblems(call, policy)
      const policies = all.with(index, policy)
      call.print(formatPolicies(policies))
      const question = `Are you sure you want to update policy ${index} from project ${JSON.stringify(call.args[0])}? [y/N] `
      if (await isWanted(call, flags.yes === true, question)) await storePolicies(call, project, policies)
    },
  })
}

interface Change {
  readonly set: readonly string[] | undefined
  readonly add: readonly string[] | undefined
  readonly remove: readonly string[] | undefined
  readonly name: string
}

export function changedList(
  before: readonly string[],
  { set = [], add = [], remove = [], name }: Change,
): readonly string[] {
  if (set.length > 0 && add.length + remove.length > 0)
    throw new CapstanError('bad-input', `option --${name}, cannot be combined with --add-${name} or --delete-${name}`)
  const kept = (set.length > 0 ? set : before).filter((value) => !remove.includes(value))
  return [...kept, ...add.filter((value, at) => !kept.includes(value) && add.indexOf(value) === at)]
}

function addDeleteVerb(policies: Command, context: CliContext): void {
  addVerb(policies, context, {
    words: 'delete <project> <ids...>',
    about: 'delete policies',
    writes: true,
    flags: { yes: truthFlag('do not ask', { short: 'y' }) },
    examples: ['proj source-integrity git policies delete web 1 3 -y'],
    async run(call) {
      const { project, all } = await readPolicies(call)
      const indexes = call.args.slice(1).map((id) => indexOf(id, all))
      const names = Array.from(new Set(indexes), String).toSorted().join(', ')
      const question = `Are you sure you want to delete policies ${names} from project ${JSON.stringify(call.args[0])}? [y/N] `
      if (!(await isWanted(call, call.flags.yes === true, question))) return
      await storePolicies(
        call,
        project,
        all.filter((_, index) => !indexes.includes(index)),
      )
    },
  })
}

function indexOf(id: string, all: readonly unknown[]): number {
  if (!/^[+-]?\d+$/.test(id)) throw new CapstanError('bad-input', `invalid POLICY_ID '${id}'`)
  const index = Number(id)
  if (index in all) return index
  throw new CapstanError('bad-input', `the POLICY_ID ${index} is out of range (0-${all.length - 1})`)
}

async function isWanted(
  { context, print, isDryRun }: Pick<Call, 'context' | 'print' | 'isDryRun'>,
  isSure: boolean,
  question: string,
): Promise<boolean> {
  // prettier-ignore
  if (isSure || isDryRun || isYes((await context.ask(question, false)).reveal())) return true
  print('Aborted by user.\n')
  return false
}

async function warnOfProblems({ send, context }: ProjectCall, { repos, gpg }: SourceIntegrityGitPolicy): Promise<void> {
  // prettier-ignore
  if (repos.length === 0) context.writeError('Warning: Policy has no repository URLs and will never be used\n')
  const keys = gpg?.keys ?? []
  if (keys.length === 0) {
    context.writeError('Warning: Policy has no GPG keys and will never validate any revision\n')
    return
  }
  const { items } = await send<{ readonly items?: readonly { readonly keyID?: string }[] | null }>('gpgkey.GPGKeyService/List') // prettier-ignore
  const absent = keys.filter((key) => !(items ?? []).some(({ keyID }) => keyID === key))
  if (absent.length > 0)
    context.writeError(`Warning: Following GPG keys are not in repo-server keyring: ${absent.toSorted().join(', ')}\n`)
}
