// `admin settings rbac can|validate`, `admin initial-password`: what administrators ask without a server (cmd/argocd/commands/admin/settings_rbac.go, v3.5.1).
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import { ExitCode, refusal, type CliContext } from '../context.ts'
import { addVerb } from '../verb.ts'
import type { PolicySettings, PolicySource } from './policy-tool.ts'
import { file, text, truthFlag } from '../verb-flags.ts'

const clusterFlags = {
  namespace: text('namespace of Argo CD', { short: 'n', initial: '' }),
  kubeconfig: file('kubeconfig to read'),
  context: text('context of the kubeconfig'),
} as const

export function addAdminSettings(admin: Command, context: CliContext): void {
  const rbac = admin
    .command('settings')
    .description('settings, checked and tried')
    .command('rbac')
    .description('who may do what')
  const policyFlag = { policyFile: file('policy as CSV, or as the ConfigMap argocd-rbac-cm') } as const
  addVerb(rbac, context, {
    words: 'can <subject> <action> <resource> [object]',
    about: 'may this role, account or group do this? Yes (exit code 0) or No (1)',
    flags: {
      ...policyFlag,
      ...clusterFlags,
      defaultRole: text('role that everybody has'),
      useBuiltinPolicy: truthFlag('with the policy that is built in', { initial: true }),
      strict: truthFlag('refuse resources and actions that there are not', { initial: true }),
      quiet: truthFlag('print nothing', { short: 'q' }),
    },
    examples: [
      "admin settings rbac can role:ci sync application 'default/web' --policy-file policy.csv",
      "admin settings rbac can jane get logs 'default/*' -n argocd",
    ],
    async run({ args: [subject = '', action = '', named = '', given = ''], flags, context }) {
      const resource = RESOURCES[named] ?? named
      if (flags.strict) requireKnown(resource, action)
      const settings = await readPolicy(context, { ...flags, file: flags.policyFile })
      const object = objectOf(resource, given)
      const question = { subject, action, resource, object, isBuiltinUsed: flags.useBuiltinPolicy }
      const defaultRole = flags.defaultRole ?? settings.defaultRole
      const isAllowed = await context.policies.isAllowed({ ...settings, defaultRole }, question)
      if (flags.quiet !== true) context.write(isAllowed ? 'Yes\n' : 'No\n')
      if (!isAllowed) throw new ExitCode(1)
    },
  })
  addVerb(rbac, context, {
    words: 'validate',
    about: 'is the policy well-formed?',
    flags: { ...policyFlag, ...clusterFlags },
    examples: ['admin settings rbac validate --policy-file policy.csv', 'admin settings rbac validate -n argocd'],
    async run({ flags, context }) {
      try {
        await readPolicy(context, { ...flags, file: flags.policyFile })
      } catch (error) {
        if (!(error instanceof CapstanError) || error.code !== 'bad-input') throw error
        context.write(`Policy is invalid: ${error.message}\n`)
        throw new ExitCode(1)
      }
      context.write('Policy is valid.\n')
    },
  })
}

/** Objects of projects are `project/name`. */
function objectOf(resource: string, given: string): string {
  return SCOPED.has(resource) && (given === '' || given === '*') ? '*/*' : given
}

function readPolicy(context: CliContext, source: PolicySource): Promise<PolicySettings> {
  if (source.file === undefined && source.namespace === '')
    throw refusal('please provide exactly one of --policy-file or --namespace')
  return context.policies.read(source)
}

export function addInitialPassword(admin: Command, context: CliContext): void {
  addVerb(admin, context, {
    words: 'initial-password',
    about: "print the first admin's password, as the install has made it",
    flags: { ...clusterFlags, namespace: text('namespace of Argo CD', { short: 'n', initial: 'argocd' }) },
    examples: ['admin initial-password -n argocd'],
    async run({ flags, context }) {
      const password = await context.kube.initialPassword(flags)
      if (password === undefined)
        throw refusal(`there is no Secret argocd-initial-admin-secret in ${flags.namespace}: it was deleted after the first login, or the password was set by hand`) // prettier-ignore
      const advice =
        'This password must be only used for first time login. We strongly recommend you update the password using `capstan account update-password`.'
      context.write(`${password.reveal()}\n\n ${advice}\n`)
    },
  })
}

/** Short forms of resources. */
const RESOURCES: Readonly<Record<string, string>> = {
  account: 'accounts',
  app: 'applications',
  apps: 'applications',
  application: 'applications',
  cert: 'certificates',
  certs: 'certificates',
  certificate: 'certificates',
  cluster: 'clusters',
  extension: 'extensions',
  gpgkey: 'gpgkeys',
  key: 'gpgkeys',
  log: 'logs',
  proj: 'projects',
  projs: 'projects',
  project: 'projects',
  repo: 'repositories',
  repos: 'repositories',
  repository: 'repositories',
}

const SCOPED = new Set(['applications', 'applicationsets', 'logs', 'exec', 'clusters', 'repositories'])

const CRUD = ['create', 'get', 'update', 'delete']
const CRD = ['create', 'get', 'delete']

/** What may be asked of each; those with a slash may go on with a path. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  accounts: ['create', 'update'],
  applications: ['create', 'get', 'update/', 'delete/', 'action/', 'override', 'sync'],
  applicationsets: CRUD,
  certificates: CRD,
  clusters: CRUD,
  extensions: ['invoke'],
  gpgkeys: CRD,
  logs: ['get'],
  exec: ['create'],
  projects: CRUD,
  repositories: CRUD,
}

function requireKnown(resource: string, action: string): void {
  const actions = ACTIONS[resource]
  if (actions === undefined) throw refusal(`error in RBAC request: '${resource}' is not a valid resource name`)
  const [first = '', ...path] = action.split('/')
  const isKnown = actions.includes(`${first}/`) || (actions.includes(first) && path.length === 0)
  if (!isKnown) throw refusal(`error in RBAC request: '${action}' is not a valid action for ${resource}`)
}
