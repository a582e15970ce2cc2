// The environment a plug-in is given: the application's build environment, its parameters, and nothing of this process'.
import type { ApplicationSourcePlugin } from '../../crds/application.ts'
import { buildEnvironment, substituteEnvironment } from '../build-environment.ts'
import type { RenderRequest } from '../renderer.ts'

export interface EnvironmentEntry {
  readonly name: string
  readonly value: string
}

/** In the order upstream adds them; of several of one name the last counts (argo-cd v3.5.1 getPluginEnvs). */
export function pluginEnvironment(request: RenderRequest): readonly EnvironmentEntry[] {
  const { kubeVersion, apiVersions } = request.cluster
  const own = new Map([
    ...buildEnvironment(request),
    ['KUBE_VERSION', kubeVersion.replace(/^v/, '')],
    ['KUBE_API_VERSIONS', apiVersions.join(',')],
  ])
  const entries = Array.from(own, ([name, value]): EnvironmentEntry => ({ name, value }))
  const { plugin } = request.source
  if (plugin === undefined) return entries
  for (const { name, value = '' } of plugin.env ?? []) {
    entries.push({ name: `ARGOCD_ENV_${name}`, value: substituteEnvironment(value, own) })
  }
  return [...entries, ...parameterEntries(plugin.parameters ?? [])]
}

type Parameter = NonNullable<ApplicationSourcePlugin['parameters']>[number]

/** `ARGOCD_APP_PARAMETERS` as JSON with its keys sorted, and a variable for each value. */
function parameterEntries(parameters: readonly Parameter[]): EnvironmentEntry[] {
  const json = parameters.length === 0 ? 'null' : goJson(parameters.map(sortedFields))
  const entries: EnvironmentEntry[] = [{ name: 'ARGOCD_APP_PARAMETERS', value: json }]
  for (const parameter of parameters) {
    const base = `PARAM_${escaped(parameter.name ?? '')}`
    if (parameter.string !== undefined) entries.push({ name: base, value: parameter.string })
    for (const [key, value] of Object.entries(parameter.map ?? {})) {
      entries.push({ name: `${base}_${escaped(key)}`, value })
    }
    for (const [index, value] of (parameter.array ?? []).entries()) entries.push({ name: `${base}_${index}`, value })
  }
  return entries
}

function sortedFields({ array, map, name, string }: Parameter): object {
  const sortedMap = map && Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { array, map: sortedMap, name, string }
}

/** Go's encoder escapes what could end a script. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function escaped(name: string): string {
  return name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')
}
