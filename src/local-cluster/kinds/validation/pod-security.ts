// Security contexts of pods and containers (pkg/apis/core/validation, ValidateSecurityContext, 1.36.3).
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { duplicate, invalidValue, notSupported, requiredValue, tooLong } from './faults.ts'
import { internalValue } from './internal-values.ts'
import { descendingPath } from './paths.ts'

const MAX_ID = 2 ** 31 - 1
const MAX_SYSCTL = 253
const SYSCTL = '([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const IS_SYSCTL = new RegExp(`^${SYSCTL}$`)
/** PATH_MAX without its last byte. */
const MAX_PROFILE = 4095

/** Faults of a pod's `securityContext`. */
export function podSecurityFaults(spec: JsonObject, field: string): readonly FieldFault[] {
  const context = objectOf(spec['securityContext'])
  const faults = [...idFaults(context, field, 'fsGroup', 'runAsUser', 'runAsGroup')]
  for (const [index, id] of listOf(context['supplementalGroups']).entries())
    faults.push(...rangeFaults(id, `${field}.supplementalGroups[${index}]`))
  if (spec['hostPID'] === true && spec['shareProcessNamespace'] === true)
    faults.push(invalidValue(`${field}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled')) // prettier-ignore
  return [
    ...faults,
    ...sysctlFaults(context, `${field}.sysctls`),
    ...choiceFaults(context, 'fsGroupChangePolicy', field, ['Always', 'OnRootMismatch']),
    ...seccompFaults(context, `${field}.seccompProfile`),
    ...appArmorFaults(context, `${field}.appArmorProfile`),
    ...choiceFaults(context, 'supplementalGroupsPolicy', field, ['Merge', 'Strict']),
    ...choiceFaults(context, 'seLinuxChangePolicy', field, ['MountOption', 'Recursive']),
  ]
}

/** Faults of a container's `securityContext`. */
export function containerSecurityFaults(context: JsonObject, field: string): readonly FieldFault[] {
  const isTied = context['allowPrivilegeEscalation'] === false
  const faults = [
    ...idFaults(context, field, 'runAsUser', 'runAsGroup'),
    ...choiceFaults(context, 'procMount', field, ['Default', 'Unmasked']),
    ...seccompFaults(context, `${field}.seccompProfile`),
  ]
  const says = (what: string): FieldFault =>
    invalidValue(field, internalValue('SecurityContext', context), `cannot set \`allowPrivilegeEscalation\` to false and ${what}`) // prettier-ignore
  if (isTied && context['privileged'] === true) faults.push(says('`privileged` to true'))
  if (isTied && listOf(objectOf(context['capabilities'])['add']).includes('CAP_SYS_ADMIN'))
    faults.push(says('`capabilities.Add` CAP_SYS_ADMIN'))
  return [...faults, ...appArmorFaults(context, `${field}.appArmorProfile`)]
}

function idFaults(context: JsonObject, field: string, ...keys: readonly string[]): readonly FieldFault[] {
  return keys.flatMap((key) => (isAbsent(context[key]) ? [] : rangeFaults(context[key], `${field}.${key}`)))
}

function rangeFaults(id: JsonValue | undefined, field: string): readonly FieldFault[] {
  const number = numberOf(id)
  return number >= 0 && number <= MAX_ID ? [] : [invalidValue(field, id, `must be between 0 and ${MAX_ID}, inclusive`)]
}

function choiceFaults(
  context: JsonObject,
  key: string,
  field: string,
  choices: readonly string[],
): readonly FieldFault[] {
  const value = context[key]
  return isAbsent(value) || choices.includes(textOf(value)) ? [] : [notSupported(`${field}.${key}`, value, choices)]
}

function sysctlFaults(context: JsonObject, field: string): readonly FieldFault[] {
  const names = new Set<string>()
  return objectsOf(context['sysctls']).flatMap((one, index) => {
    const name = textOf(one['name'])
    const at = `${field}[${index}].name`
    const isKnown = names.has(name)
    names.add(name)
    if (name === '') return [requiredValue(at)]
    if (name.length > MAX_SYSCTL || !IS_SYSCTL.test(name))
      return [invalidValue(at, name, `must have at most ${MAX_SYSCTL} characters and match regex ^${SYSCTL}$`)]
    return isKnown ? [duplicate(at, name)] : []
  })
}

const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined']

function seccompFaults(context: JsonObject, field: string): readonly FieldFault[] {
  const profile = context['seccompProfile']
  if (isAbsent(profile)) return []
  const { type = '', localhostProfile: path } = objectOf(profile)
  const faults: FieldFault[] = []
  if (type === '') faults.push(requiredValue(`${field}.type`, 'type is required when seccompProfile is set'))
  else if (!PROFILES.includes(textOf(type))) faults.push(notSupported(`${field}.type`, type, PROFILES))
  const at = `${field}.localhostProfile`
  if (type !== 'Localhost') {
    const printed = { Type: type, LocalhostProfile: path ?? null }
    return isAbsent(path) ? faults : [...faults, invalidValue(at, printed, 'can only be set when seccomp type is Localhost')] // prettier-ignore
  }
  if (isAbsent(path)) return [...faults, requiredValue(at, 'must be set when seccomp type is Localhost')]
  return [...faults, ...descendingPath(textOf(path), at)]
}

function appArmorFaults(context: JsonObject, field: string): readonly FieldFault[] {
  const profile = context['appArmorProfile']
  if (isAbsent(profile)) return []
  const { type = '', localhostProfile } = objectOf(profile)
  const at = `${field}.localhostProfile`
  switch (type) {
    case 'Localhost':
      return localhostFaults(localhostProfile, at)
    case 'RuntimeDefault':
    case 'Unconfined':
      return isAbsent(localhostProfile) ? [] : [invalidValue(at, localhostProfile, 'can only be set when AppArmor type is Localhost')] // prettier-ignore
    case '':
      return [requiredValue(`${field}.type`, 'type is required when appArmorProfile is set')]
    default:
      return [notSupported(`${field}.type`, type, PROFILES)]
  }
}

function localhostFaults(profile: JsonValue | undefined, field: string): readonly FieldFault[] {
  const text = textOf(profile)
  const faults: FieldFault[] = []
  if (text !== text.trim()) faults.push(invalidValue(field, text, 'must not be padded with whitespace'))
  else if (text === '') faults.push(requiredValue(field, 'must be set when AppArmor type is Localhost'))
  return text.length > MAX_PROFILE ? [...faults, tooLong(field, MAX_PROFILE)] : faults
}
