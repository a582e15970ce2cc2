// Names as Kubernetes takes them: DNS labels, subdomains, path segments, qualified names (apimachinery `validation`, v0.36.3).
import type { Resource } from './resource.ts'

export type NameRule = 'subdomain' | 'label' | 'service' | 'path-segment'

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
const SERVICE_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

const MAX_LABEL = 63
const MAX_SUBDOMAIN = 253

const RULES: Readonly<Record<string, NameRule>> = {
  '/namespaces': 'label',
  '/services': 'service',
  'rbac.authorization.k8s.io/roles': 'path-segment',
  'rbac.authorization.k8s.io/rolebindings': 'path-segment',
  'rbac.authorization.k8s.io/clusterroles': 'path-segment',
  'rbac.authorization.k8s.io/clusterrolebindings': 'path-segment',
}

/** Which rule the names of a resource follow. */
export function nameRuleOf(resource: Pick<Resource, 'group' | 'resource'>): NameRule {
  return RULES[`${resource.group}/${resource.resource}`] ?? 'subdomain'
}

/** What is wrong with a name, as texts behind `Invalid value: "x": `. */
export function nameFaults(name: string, rule: NameRule): readonly string[] {
  switch (rule) {
    case 'label':
      return labelName(name, LABEL, LABEL_TEXT)
    case 'service':
      return labelName(name, SERVICE, SERVICE_TEXT)
    case 'path-segment':
      return pathSegmentFaults(name)
    case 'subdomain':
      return subdomainFaults(name)
  }
}

function labelName(name: string, pattern: RegExp, text: string): readonly string[] {
  const faults = name.length > MAX_LABEL ? [`must be no more than ${MAX_LABEL} characters`] : []
  if (pattern.test(name)) return faults
  if (pattern === LABEL && SUBDOMAIN.test(name)) return [...faults, 'must not contain dots']
  return [...faults, text]
}

/** Faults of a DNS-1123 subdomain. */
export function subdomainFaults(name: string): readonly string[] {
  const faults = name.length > MAX_SUBDOMAIN ? [`must be no more than ${MAX_SUBDOMAIN} characters`] : []
  return SUBDOMAIN.test(name) ? faults : [...faults, SUBDOMAIN_TEXT]
}

function pathSegmentFaults(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`)
}

/** Faults of `prefix/name` or `name`, as keys of labels and annotations and finalizers are. */
export function qualifiedNameFaults(value: string): readonly string[] {
  const parts = value.split('/')
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const faults: string[] = []
  if (parts.length === 2) faults.push(...prefixFaults(parts[0] ?? ''))
  const name = parts.at(-1) ?? ''
  if (name === '') faults.push('name part must be non-empty')
  else if (name.length > MAX_LABEL) faults.push(`name part must be no more than ${MAX_LABEL} characters`)
  if (!QUALIFIED.test(name)) faults.push(`name part ${QUALIFIED_TEXT}`)
  return faults
}

function prefixFaults(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return subdomainFaults(prefix).map((text) => `prefix part ${text}`)
}

/** Faults of a label's value. */
export function labelFaultText(value: string): readonly string[] {
  const faults = value.length > MAX_LABEL ? [`must be no more than ${MAX_LABEL} bytes`] : []
  return LABEL_VALUE.test(value) ? faults : [...faults, LABEL_VALUE_TEXT]
}
