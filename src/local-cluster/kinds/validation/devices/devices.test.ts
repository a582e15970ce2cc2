// Claims and slices of devices: what has a limit is refused past it, and what is not one of several is told.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject, JsonValue } from '../../../../kube/object.ts'
import type { FieldFault } from '../../contract.ts'
import { rulesFor } from '../../rules.ts'

type Case = readonly [what: string, object: JsonObject, told: readonly string[]]

function told(kind: string, spec: JsonObject, old?: JsonObject): readonly string[] {
  const rules = rulesFor({ group: 'resource.k8s.io', version: 'v1', kind })
  assert.ok(rules?.validate !== undefined)
  const object = (one: JsonObject): never => ({ metadata: { name: 'a' }, spec: one }) as never // all that validation reads
  const faults: readonly FieldFault[] = rules.validate(object(spec), old === undefined ? undefined : object(old))
  return faults.map(({ field, message }) => `${field}: ${message}`)
}

function many<T extends JsonValue>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_none, index) => make(index))
}

const EXACTLY: JsonObject = { deviceClassName: 'gpu.example.com', allocationMode: 'ExactCount', count: 1 }

function claim(devices: JsonObject): JsonObject {
  return { devices: { requests: [{ name: 'main', exactly: EXACTLY }], ...devices } }
}

function selecting(expression: string): JsonObject {
  return claim({ requests: [{ name: 'main', exactly: { ...EXACTLY, selectors: [{ cel: { expression } }] } }] })
}

const SELECTOR = 'spec.devices.requests[0].exactly.selectors[0].cel.expression'
const costly = many(3, (at) => `device.attributes.all(k${at}, device.attributes[k${at}].all(v${at}, `).join('')
const CONFIG = { opaque: { driver: 'gpu.example.com', parameters: { text: 'x'.repeat(10 * 1024) } } }
const CONSTRAINT = { requests: ['main'], matchAttribute: 'gpu.example.com/numa' }
const NO_REQUEST =
  "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

const CLAIMS: readonly Case[] = [
  ['a right claim', claim({ constraints: [CONSTRAINT] }), []],
  ['33 requests', claim({ requests: many(33, (at) => ({ name: `r${at}`, exactly: EXACTLY })) }), ['spec.devices.requests: Too many: 33: must have at most 32 items']], // prettier-ignore
  ['33 constraints', claim({ constraints: many(33, () => CONSTRAINT) }), ['spec.devices.constraints: Too many: 33: must have at most 32 items']], // prettier-ignore
  ['33 configurations', claim({ config: many(33, () => CONFIG) }), ['spec.devices.config: Too many: 33: must have at most 32 items']], // prettier-ignore
  ['9 alternatives', claim({ requests: [{ name: 'main', firstAvailable: many(9, (at) => ({ ...EXACTLY, name: `r${at}` })) }] }), ['spec.devices.requests[0].firstAvailable: Too many: 9: must have at most 8 items']], // prettier-ignore
  ['33 selectors', claim({ requests: [{ name: 'main', exactly: { ...EXACTLY, selectors: many(33, () => ({ cel: { expression: 'true' } })) } }] }), ['spec.devices.requests[0].exactly.selectors: Too many: 33: must have at most 32 items']], // prettier-ignore
  ['large parameters', claim({ config: [CONFIG] }), ['spec.devices.config[0].opaque.parameters: Too long: may not be more than 10240 bytes']], // prettier-ignore
  ['a long expression', selecting(`true || ${'"x" == "y" || '.repeat(1000)}true`), [`${SELECTOR}: Too long: may not be more than 10240 bytes`]], // prettier-ignore
  ['a costly expression', selecting(`${costly}true${'))'.repeat(3)}`), [`${SELECTOR}: Forbidden: too complex, exceeds cost limit`]], // prettier-ignore
  ['an expression of another type', selecting('device.driver'), [`${SELECTOR}: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`]], // prettier-ignore
  ['an attribute of unknown type', selecting('device.attributes["gpu.example.com"].large'), []],
  ['neither exactly nor firstAvailable', claim({ requests: [{ name: 'main' }] }), ['spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required']], // prettier-ignore
  ['both of them', claim({ requests: [{ name: 'main', exactly: EXACTLY, firstAvailable: [{ ...EXACTLY, name: 'x' }] }] }), ['spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set']], // prettier-ignore
  ['a reference to no request', claim({ constraints: [{ ...CONSTRAINT, requests: ['other'] }] }), [`spec.devices.constraints[0].requests[0]: Invalid value: "other": ${NO_REQUEST}`]], // prettier-ignore
  ['all of some number', claim({ requests: [{ name: 'main', exactly: { ...EXACTLY, allocationMode: 'All' } }] }), ["spec.devices.requests[0].exactly.count: Invalid value: 1: must not be specified when allocationMode is 'All'"]], // prettier-ignore
]

function slice(more: JsonObject): JsonObject {
  const pool = { name: 'node-a', generation: 0, resourceSliceCount: 1 }
  return { driver: 'gpu.example.com', nodeName: 'node-a', pool, ...more }
}

function device(more: JsonObject): JsonObject {
  return slice({ devices: [{ name: 'gpu', ...more }] })
}

const TAINT = { key: 'broken', effect: 'NoSchedule' }
const names = (count: number, value: JsonObject): JsonObject => Object.fromEntries(many(count, (at) => [`n${at}`, value])) // prettier-ignore
const AMOUNT = { value: '1' }

