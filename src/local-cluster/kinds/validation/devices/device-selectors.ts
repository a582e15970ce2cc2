// Expressions that choose devices (k8s.io/dynamic-resource-allocation/cel, v0.36.3).
import type { Environment } from '@marcbachmann/cel-js'
import { Buffer } from 'node:buffer'
import { CapstanError } from '../../../../base/errors.ts'
import type { JsonObject } from '../../../../kube/object.ts'
import type { Bounds } from '../../../apiserver/crd/cel/declared-bounds.ts'
import { createLibrary } from '../../../apiserver/crd/cel/library.ts'
import { compileExpression, type Program } from '../../../apiserver/crd/cel/program.ts'
import type { FieldFault } from '../../contract.ts'
import { isAbsent, objectOf, objectsOf, textOf } from '../../edit.ts'
import { certainFault } from '../expressions.ts'
import { forbiddenValue, invalidValue, requiredValue, tooLong } from '../faults.ts'
import { itemFaults } from './device-names.ts'

const MAX_SELECTORS = 32
/** `CELSelectorExpressionMaxLength`, in bytes. */
const MAX_EXPRESSION_BYTES = 10 * 1024
/** `CELSelectorExpressionMaxCost` */
const MAX_EXPRESSION_COST = 1_000_000

/** What a device has at most, for the cost of an expression. */
const MAX_ENTRIES = 32
const MAX_DOMAIN = 63
const MAX_IDENTIFIER = 32
const MAX_VALUE = 64
const DEVICE: Bounds = {
  maxElements: 0,
  minSize: 2,
  fields: new Map([
    ['driver', sized(MAX_DOMAIN)],
    ['allowMultipleAllocations', sized(1)],
    ['attributes', mapOf(sized(MAX_VALUE))],
    ['capacity', mapOf(sized(0))],
  ]),
}

function sized(maxElements: number): Bounds {
  return { maxElements, minSize: 1 }
}

/** By domain, then by name. */
function mapOf(values: Bounds): Bounds {
  const byName = { maxElements: MAX_ENTRIES, minSize: 2, keys: sized(MAX_IDENTIFIER), elements: values }
  return { maxElements: MAX_ENTRIES, minSize: 2, keys: sized(MAX_DOMAIN), elements: byName }
}

/** Faults of `selectors`. */
export function deviceSelectorFaults(owner: JsonObject, field: string): readonly FieldFault[] {
  const selectors = objectsOf(owner['selectors'])
  if (selectors.length === 0) return []
  const environment = deviceEnvironment()
  return itemFaults(selectors, `${field}.selectors`, MAX_SELECTORS, ({ cel }, path) =>
    isAbsent(cel)
      ? [requiredValue(`${path}.cel`)]
      : expressionFaults(environment, textOf(objectOf(cel)['expression']), `${path}.cel.expression`),
  )
}

function expressionFaults(environment: Environment, expression: string, field: string): readonly FieldFault[] {
  if (Buffer.byteLength(expression) > MAX_EXPRESSION_BYTES) return [tooLong(field, MAX_EXPRESSION_BYTES)]
  let program: Program
  try {
    program = compileExpression(environment, expression)
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    const text = certainFault(error, expression)
    return text === undefined ? [] : [invalidValue(field, expression, text)]
  }
  const { type } = program
  if (type !== 'bool' && type !== 'dyn')
    return [invalidValue(field, expression, `must evaluate to bool or the unknown type, not ${type}`)]
  if (program.highestCost(DEVICE) <= MAX_EXPRESSION_COST) return []
  return [forbiddenValue(field, 'too complex, exceeds cost limit')]
}

function deviceEnvironment(): Environment {
  const environment = createLibrary()
  class Device {}
  const fields = {
    driver: 'string',
    allowMultipleAllocations: 'bool',
    attributes: 'map<string, map<string, dyn>>',
    capacity: 'map<string, map<string, kubernetes.Quantity>>',
  }
  environment.registerType('kubernetes.DRADevice', { ctor: Device, fields } as never) // read by their names alone
  environment.registerVariable('device', 'kubernetes.DRADevice')
  return environment
}
