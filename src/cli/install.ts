// `capstan install|uninstall`: an installation in a cluster, with flags for what most set and values of the chart for the rest.
import { InvalidArgumentError, type Command } from 'commander'
import { CapstanError } from '../base/errors.ts'
import type { CliContext } from './context.ts'
import { addNames, collect, oneOf, wholeNumber } from './flags.ts'

export interface ClusterFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly namespace: string
}

export interface InstallFlags extends ClusterFlags {
  readonly image?: string
  /** Servers and controllers apart, two of each. */
  readonly ha?: boolean
  readonly roles?: 'together' | 'apart'
  /** Of servers. */
  readonly replicas?: number
  readonly insecure?: boolean
  readonly rootpath?: string
  readonly url?: string
  readonly serviceType?: string
  readonly ingressHost?: string
  readonly ingressClass?: string
  readonly ingressTlsSecret?: string
  readonly networkPolicies?: boolean
  readonly redis?: string
  readonly applicationNamespaces?: readonly string[]
  readonly destinationNamespaces?: readonly string[]
  readonly values?: readonly string[]
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  readonly resetValues?: boolean
  /** The chart's resource types are left to somebody else. */
  readonly skipCrds?: boolean
  readonly takeOver?: boolean
  readonly dryRun?: boolean
  readonly output?: 'yaml'
  /** False with `--no-wait`; absent where nothing was said. */
  readonly wait?: boolean
  readonly timeout: number
}

export interface UninstallFlags extends ClusterFlags {
  readonly yes?: boolean
  readonly deleteCrds?: boolean
  readonly deleteNamespace?: boolean
  readonly giveBack?: boolean
}

export interface RedisPasswordFlags extends ClusterFlags {
  /** Name of the Secret. */
  readonly secret: string
}

/** Asks on the terminal and gives what was typed. */
export type Ask = (question: string) => Promise<string>

/** What does the work, and prints it. */
export interface InstallTool {
  install(flags: InstallFlags): Promise<void>
  uninstall(flags: UninstallFlags, ask: Ask): Promise<void>
  /** Makes the password of the installation's own Redis where there is none. */
  redisPassword(flags: RedisPasswordFlags): Promise<void>
}

const EXAMPLES = `
Run again, it upgrades: settings of the last run stay unless they are given anew (--reset-values forgets them), and so do
config maps, Secrets and Applications.

Examples:
  capstan install --image registry.example.com/capstan:0.1.0
  capstan install --image registry.example.com/capstan:0.1.0 --ha --ingress-host gitops.example.com --ingress-class nginx
  capstan install --image registry.example.com/capstan:0.1.0 -o yaml | kubectl apply --server-side -f -
  capstan install --image registry.example.com/capstan:0.1.0 --take-over`

export function addInstallCommands(program: Command, context: CliContext, tool: InstallTool): void {
  const ask: Ask = async (question) => {
    if (context.isTerminal) return (await context.ask(`${question} [y/N] `, false)).reveal()
    throw new CapstanError('bad-input', `${question} Without a terminal, --yes says so`)
  }
  const install = addClusterFlags(program.command('install'))
    .description('install or upgrade Capstan in a cluster')
    .option('--image <image>', 'the image to run; required the first time')
  addShapeFlags(install)
  addServerFlags(install)
  install
    .option('-f, --values <file>', 'values of the chart in deploy/chart (repeatable)', collect)
    .option('--set <key=value>', 'a value of the chart (repeatable)', collect)
    .option('--set-string <key=value>', 'a value that stays text (repeatable)', collect)
    .option('--reset-values', 'forget the settings of the last run')
    .option('--skip-crds', 'leave the resource types to somebody else')
    .option('--take-over', 'in place of the Argo CD of this namespace: it is scaled to zero, its data is used')
    .option('--dry-run', 'let the cluster say what would be done')
    .option('-o, --output <format>', 'yaml: print the manifests and ask no cluster', oneOf('yaml'))
    .option('--wait', 'wait until everything is ready, as by default')
    .option('--no-wait', 'do not wait until everything is ready')
    .option('--timeout <duration>', 'how long to wait: 90s, 5m', seconds, 300)
    .addHelpText('after', EXAMPLES)
    .action((flags: InstallFlags) => tool.install(flags))
  addClusterFlags(program.command('uninstall'))
    .description('remove what "capstan install" has made; Applications, settings and all that was delivered stay')
    .option('-y, --yes', 'do not ask')
    .option('--delete-crds', 'delete Applications, projects and their resource types too; what they delivered stays')
    .option('--delete-namespace', 'delete the namespace with settings and credentials, if the installation has made it')
    .option('--give-back', 'start what --take-over has stopped of Argo CD')
    .addHelpText('after', '\nExamples:\n  capstan uninstall\n  capstan uninstall --yes --give-back')
    .action((flags: UninstallFlags) => tool.uninstall(flags, ask))
}

/** For the pod of Redis, before it starts. */
export function addRedisPassword(admin: Command, tool: InstallTool): void {
  addClusterFlags(admin.command('redis-initial-password'))
    .description('make the password of Redis where there is none')
    .option('--secret <name>', 'Secret that holds it, key auth', 'argocd-redis')
    .action((flags: RedisPasswordFlags) => tool.redisPassword(flags))
}

function addClusterFlags(command: Command): Command {
  return command
    .option('--kubeconfig <path>', 'kubeconfig of the cluster')
    .option('--context <name>', 'context of the kubeconfig')
    .option('-n, --namespace <name>', 'namespace of the installation', 'argocd')
}

function addShapeFlags(command: Command): void {
  command
    .option(
      '--roles <how>',
      'together: one process; apart: servers and controllers with a Redis between them',
      oneOf('together', 'apart'),
    ) // prettier-ignore
    .option('--ha', 'servers and controllers apart, two of each')
    .option('--replicas <number>', 'how many servers; more than one means --roles apart', wholeNumber)
    .option(
      '--redis <address>',
      'host:port of a Redis or Valkey that exists, for roles apart; its password: Secret argocd-redis, key auth',
    )
    .option('--network-policies', 'say in NetworkPolicies who may connect')
    .option('--application-namespaces <globs>', 'other namespaces whose Applications count', addNames)
    .option(
      '--destination-namespaces <names>',
      'deliver to these namespaces alone, with no right on the rest',
      addNames,
    )
}

function addServerFlags(command: Command): void {
  command
    .option('--insecure', 'the server speaks plain HTTP: TLS is ended in front of it')
    .option('--no-insecure', 'the server speaks TLS, too')
    .option('--rootpath <path>', 'serve the API and the page below this path')
    .option('--url <url>', 'the address people use; single sign-on needs it')
    .option('--service-type <type>', 'ClusterIP|NodePort|LoadBalancer', oneOf('ClusterIP', 'NodePort', 'LoadBalancer'))
    .option('--ingress-host <host>', 'make an Ingress for this host; it talks plain HTTP to the server')
    .option('--ingress-class <name>', 'class of the Ingress')
    .option('--ingress-tls-secret <name>', 'the Ingress ends TLS with this Secret; without it something in front does')
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** `90s`, `5m`, `1m30s` or a number of seconds; commander shows the message with the flag. */
function seconds(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  if (!/^(?:\d{1,6}[smh])+$/.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is no duration: 90s, 5m`)
  let total = 0
  for (const part of text.match(/\d+[smh]/g) ?? []) total += Number(part.slice(0, -1)) * (UNITS[part.slice(-1)] ?? 0)
  return total
}