const SLICES: readonly Case[] = [
  ['a right slice', slice({ devices: many(128, (at) => ({ name: `gpu-${at}` })) }), []],
  ['129 devices', slice({ devices: many(129, (at) => ({ name: `gpu-${at}` })) }), ['spec.devices: Too many: 129: must have at most 128 items']], // prettier-ignore
  ['65 devices with a taint', slice({ devices: many(65, (at) => ({ name: `gpu-${at}`, taints: [TAINT] })) }), ['spec.devices: Too many: 65: must have at most 64 items']], // prettier-ignore
  ['17 taints', device({ taints: many(17, () => TAINT) }), ['spec.devices[0].taints: Too many: 17: must have at most 16 items']], // prettier-ignore
  ['33 attributes', device({ attributes: names(33, { int: 1 }) }), ['spec.devices[0]: Invalid value: 33: the total number of attributes and capacities must not exceed 32']], // prettier-ignore
  ['49 values', device({ attributes: { n: { ints: many(49, (at) => at) } } }), ['spec.devices[0]: Invalid value: 49: the total number of attribute values must not exceed 48']], // prettier-ignore
  ['a long value', device({ attributes: { n: { string: 'x'.repeat(65) } } }), ['spec.devices[0].attributes[n].string: Too long: may not be more than 64 bytes']], // prettier-ignore
  ['a long name', device({ attributes: { ['n'.repeat(33)]: { int: 1 } } }), ['spec.devices[0].attributes: Too long: may not be more than 32 bytes']], // prettier-ignore
  ['an attribute of two values', device({ attributes: { n: { int: 1, bool: true } } }), ['spec.devices[0].attributes[n]: Invalid value: {"IntValue":1,"BoolValue":true,"StringValue":null,"VersionValue":null,"IntValues":null,"BoolValues":null,"StringValues":null,"VersionValues":null}: exactly one value must be specified']], // prettier-ignore
  ['33 counters', slice({ sharedCounters: [{ name: 'a', counters: names(33, AMOUNT) }] }), ['spec.sharedCounters[0].counters: Too many: 33: must have at most 32 items']], // prettier-ignore
  ['9 sets of counters', slice({ sharedCounters: many(9, (at) => ({ name: `a${at}`, counters: { n: AMOUNT } })) }), ['spec.sharedCounters: Too many: 9: must have at most 8 items']], // prettier-ignore
  ['3 consumed sets', device({ consumesCounters: many(3, (at) => ({ counterSet: `a${at}`, counters: { n: AMOUNT } })) }), ['spec.devices[0].consumesCounters: Too many: 3: must have at most 2 items']], // prettier-ignore
  ['5 conditions', device({ bindingConditions: many(5, (at) => `c${at}`), bindingFailureConditions: ['d'] }), ['spec.devices[0].bindingConditions: Too many: 5: must have at most 4 items']], // prettier-ignore
  ['11 amounts', device({ allowMultipleAllocations: true, capacity: { n: { value: '20', requestPolicy: { default: '1', validValues: many(11, (at) => String(at + 1)) } } } }), ['spec.devices[0].capacity[n].requestPolicy.validValues: Too many: 11: must have at most 10 items', 'spec.devices[0].capacity[n].requestPolicy.validValues: Invalid value: "1": default value is not valid according to the requestPolicy']], // prettier-ignore
  ['a step of nothing', device({ allowMultipleAllocations: true, capacity: { n: { value: '20', requestPolicy: { default: '1', validRange: { min: '1', step: '0' } } } } }), ['spec.devices[0].capacity[n].requestPolicy.validRange.step: Invalid value: "1": value is not a multiple of a given step (0) from (1)']], // prettier-ignore
  ['a long pool', slice({ pool: { name: `${'a'.repeat(200)}/${'b'.repeat(60)}`, resourceSliceCount: 1 } }), ['spec.pool.name: Too long: may not be more than 253 bytes']], // prettier-ignore
]

describe('devices', () => {
  for (const [what, spec, wanted] of CLAIMS)
    test(`judges a claim: ${what}`, () => assert.deepEqual(told('ResourceClaim', spec), wanted))

  for (const [what, spec, wanted] of SLICES)
    test(`judges a slice: ${what}`, () => assert.deepEqual(told('ResourceSlice', spec), wanted))

  test('keeps the spec of a claim as it was made', () => {
    const [said = ''] = told('ResourceClaim', claim({ constraints: [CONSTRAINT] }), claim({}))

    assert.match(said, /^spec: Invalid value: \{"Devices":.*field is immutable$/)
  })

  test('counts one device where a request says nothing, and tolerates by equality', () => {
    const rules = rulesFor({ group: 'resource.k8s.io', version: 'v1', kind: 'ResourceClaim' })
    const request = { name: 'main', exactly: { deviceClassName: 'x', tolerations: [{ key: 'a' }] } }

    const filled = rules?.setDefaults?.({ spec: { devices: { requests: [request] } } } as never) // all that defaults read

    const tolerations = [{ key: 'a', operator: 'Equal' }]
    const exactly = { deviceClassName: 'x', tolerations, allocationMode: 'ExactCount', count: 1 }
    assert.deepEqual(filled, { spec: { devices: { requests: [{ name: 'main', exactly }] } } })
  })
})
