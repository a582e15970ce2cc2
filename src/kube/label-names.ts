// What may be a label key and a label value, with the texts of apimachinery v0.36.3 `pkg/api/validate/content`.
const KEY_FORMAT = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const KEY = new RegExp(`^(?:${KEY_FORMAT})$`)
const VALUE = new RegExp(`^(?:${KEY_FORMAT})?$`)
const KEY_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
const KEY_HINT = `${KEY_TEXT} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${KEY_FORMAT}')`
const VALUE_HINT = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(${KEY_FORMAT})?')`
const SUBDOMAIN_FORMAT = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'
const SUBDOMAIN = new RegExp(`^${SUBDOMAIN_FORMAT}$`)
const SUBDOMAIN_HINT = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN_FORMAT}')`

const NAME_LIMIT = 63
const SUBDOMAIN_LIMIT = 253

/** What is wrong with a label key (`app.kubernetes.io/name`); empty where nothing is. */
export function labelKeyFaults(key: string): readonly string[] {
  const parts = key.split('/')
  if (parts.length > 2) {
    return [`a valid label key ${KEY_HINT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`]
  }
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? prefixFaults(parts[0] ?? '') : []
  return [...prefix, ...nameFaults(name)]
}

function prefixFaults(prefix: string): readonly string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return subdomainFaults(prefix).map((fault) => `prefix part ${fault}`)
}

function nameFaults(name: string): readonly string[] {
  const faults: string[] = []
  if (name === '') faults.push('name part must be non-empty')
  else if (byteLength(name) > NAME_LIMIT) faults.push(`name part must be no more than ${NAME_LIMIT} bytes`)
  if (!KEY.test(name)) faults.push(`name part ${KEY_HINT}`)
  return faults
}

/** What is wrong with a lowercase RFC 1123 subdomain (`example.com`); empty where nothing is. */
export function subdomainFaults(name: string): readonly string[] {
  const faults: string[] = []
  if (byteLength(name) > SUBDOMAIN_LIMIT) faults.push(`must be no more than ${SUBDOMAIN_LIMIT} bytes`)
  if (!SUBDOMAIN.test(name)) faults.push(SUBDOMAIN_HINT)
  return faults
}

/** What is wrong with a label value; empty where nothing is. */
export function labelValueFaults(value: string): readonly string[] {
  const faults: string[] = []
  if (byteLength(value) > NAME_LIMIT) faults.push(`must be no more than ${NAME_LIMIT} bytes`)
  if (!VALUE.test(value)) faults.push(VALUE_HINT)
  return faults
}

function byteLength(text: string): number {
  return Buffer.byteLength(text)
}
