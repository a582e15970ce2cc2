// Probes of containers and what runs when they start and stop (pkg/apis/core/validation, validateProbe, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, notSupported, requiredValue } from './faults.ts'
import { requiredLists } from './named-faults.ts'
import { nonNegative, portFaults } from './numbers.ts'

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']

/** Faults of a container's `lifecycle` and its probes. */
export function lifecycleFaults(
  container: JsonObject,
  graceSeconds: number | undefined,
  path: string,
): readonly FieldFault[] {
  const lifecycle = objectOf(container['lifecycle'])
  const hooks = ['postStart', 'preStop'].filter((key) => !isAbsent(lifecycle[key]))
  return [
    ...hooks.flatMap((key) => handlerFaults(objectOf(lifecycle[key]), graceSeconds, `${path}.lifecycle.${key}`)),
    ...PROBES.flatMap((key) => probeFaults(container, key, path)),
  ]
}

const TIMES = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']

function probeFaults(container: JsonObject, key: string, path: string): readonly FieldFault[] {
  if (isAbsent(container[key])) return []
  const [probe, field] = [objectOf(container[key]), `${path}.${key}`]
  const faults = [...handlerFaults(probe, undefined, field), ...nonNegative(probe, field, ...TIMES)]
  const grace = probe['terminationGracePeriodSeconds']
  if (!isAbsent(grace) && numberOf(grace) <= 0)
    faults.push(invalidValue(`${field}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'))
  if (key !== 'readinessProbe' && numberOf(probe['successThreshold']) !== 1)
    faults.push(invalidValue(`${field}.successThreshold`, probe['successThreshold'] ?? 0, 'must be 1'))
  return faults
}

const HANDLERS: Readonly<Record<string, (action: JsonObject, field: string) => readonly FieldFault[]>> = {
  exec: (action, field) => requiredLists(action, field, 'command'),
  httpGet: httpFaults,
  tcpSocket: (action, field) => portFaults(action['port'], `${field}.port`),
  grpc: (action, field) => portFaults(action['port'], `${field}.port`),
  sleep: () => [],
}
const HANDLER_TYPES = Object.keys(HANDLERS)

function handlerFaults(handler: JsonObject, graceSeconds: number | undefined, field: string): readonly FieldFault[] {
  const found = HANDLER_TYPES.filter((key) => !isAbsent(handler[key]))
  if (found.length === 0) return [requiredValue(field, 'must specify a handler type')]
  if (found[0] === 'sleep') return sleepFaults(objectOf(handler['sleep']), graceSeconds, `${field}.sleep`)
  return found.flatMap((key, position) =>
    position > 0
      ? [forbiddenValue(`${field}.${key}`, 'may not specify more than 1 handler type')]
      : (HANDLERS[key]?.(objectOf(handler[key]), `${field}.${key}`) ?? []),
  )
}

function sleepFaults(action: JsonObject, graceSeconds: number | undefined, field: string): readonly FieldFault[] {
  const seconds = numberOf(action['seconds'])
  if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
  const text = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
  return [invalidValue(field, seconds, text)]
}

const HEADER_TEXT =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')"

function httpFaults(action: JsonObject, field: string): readonly FieldFault[] {
  const missing = textOf(action['path']) === '' ? [requiredValue(`${field}.path`)] : []
  const scheme = textOf(action['scheme'])
  const ofScheme = ['HTTP', 'HTTPS'].includes(scheme)
    ? []
    : [notSupported(`${field}.scheme`, scheme, ['HTTP', 'HTTPS'])]
  const names = objectsOf(action['httpHeaders']).map((header) => textOf(header['name']))
  const ofHeaders = names
    .filter((name) => !/^[-A-Za-z0-9]+$/.test(name))
    .map((name) => invalidValue(`${field}.httpHeaders`, name, HEADER_TEXT))
  return [...missing, ...portFaults(action['port'], `${field}.port`), ...ofScheme, ...ofHeaders]
}
