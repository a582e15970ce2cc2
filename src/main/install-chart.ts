// The chart of an installation, which comes with the program, and the values that flags, files and the last run make of it.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import type { InstallFlags } from '../cli/install.ts'
import type { PlainObject } from '../install/place.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { jsonOf } from '../lang/go/json.ts'
import { parseYamlDocuments } from '../lang/yaml/read.ts'
import { readChartTree } from '../render/helm/chart-tree.ts'
import type { ChartFile } from '../render/helm/chart.ts'
import { renderChart, renderChartText, type ChartInput } from '../render/helm/render-chart.ts'
import { mergeUserValues } from '../render/helm/user-values.ts'
import { diskTree } from '../source/disk-tree.ts'

/** Beside src/ and dist/. */
const CHART = join(import.meta.dirname, '../../deploy/chart')
const RELEASE = 'capstan'

/** The values of an installation, as helm would be given them; later ones win. */
export async function installValues(flags: InstallFlags, last: JsonObject): Promise<JsonObject> {
  const files = await Promise.all((flags.values ?? []).map(readValues))
  const merged = mergeUserValues({
    files: [asFile('settings of the last run', last), ...files, asFile('flags', valuesOfFlags(flags))],
    ...(flags.set === undefined ? {} : { set: flags.set }),
    ...(flags.setString === undefined ? {} : { setString: flags.setString }),
  })
  // A map of values is a JSON object.
  return { namespace: { create: true }, ...(jsonOf(merged) as JsonObject) }
}

async function readValues(name: string): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  try {
    return { name, bytes: await readFile(name) }
  } catch (error) {
    throw new CapstanError('not-found', `--values ${name}: there is no such file`, { cause: error })
  }
}

function asFile(name: string, values: JsonObject): { readonly name: string; readonly bytes: Uint8Array } {
  return { name, bytes: new TextEncoder().encode(JSON.stringify(values)) }
}

/** Flags that were not given say nothing. */
function valuesOfFlags(flags: InstallFlags): JsonObject {
  const { ha, roles, replicas, redis } = flags
  const isApart = ha === true || (replicas ?? 1) > 1 || redis !== undefined
  if (isApart && roles === 'together') {
    throw new CapstanError('bad-input', '--roles together is one process: leave out --ha, --replicas and --redis')
  }
  const server = given({
    replicas: replicas ?? (ha === true ? 2 : undefined),
    insecure: flags.insecure,
    rootPath: flags.rootpath,
  })
  return given({
    image: flags.image,
    roles: isApart ? 'apart' : roles,
    server,
    controller: given({ replicas: ha === true ? 2 : undefined }),
    redis: given({ address: redis }),
    service: given({ type: flags.serviceType }),
    ingress: ingressOf(flags),
    networkPolicies: flags.networkPolicies,
    applicationNamespaces: flags.applicationNamespaces,
    destinationNamespaces: flags.destinationNamespaces,
    url: flags.url,
  })
}

function ingressOf({ ingressHost, ingressClass, ingressTlsSecret }: InstallFlags): JsonObject {
  return given({
    enabled: ingressHost === undefined ? undefined : true,
    host: ingressHost,
    className: ingressClass,
    tls: ingressTlsSecret === undefined ? undefined : { enabled: true, secretName: ingressTlsSecret },
  })
}

/** Without what is undefined, and without what is empty by that. */
function given(fields: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined && !isEmptyObject(value))
  return Object.fromEntries(present) as JsonObject // without the undefined ones
}

function isEmptyObject(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}

export interface ChartWish {
  readonly namespace: string
  readonly values: JsonObject
  readonly includeCrds: boolean
  /** Of the cluster; absent: what helm assumes. */
  readonly kubeVersion?: string
}

/** What `helm template capstan deploy/chart` prints with these values. Throws `bad-input` with helm's text. */
export async function installText(wish: ChartWish): Promise<string> {
  return renderChartText(await inputOf(wish))
}

/** The objects of the same, those first that others stand on: the namespace, then resource types. */
export async function installObjects(wish: ChartWish): Promise<readonly PlainObject[]> {
  const { crds, manifests } = renderChart(await inputOf(wish))
  const texts = [...crds.map(({ bytes }) => Buffer.from(bytes).toString('utf8')), ...manifests.map(({ text }) => text)]
  const objects = texts.flatMap((text) => parseYamlDocuments(text).map(({ value }) => value as unknown as PlainObject)) // a chart of ours
  const isNamespace = ({ kind }: PlainObject): boolean => kind === 'Namespace'
  return [...objects.filter(isNamespace), ...objects.filter((object) => !isNamespace(object))]
}

async function inputOf({ namespace, values, includeCrds, kubeVersion = '' }: ChartWish): Promise<ChartInput> {
  return {
    files: await readChart(),
    values: { files: [asFile('values', values)] },
    releaseName: RELEASE,
    namespace,
    kubeVersion,
    apiVersions: [],
    includeCrds,
  }
}

async function readChart(): Promise<readonly ChartFile[]> {
  const tree = await diskTree(CHART)
  const files: ChartFile[] = []
  for (const name of await readChartTree(tree, '')) {
    const file = await tree.readFile(name)
    if (file !== undefined) files.push({ name, ...file })
  }
  return files
}
