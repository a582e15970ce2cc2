// The cluster decision generator: clusters that another controller has listed in the status of its resource.
import { CapstanError } from '../base/errors.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { goValueOf } from '../lang/go/json.ts'
import { formatValue } from '../lang/go/print.ts'
import { mapOfValue } from '../lang/go/values.ts'
import type { GoValue } from '../lang/go/values.ts'
import { selectorText } from './clusters.ts'
import {
  DEFAULT_REQUEUE_MS,
  type Generator,
  type GeneratorContext,
  type ObjectQuery,
  type Parameters,
} from './contract.ts'
import { attempt } from './failure.ts'
import { stringMapOf } from './parameters.ts'
import { type GeneratorSpec, requeueFrom } from './transform.ts'

type DecisionSpec = GeneratorSpec<'clusterDecisionResource'>

/** Its `values` are no templates; decisions of unknown clusters are left out (argo-cd v3.5.1 `generators/duck_type.go`). */
export const clusterDecisionGenerator: Generator<DecisionSpec> = {
  async generate(spec, context) {
    const settings = await attempt('error reading configMapRef', () => readSettings(spec, context))
    const query = queryOf(spec, settings)
    const resources = await attempt('failed to get dynamic resources', () =>
      context.services.listObjects(query, context.signal),
    )
    if (resources.length === 0) throw new CapstanError('not-found', 'no clusterDecisionResources found')
    const matchKey = settings['matchKey'] ?? ''
    if (matchKey === '') return []
    const decisions = decisionsOf(resources, settings['statusListKey'] || 'clusters')
    return decisions.flatMap((decision) => parametersOfDecision(decision, matchKey, { spec, context }))
  },
  requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_REQUEUE_MS),
}

type Settings = Readonly<Record<string, string>>

async function readSettings({ configMapRef }: DecisionSpec, { services, signal }: GeneratorContext): Promise<Settings> {
  const found = await services.readConfigMap(services.controlNamespace, configMapRef, signal)
  if (found === undefined) throw new CapstanError('not-found', `configmaps ${JSON.stringify(configMapRef)} not found`)
  return found
}

function queryOf({ name = '', labelSelector }: DecisionSpec, settings: Settings): ObjectQuery {
  const apiVersion = settings['apiVersion'] ?? ''
  const slash = apiVersion.indexOf('/')
  const resource = settings['kind'] ?? ''
  if (resource === '' || slash < 1) {
    throw new CapstanError('bad-input', 'there is a problem with the apiVersion, kind or resourceName provided')
  }
  const isSelecting = labelSelector?.matchLabels !== undefined || labelSelector?.matchExpressions !== undefined
  if ((name === '') !== isSelecting) {
    throw new CapstanError(
      'bad-input',
      'there is a problem with the definition of the ClusterDecisionResource generator',
    )
  }
  const type = { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), resource }
  return name === '' ? { ...type, labelSelector: selectorText(labelSelector) } : { ...type, name }
}

function decisionsOf(resources: readonly KubeObject[], listKey: string): readonly JsonObject[] {
  return resources.flatMap((resource) => {
    const status: unknown = 'status' in resource ? resource.status : undefined
    // Objects of an API server are JSON.
    const fields = status as JsonValue | undefined
    if (!isObject(fields) || Object.keys(fields).length === 0) return []
    const list = fields[listKey]
    return Array.isArray(list) ? list.filter(isObject) : []
  })
}

interface Scope {
  readonly spec: DecisionSpec
  readonly context: GeneratorContext
}

function parametersOfDecision(decision: JsonObject, matchKey: string, { spec, context }: Scope): Parameters[] {
  const wanted = decision[matchKey]
  const name = wanted === undefined || wanted === null ? '' : formatValue(goValueOf(wanted))
  const cluster = name === '' ? undefined : context.services.clusters().find((one) => one.name === name)
  if (cluster === undefined) return []
  const parameters: Parameters = new Map<GoValue, GoValue>([
    ['name', cluster.name],
    ['server', cluster.server],
  ])
  for (const [key, value] of Object.entries(decision)) parameters.set(key, formatValue(goValueOf(value)))
  if (Object.keys(spec.values ?? {}).length > 0) addValues(parameters, spec.values ?? {}, context.renderer.isGoTemplate)
  return [parameters]
}

function addValues(parameters: Parameters, values: Readonly<Record<string, string>>, isGoTemplate: boolean): void {
  if (!isGoTemplate) {
    for (const [key, value] of Object.entries(values)) parameters.set(`values.${key}`, value)
    return
  }
  const own = Object.fromEntries(
    [...(mapOfValue(parameters.get('values') ?? null) ?? [])].map(([k, v]) => [formatValue(k), formatValue(v)]),
  )
  parameters.set('values', stringMapOf({ ...own, ...values }))
}
