// Groups of the API that others serve (kube-aggregator/pkg/apis/apiregistration/validation, 0.36.3).
import { Buffer } from 'node:buffer'
import type { JsonObject } from '../../../kube/object.ts'
import type { FieldFault } from '../contract.ts'
import { isAbsent, numberOf, objectOf, textOf } from '../edit.ts'
import { invalidValue, requiredValue } from './faults.ts'
import { nameIfSet, requiredTexts, ruleFaults } from './named-faults.ts'
import { dnsSubdomain, letterLabel, pathSegment, portNumber } from './names.ts'

const MAX_GROUP_PRIORITY = 20_000
const MAX_VERSION_PRIORITY = 1000

export function validateApiService(object: JsonObject): readonly FieldFault[] {
  const spec = objectOf(object['spec'])
  const [group, version] = [textOf(spec['group']), textOf(spec['version'])]
  const faults = [...nameFaults(textOf(objectOf(object['metadata'])['name']), `${version}.${group}`)]
  if (group === '' && version !== 'v1')
    faults.push(requiredValue('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
  faults.push(...nameIfSet(group, 'spec.group', dnsSubdomain), ...ruleFaults(version, 'spec.version', letterLabel))
  faults.push(...priorityFaults(spec, 'groupPriorityMinimum', MAX_GROUP_PRIORITY))
  faults.push(...priorityFaults(spec, 'versionPriority', MAX_VERSION_PRIORITY))
  return [...faults, ...(isAbsent(spec['service']) ? localFaults(spec) : serviceFaults(spec))]
}

function nameFaults(name: string, wanted: string): FieldFault[] {
  // The registry has looked at the name as a segment of a path before.
  if (name === '' || name === wanted || pathSegment(name).length > 0) return []
  return [invalidValue('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)]
}

function priorityFaults(spec: JsonObject, key: string, maximum: number): readonly FieldFault[] {
  const priority = numberOf(spec[key])
  if (priority > 0 && priority <= maximum) return []
  return [invalidValue(`spec.${key}`, priority, `must be positive and less than ${maximum}`)]
}

function localFaults(spec: JsonObject): readonly FieldFault[] {
  const bytes = Buffer.byteLength(textOf(spec['caBundle']), 'base64')
  const faults = bytes === 0 ? [] : [invalidValue('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle')] // prettier-ignore
  if (spec['insecureSkipTLSVerify'] !== true) return faults
  return [...faults, invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')] // prettier-ignore
}

function serviceFaults(spec: JsonObject): readonly FieldFault[] {
  const service = objectOf(spec['service'])
  const port = numberOf(service['port'])
  const faults = requiredTexts(service, 'spec.service', 'namespace', 'name')
  const texts = portNumber(port)
  if (texts.length > 0) faults.push(invalidValue('spec.service.port', port, `port is not valid: ${texts.join(', ')}`))
  if (spec['insecureSkipTLSVerify'] === true && textOf(spec['caBundle']) !== '')
    faults.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'))
  return faults
}
