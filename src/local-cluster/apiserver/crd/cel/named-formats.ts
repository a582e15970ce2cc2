// `format.dns1123Label().validate(…)` and its siblings in CEL.
import type { Environment } from '@marcbachmann/cel-js'
import { labelKeyFaults, labelValueFaults } from '../../../../kube/label-names.ts'
import { dnsLabel, dnsSubdomain } from '../../../kinds/validation/names.ts'
import { formatFault } from '../formats.ts'
import { optionalOf, type Register } from './register.ts'

class Format {
  readonly check: (text: string) => readonly string[]

  constructor(check: Format['check']) {
    this.check = check
  }
}

class Formats {}

const PREFIX_RULE =
  (rule: Format['check']): Format['check'] =>
  (text) =>
    rule(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const matches =
  (format: string, text: string): Format['check'] =>
  (value) =>
    formatFault(value, format) ? [text] : []

const SERVICE_NAME = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const SERVICE_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

function serviceLabel(text: string): readonly string[] {
  const long = text.length > 63 ? ['must be no more than 63 bytes'] : []
  return SERVICE_NAME.test(text) ? long : [...long, SERVICE_TEXT]
}

const FORMATS: Readonly<Record<string, Format>> = {
  dns1123Label: new Format(dnsLabel),
  dns1123Subdomain: new Format(dnsSubdomain),
  dns1035Label: new Format(serviceLabel),
  qualifiedName: new Format(labelKeyFaults),
  dns1123LabelPrefix: new Format(PREFIX_RULE(dnsLabel)),
  dns1123SubdomainPrefix: new Format(PREFIX_RULE(dnsSubdomain)),
  dns1035LabelPrefix: new Format(PREFIX_RULE(serviceLabel)),
  labelValue: new Format(labelValueFaults),
  uri: new Format(matches('uri', 'invalid URI')),
  uuid: new Format(matches('uuid', 'does not match the UUID format')),
  byte: new Format(matches('byte', 'invalid base64')),
  date: new Format(matches('date', 'invalid date')),
  datetime: new Format(matches('date-time', 'invalid datetime')),
}

/** The formats by name, and their check. */
export function registerFormats(environment: Environment, register: Register): void {
  environment.registerType('kubernetes.NamedFormat', { ctor: Format, fields: {} } as never) // nothing of it is read as a field
  environment.registerType('FormatNamespace', { ctor: Formats, fields: {} } as never) // a name to hang functions on
  environment.registerConstant('format', 'FormatNamespace', new Formats())
  for (const [name, format] of Object.entries(FORMATS)) {
    register(`FormatNamespace.${name}(): kubernetes.NamedFormat`, () => format)
  }
  register('FormatNamespace.named(string): optional<kubernetes.NamedFormat>', (_: Formats, name: string) =>
    optionalOf(Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined),
  )
  register('kubernetes.NamedFormat.validate(string): optional<list<string>>', (format: Format, text: string) => {
    const faults = format.check(text)
    return optionalOf(faults.length === 0 ? undefined : [...faults])
  })
}
