// Names of signers of certificates: `example.com/serving` (pkg/apis/core/validation/names.go, 1.36.3).
import type { FieldFault } from '../contract.ts'
import { invalidValue, requiredValue, tooLong } from './faults.ts'
import { dnsLabel, dnsSubdomain, type TextRule } from './names.ts'

const MAX_DOMAIN = 253
/** A subdomain, a dot and a label. */
const MAX_PATH = 253 + 1 + 63

/** Faults of a signer's name, which must be there. */
export function signerNameFaults(name: string, field: string): readonly FieldFault[] {
  if (name === '') return [requiredValue(field)]
  const [domain = '', path, ...more] = name.split('/')
  if (path === undefined || more.length > 0)
    return [invalidValue(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")] // prettier-ignore
  const faults = domain.length > MAX_DOMAIN ? [tooLong(field, MAX_DOMAIN)] : []
  faults.push(...labelsOf(domain, field, dnsLabel))
  if (!domain.includes('.'))
    faults.push(invalidValue(field, domain, 'should be a domain with at least two segments separated by dots'))
  faults.push(...labelsOf(path, field, dnsSubdomain))
  return path.length > MAX_PATH ? [...faults, tooLong(field, MAX_PATH)] : faults
}

/** The first label that is wrong; more of them would say no more. */
function labelsOf(text: string, field: string, rule: TextRule): readonly FieldFault[] {
  const wrong = text.split('.').find((label) => rule(label).length > 0)
  if (wrong === undefined) return []
  return rule(wrong).map((said) => invalidValue(field, text, `validating label ${JSON.stringify(wrong)}: ${said}`))
}
