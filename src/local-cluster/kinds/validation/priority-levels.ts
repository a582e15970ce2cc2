// How many requests of a priority are served at a time (pkg/apis/flowcontrol/validation, ValidatePriorityLevelConfiguration, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, textOf } from '../edit.ts'
import { forbiddenValue, invalidValue, requiredValue } from './faults.ts'
import { oneOf } from './numbers.ts'

const MAX_QUEUES = 10_000_000
/** Bits of a hash that dealing queues to a hand may use up (apiserver/pkg/util/shufflesharding). */
const MAX_HASH_BITS = 60
const COUNT_TEXT = 'must be a non-negative integer'

export function validatePriorityLevel(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const { type = '', limited, exempt } = spec
  const isExempt = objectOf(object['metadata'])['name'] === 'exempt'
  const faults: FieldFault[] = []
  if (isExempt !== (type === 'Exempt'))
    faults.push(invalidValue('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"))
  switch (type) {
    case 'Exempt':
      if (!isAbsent(limited)) faults.push(forbiddenValue('spec.limited', 'must be nil if the type is not Limited'))
      return isAbsent(exempt) ? faults : [...faults, ...shareFaults(objectOf(exempt), 'spec.exempt')]
    case 'Limited':
      if (!isAbsent(exempt)) faults.push(forbiddenValue('spec.exempt', 'must be nil if the type is Limited'))
      if (isAbsent(limited)) return [...faults, requiredValue('spec.limited', 'must not be empty when type is Limited')]
      return [...faults, ...limitedFaults(objectOf(limited), 'spec.limited')]
    default:
      return [...faults, ...oneOf(type, 'spec.type', ['Exempt', 'Limited'])]
  }
}

function shareFaults(level: JsonObject, path: string): readonly FieldFault[] {
  const [shares, percent] = [level['nominalConcurrencyShares'], level['lendablePercent']]
  const faults = numberOf(shares) < 0 ? [invalidValue(`${path}.nominalConcurrencyShares`, shares, COUNT_TEXT)] : []
  const isShare = isAbsent(percent) || (numberOf(percent) >= 0 && numberOf(percent) <= 100)
  return isShare ? faults : [...faults, invalidValue(`${path}.lendablePercent`, percent, 'must be between 0 and 100, inclusive')] // prettier-ignore
}

function limitedFaults(level: JsonObject, path: string): readonly FieldFault[] {
  const [shares, percent] = [shareFaults({ nominalConcurrencyShares: level['nominalConcurrencyShares'] ?? 0 }, path), shareFaults({ lendablePercent: level['lendablePercent'] ?? 0 }, path)] // prettier-ignore
  const limit = level['borrowingLimitPercent']
  const borrowed = numberOf(limit) < 0 ? [invalidValue(`${path}.borrowingLimitPercent`, limit, `if specified, ${COUNT_TEXT}`)] : [] // prettier-ignore
  return [
    ...shares,
    ...responseFaults(objectOf(level['limitResponse']), `${path}.limitResponse`),
    ...percent,
    ...borrowed,
  ]
}

function responseFaults(response: JsonObject, path: string): readonly FieldFault[] {
  const queuing = response['queuing']
  switch (response['type']) {
    case 'Reject':
      if (isAbsent(queuing)) return []
      return [forbiddenValue(`${path}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')]
    case 'Queue':
      if (!isAbsent(queuing)) return queueFaults(objectOf(queuing), `${path}.queuing`)
      return [requiredValue(`${path}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')]
    default:
      return oneOf(textOf(response['type']), `${path}.type`, ['Queue', 'Reject'])
  }
}

function queueFaults(queuing: JsonObject, path: string): readonly FieldFault[] {
  const [length, queues, hand] = ['queueLengthLimit', 'queues', 'handSize'].map((key) => numberOf(queuing[key]))
  const faults: FieldFault[] = []
  const positive = (key: string): FieldFault => invalidValue(`${path}.${key}`, queuing[key] ?? 0, 'must be positive')
  if ((length ?? 0) <= 0) faults.push(positive('queueLengthLimit'))
  if ((queues ?? 0) <= 0) faults.push(positive('queues'))
  else if ((queues ?? 0) > MAX_QUEUES)
    faults.push(invalidValue(`${path}.queues`, queues, `must not be greater than ${MAX_QUEUES}`))
  if ((hand ?? 0) <= 0) return [...faults, positive('handSize')]
  return [...faults, ...handFaults(queues ?? 0, hand ?? 0, `${path}.handSize`)]
}

function handFaults(queues: number, hand: number, field: string): readonly FieldFault[] {
  if (hand > queues) return [invalidValue(field, hand, `should not be greater than queues (${queues})`)]
  const bits = Math.ceil(Math.log2(queues) * hand)
  const text = `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${MAX_HASH_BITS}`
  return bits > MAX_HASH_BITS ? [invalidValue(field, hand, text)] : []
}
