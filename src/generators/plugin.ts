// The plug-in generator: asks an HTTP service for parameters.
import { CapstanError } from '../base/errors.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { goValueOf } from '../lang/go/json.ts'
import type { GoValue } from '../lang/go/values.ts'
import { DEFAULT_SCM_REQUEUE_MS, type Generator, type GeneratorContext, type Parameters } from './contract.ts'
import { attempt, failed } from './failure.ts'
import { requireFewParameters } from './limits.ts'
import { appendValues, flatParameters, parametersOf } from './parameters.ts'
import { type GeneratorSpec, requeueFrom } from './transform.ts'

type PluginSpec = GeneratorSpec<'plugin'>

/** `POST <baseUrl>/api/v1/getparams.execute` with the token of a Secret (argo-cd v3.5.1 `generators/plugin.go`). */
export const pluginGenerator: Generator<PluginSpec> = {
  async generate(spec, context) {
    const connection = await attempt('error getting plugin from generator', () => connectionOf(spec, context))
    const sets = await attempt('error listing params', () => ask(spec, connection, context))
    requireFewParameters(sets.length, 'plugin')
    return sets.map((set) => completed(set, spec, context))
  },
  requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_SCM_REQUEUE_MS),
}

interface Connection {
  readonly baseUrl: string
  readonly token: string
  readonly timeoutMs?: number
}

async function connectionOf({ configMapRef }: PluginSpec, { services, signal }: GeneratorContext): Promise<Connection> {
  const { controlNamespace } = services
  const settings = await attempt('error fetching ConfigMap', async () => {
    const found = await services.readConfigMap(controlNamespace, configMapRef.name, signal)
    if (found === undefined) throw new CapstanError('not-found', `ConfigMap "${configMapRef.name}" not found`)
    if ((found['baseUrl'] ?? '') === '') throw new CapstanError('bad-input', 'baseUrl not found in ConfigMap')
    if ((found['token'] ?? '') === '') throw new CapstanError('bad-input', 'token not found in ConfigMap')
    return found
  })
  const token = await attempt('error fetching Secret token', () =>
    tokenOf(settings['token'] ?? '', controlNamespace, { services, signal }),
  )
  const timeout = settings['requestTimeout']
  const baseUrl = settings['baseUrl'] ?? ''
  if (timeout === undefined) return { baseUrl, token }
  if (!/^[+-]?\d{1,9}$/.test(timeout)) {
    throw new CapstanError(
      'bad-input',
      `error set requestTimeout : strconv.Atoi: parsing ${JSON.stringify(timeout)}: invalid syntax`,
    )
  }
  const seconds = Number(timeout)
  return seconds > 0 ? { baseUrl, token, timeoutMs: seconds * 1000 } : { baseUrl, token }
}

/** `$key` of argocd-secret, `$secret:key` of another one. */
async function tokenOf(
  reference: string,
  namespace: string,
  { services, signal }: Pick<GeneratorContext, 'services' | 'signal'>,
): Promise<string> {
  if (!reference.startsWith('$')) {
    throw new CapstanError(
      'bad-input',
      "token is empty, or does not reference a secret key starting with '$': write $secret:key",
    )
  }
  const [first = '', ...rest] = reference.slice(1).split(':')
  const secretName = rest.length === 0 ? 'argocd-secret' : first.trim()
  const key = rest.length === 0 ? first : rest.join(':').trim()
  const secret = await attempt(`error fetching secret ${namespace}/${secretName}`, async () => {
    const found = await services.readSecret(namespace, secretName, signal)
    if (found === undefined) throw new CapstanError('not-found', `Secret "${secretName}" not found`)
    return found
  })
  const token = secret.data.get(key)
  if (token === undefined) {
    throw new CapstanError('not-found', `key ${JSON.stringify(key)} in secret ${namespace}/${secretName} not found`)
  }
  return token.reveal().trim()
}

async function ask(
  spec: PluginSpec,
  { baseUrl, token, timeoutMs }: Connection,
  { applicationSet, services, signal }: GeneratorContext,
): Promise<readonly JsonObject[]> {
  const name = applicationSet.metadata.name ?? ''
  const parameters = spec.input?.parameters
  const body = { applicationSetName: name, input: parameters === undefined ? {} : { parameters } }
  return attempt(`error get api '${name}'`, async () => {
    const answer = await services.http({
      method: 'POST',
      url: `${baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`}api/v1/getparams.execute`,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${token}`,
        'user-agent': 'argocd-applicationset',
      },
      body: `${JSON.stringify(body)}\n`,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      signal,
    })
    if (answer.status < 200 || answer.status >= 300) throw apiError(answer.status, answer.text)
    return outputOf(answer.text)
  })
}

/** Characters of an answer that an error repeats. */
const MAX_SHOWN = 500

function apiError(status: number, text: string): CapstanError {
  const json = tryJson(text)
  const said = isObject(json) ? (json['message'] ?? json['error']) : undefined
  const shown = isObject(json) ? (typeof said === 'string' ? said : '') : text
  return new CapstanError('unavailable', `API error with status code ${status}: ${shown.slice(0, MAX_SHOWN)}`)
}

function outputOf(text: string): readonly JsonObject[] {
  if (text.trim() === '') return []
  const json = tryJson(text)
  const output = isObject(json) ? (json['output'] ?? {}) : undefined
  const parameters = isObject(output) ? (output['parameters'] ?? []) : undefined
  if (Array.isArray(parameters) && parameters.every(isObject)) return parameters
  throw new CapstanError(
    'bad-input',
    `the plug-in's answer is no {"output":{"parameters":[…]}}: ${text.slice(0, MAX_SHOWN)}`,
  )
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue // what JSON.parse gives is one
  } catch {
    // What is no JSON is shown as it came.
    return undefined
  }
}

function completed(set: JsonObject, spec: PluginSpec, { renderer }: GeneratorContext): Parameters {
  const parameters = renderer.isGoTemplate ? parametersOf(set) : flatParameters(parametersOf(set))
  const input = new Map<GoValue, GoValue>([['parameters', goValueOf(spec.input?.parameters ?? {})]])
  parameters.set('generator', new Map<GoValue, GoValue>([['input', input]]))
  try {
    appendValues(parameters, spec.values, renderer)
  } catch (error) {
    throw failed('error generating params', error)
  }
  return parameters
}
