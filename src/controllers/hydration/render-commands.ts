// The commands that render a dry source by hand, for README.md and hydrator.metadata.
import type { DesiredRequest, DesiredSource } from '../../desired/contract.ts'

/** None for plain files and plug-ins (argo-cd v3.5.1 reposerver `GenerateManifests`). */
export function renderCommands({ source, sourceType }: DesiredSource, request: DesiredRequest): readonly string[] {
  switch (sourceType) {
    case 'Kustomize':
      return ['kustomize build .']
    case 'Helm':
      return [helmCommand(source, request)]
    default:
      return []
  }
}

type Helm = NonNullable<DesiredSource['source']['helm']>

/** In the order in which upstream writes the flags; values written in the application itself are in a file of upstream's. */
function helmCommand({ helm = {} }: DesiredSource['source'], { application, cluster }: DesiredRequest): string {
  const { releaseName, namespace, kubeVersion, apiVersions = [] } = helm
  const flags = [
    ...pair('--name-template', releaseName || application.name),
    ...pair('--namespace', namespace || application.destinationNamespace),
    ...pair('--kube-version', kubeVersion || cluster.kubeVersion),
    ...valueFlags(helm),
    ...apiVersions.flatMap((version) => pair('--api-versions', version)),
    ...switches(helm),
  ]
  return ['helm', 'template', '.', ...flags.map(quoted)].join(' ')
}

function valueFlags({ parameters = [], fileParameters = [], valueFiles = [] }: Helm): readonly string[] {
  return [
    ...parameters.flatMap(({ name = '', value = '', forceString }) =>
      pair(forceString === true ? '--set-string' : '--set', `${name}=${value}`),
    ),
    ...fileParameters.flatMap(({ name = '', path = '' }) => pair('--set-file', `${name}=${path}`)),
    ...valueFiles.flatMap((file) => pair('--values', file)),
  ]
}

function switches({ skipCrds, skipTests, skipSchemaValidation }: Helm): readonly string[] {
  return [
    ...(skipCrds === true ? [] : ['--include-crds']),
    ...(skipTests === true ? ['--skip-tests'] : []),
    ...(skipSchemaValidation === true ? ['--skip-schema-validation'] : []),
  ]
}

function pair(flag: string, value: string): readonly string[] {
  return value === '' ? [] : [flag, value]
}

/** People paste it into a shell. */
function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
