// Certificates and host keys as they stand in files (util/cert, v3.5.1).
import { CapstanError } from '../../base/errors.ts'

/** Upstream's limits of one input: entries, and lines of one certificate. */
export const MAX_ENTRIES = 256
export const MAX_CERTIFICATE_LINES = 128

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/** The PEM blocks of a text, each with a newline at its end; what stands between them is passed over. */
export function certificatesOf(text: string): readonly string[] {
  const found: string[] = []
  let block: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    if (block === undefined && line.startsWith(BEGIN)) block = []
    if (block === undefined) continue
    block.push(line)
    if (block.length > MAX_CERTIFICATE_LINES)
      throw new CapstanError('limit', 'maximum number of lines exceeded during certificate parsing')
    if (!line.startsWith(END)) continue
    found.push(`${block.join('\n')}\n`)
    if (found.length > MAX_ENTRIES) throw new CapstanError('limit', `more than ${MAX_ENTRIES} certificates`)
    block = undefined
  }
  return found
}

export interface HostKey {
  readonly host: string
  readonly type: string
  readonly key: string
}

/** The host keys of a known_hosts text: one for each host of each line. Comments and lines of fewer than three fields are passed over. */
export function knownHostsOf(text: string): readonly HostKey[] {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#') && line.split(' ').length >= 3)
  if (lines.length > MAX_ENTRIES) throw new CapstanError('limit', `more than ${MAX_ENTRIES} host keys`)
  return lines.flatMap((line) => {
    const [hosts = '', type = '', ...rest] = line.split(' ')
    const key = rest.join(' ')
    // A key begins with its type, in both forms.
    if (!Buffer.from(key, 'base64').subarray(4).toString('latin1').startsWith(type))
      throw new CapstanError('bad-input', `this is no host key of type ${type}: ${line.slice(0, 80)}`)
    return hosts.split(',').map((host) => ({ host, type, key }))
  })
}
