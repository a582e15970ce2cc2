// `capstan render`: the flags of `helm template`, and what other kinds of folders need.
import type { Command } from 'commander'
import { collect } from './flags.ts'

export interface RenderFlags {
  /** `helm`, `kustomize` or `directory`; absent: told from the files. */
  readonly kind?: string
  readonly name?: string
  readonly nameTemplate?: string
  readonly namespace: string
  readonly values?: readonly string[]
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  readonly setFile?: readonly string[]
  readonly setJson?: readonly string[]
  readonly setLiteral?: readonly string[]
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  readonly includeCrds?: boolean
  readonly skipTests?: boolean
  /** False with `--no-hooks`. */
  readonly hooks: boolean
  readonly isUpgrade?: boolean
  readonly skipSchemaValidation?: boolean
  readonly showOnly?: readonly string[]
  readonly dependencyUpdate?: boolean
  readonly helmVersion?: string
  readonly verify?: boolean
  readonly keyring?: string
  /** `client` or `server`: whether `lookup` and the capabilities ask a cluster. */
  readonly dryRun?: string
  readonly kubeconfig?: string
  readonly kubeContext?: string
  readonly recurse?: boolean
  /** Of kustomizations: inflate helmCharts. */
  readonly enableHelm?: boolean
  readonly loadRestrictor?: string
  readonly enableManagedbyLabel?: boolean
  readonly reorder?: string
  /** Print what the rendering depended on instead of manifests. */
  readonly explain?: boolean
}

/** Renders and prints. */
export type Render = (directory: string, flags: RenderFlags) => Promise<void>

const EXAMPLES = `
Examples:
  capstan render examples/api-tester -f examples/api-tester/values-dev.yaml
  capstan render examples/guestbook/overlays/prod
  capstan render ./chart --name web -n shop --set image.tag=1.2 --show-only templates/deployment.yaml`

export function addRender(program: Command, render: Render): void {
  const command = program
    .command('render <directory>')
    .description('print the manifests of a chart, a kustomization or a directory')
    .option('--kind <kind>', 'helm|kustomize|directory; by default told from the files')
    .option('-n, --namespace <namespace>', 'namespace of a release', 'default')
    .option('--recurse', 'plain directories: read folders below too')
    .option('--explain', 'print what the result depends on instead of the manifests')
  addKustomizeFlags(command)
  addValueFlags(command)
  addChartFlags(command)
  addClusterFlags(command)
  command.addHelpText('after', EXAMPLES).action((directory: string, flags: RenderFlags) => render(directory, flags))
}

function addValueFlags(command: Command): void {
  command
    .option('-f, --values <file>', 'values file or URL, - for standard input (repeatable)', collectList)
    .option('--set <key=value>', 'chart value (repeatable)', collect)
    .option('--set-string <key=value>', 'chart value that stays text (repeatable)', collect)
    .option('--set-file <key=path>', 'chart value read from a file (repeatable)', collect)
    .option('--set-json <key=json>', 'chart value as JSON, or an object of values (repeatable)', collect)
    .option('--set-literal <key=value>', 'chart value taken as it is written (repeatable)', collect)
}

function addChartFlags(command: Command): void {
  command
    .option('--name <name>', 'release name of a chart')
    .option('--name-template <template>', 'template of the release name')
    .option('--include-crds', 'print the crds folder of a chart')
    .option('--no-include-crds', 'leave it out, as by default')
    .option('--skip-tests', 'leave out test hooks')
    .option('--no-hooks', 'leave out all hooks')
    .option('--is-upgrade', 'set .Release.IsUpgrade instead of .Release.IsInstall')
    .option('--skip-schema-validation', 'do not hold values against values.schema.json')
    .option('-s, --show-only <template>', 'print only what comes of these templates (repeatable)', collect)
    .option('--dependency-update', 'fetch the dependencies that charts/ lacks')
    .option('--helm-version <version>', 'rules where helm 3 and 4 differ: 4|3')
    .option('--verify', "check a chart archive's provenance with gpg before it is used")
    .option('--keyring <file>', 'public keys for --verify; by default those of gpg')
}

/** Those of `kustomize build`; what else it has is for programs, which are not run. */
function addKustomizeFlags(command: Command): void {
  command
    .option('--enable-helm', 'kustomizations: render the charts of helmCharts')
    .option('--load-restrictor <restrictor>', 'kustomizations: LoadRestrictionsRootOnly|LoadRestrictionsNone')
    .option('--enable-managedby-label', 'kustomizations: add app.kubernetes.io/managed-by')
    .option('--reorder <order>', 'kustomizations: legacy|none')
}

function addClusterFlags(command: Command): void {
  command
    .option('--kube-version <version>', 'Kubernetes version that charts see')
    .option(
      '-a, --api-versions <version>',
      'API version that charts see besides the usual ones (repeatable)',
      collectList,
    )
    .option('--dry-run <where>', 'client|server: server lets lookup and the capabilities ask a cluster', 'client')
    .option('--kubeconfig <file>', 'the cluster to ask; means --dry-run=server')
    .option('--kube-context <name>', 'the context to use')
}

/** Commas separate, as in helm's lists. */
function collectList(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, ...value.split(',')]
}
