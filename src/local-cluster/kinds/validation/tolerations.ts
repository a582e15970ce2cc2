// Taints that pods tolerate (pkg/apis/core/validation, ValidateTolerations, 1.36.3).
import { labelKeyFaults, labelValueFaults } from '../../../kube/label-names.ts'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, objectsOf, textOf } from '../edit.ts'
import { invalidValue, notSupported } from './faults.ts'

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/** Faults of `tolerations`. */
export function tolerationFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  return objectsOf(spec['tolerations']).flatMap((toleration, index) => {
    const path = `${field}[${index}]`
    const [key, operator, effect] = [textOf(toleration['key']), textOf(toleration['operator']), textOf(toleration['effect'])] // prettier-ignore
    const faults = key === '' ? [] : labelKeyFaults(key).map((text) => invalidValue(`${path}.key`, key, text))
    if (key === '' && operator !== 'Exists')
      faults.push(invalidValue(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')) // prettier-ignore
    if (!isAbsent(toleration['tolerationSeconds']) && effect !== 'NoExecute')
      faults.push(invalidValue(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
    faults.push(...operatorFaults(toleration, path))
    if (effect !== '' && !EFFECTS.includes(effect)) faults.push(notSupported(`${path}.effect`, effect, EFFECTS))
    return faults
  })
}

function operatorFaults(toleration: JsonObject, path: string): readonly FieldFault[] {
  const [operator, value] = [textOf(toleration['operator']), textOf(toleration['value'])]
  switch (operator) {
    case '':
    case 'Equal': {
      const texts = labelValueFaults(value)
      return texts.length === 0 ? [] : [invalidValue(`${path}.operator`, value, texts.join(';'))]
    }
    case 'Exists':
      return value === ''
        ? []
        : [invalidValue(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")]
    default:
      return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])]
  }
}
