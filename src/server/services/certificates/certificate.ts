// What a person sees of a certificate or host key, and which of them a query means (util/cert/cert.go, v3.5.1).
import { createHash, X509Certificate } from 'node:crypto'
import { CapstanError } from '../../../base/errors.ts'
import { matchGoPath } from '../../../base/path-pattern.ts'
import type { Message } from '../../../crds/message-type.ts'

export type Certificate = Message<'RepositoryCertificate'>

/** Lines of one PEM certificate, and certificates of one text, as upstream bounds them. */
export const MAX_CERTIFICATE_LINES = 128
export const MAX_ENTRIES = 256

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

const HOST =
  /^([a-zA-Z0-9]|[a-zA-Z0-9_][a-zA-Z0-9\-_]{0,61}[a-zA-Z0-9_])(\.([a-zA-Z0-9]|[a-zA-Z0-9_][a-zA-Z0-9\-_]{0,61}[a-zA-Z0-9]))*\.?$/
const ADDRESS = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[0-9a-zA-Z]+)?$/

/** Which certificates a call is about; an empty field means all. */
export interface Query {
  readonly host: string
  readonly type: string
  readonly subType: string
}

/** Does the query ask for this kind: `ssh`, or `https` (also written `tls`)? */
export function asksForType({ type }: Query, wanted: 'ssh' | 'https'): boolean {
  return type === '' || type === '*' || type === wanted || (wanted === 'https' && type === 'tls')
}

/** A shell pattern in which brackets stand for themselves, as hosts are written `[host]:port`; empty fits all. */
export function fitsHost(host: string, pattern: string): boolean {
  return pattern === '' || matchGoPath(pattern.replaceAll('[', '\\[').replaceAll(']', '\\]'), host)
}

/** Throws where the text is neither a name nor an IPv6 address. */
export function assertHost(host: string): void {
  if (!HOST.test(host) && !ADDRESS.test(host)) throw new CapstanError('unknown', `invalid hostname in request: ${host}`)
}

/** The certificates of a PEM text, each with its two marker lines; what stands between them is left out. */
export function splitPem(text: string): readonly string[] {
  const found: string[] = []
  let current: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    if (current === undefined && !line.startsWith(BEGIN)) continue
    current = [...(current ?? []), line]
    if (current.length > MAX_CERTIFICATE_LINES) {
      throw new CapstanError('unknown', 'maximum number of lines exceeded during certificate parsing')
    }
    if (!line.startsWith(END)) continue
    found.push(`${current.join('\n')}\n`)
    current = undefined
    if (found.length > MAX_ENTRIES) throw new CapstanError('unknown', 'limit exceeded')
  }
  return found
}

/** Throws where a PEM text holds no certificate. */
export function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch (error) {
    throw new CapstanError('unknown', 'could not parse X509 data from input', { cause: error })
  }
}

/** Kind of key and subject of a certificate; what is wrong with it where it cannot be read. */
export function describePem(pem: string): Pick<Certificate, 'certSubType' | 'certInfo'> {
  try {
    const certificate = readCertificate(pem)
    const type = certificate.publicKey.asymmetricKeyType ?? ''
    return { certSubType: type === 'ec' ? 'ecdsa' : type, certInfo: distinguishedName(certificate) }
  } catch (error) {
    return { certSubType: 'invalid', certInfo: error instanceof Error ? error.message : String(error) }
  }
}

/** The order in which Go prints the parts of a subject (crypto/x509/pkix `Name.String`), by the names OpenSSL has for them. */
const PARTS: readonly (readonly [openssl: string, go: string])[] = [
  ['serialNumber', 'SERIALNUMBER'],
  ['CN', 'CN'],
  ['postalCode', 'POSTALCODE'],
  ['street', 'STREET'],
  ['ST', 'ST'],
  ['L', 'L'],
  ['OU', 'OU'],
  ['O', 'O'],
  ['C', 'C'],
]

function distinguishedName({ subject }: X509Certificate): string {
  const lines = subject.split('\n').map((line) => {
    const at = line.indexOf('=')
    return [line.slice(0, at), line.slice(at + 1)] as const
  })
  return PARTS.flatMap(([openssl, go]) => {
    const values = lines.filter(([name]) => name === openssl).map(([, value]) => `${go}=${value}`)
    return values.length === 0 ? [] : [values.join('+')]
  }).join(',')
}

/** SHA-256 of a public key in base64 without padding, as ssh-keygen shows it. `key` is base64. */
export function fingerprint(key: string): string {
  return createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')
}

const ALGORITHM =
  /^(ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)|sk-(ecdsa-sha2-nistp256|ssh-ed25519)@openssh\.com)$/

/** Throws where a host key is no base64 of a public key: its first field is the length and name of its algorithm (RFC 4253, 6.6). */
export function assertHostKey(data: string): void {
  const [key = ''] = data.trim().split(/\s+/)
  const bytes = Buffer.from(key, 'base64')
  if (key === '' || bytes.toString('base64').replace(/=+$/, '') !== key.replace(/=+$/, '')) {
    throw new CapstanError('unknown', 'the host key is no base64: send the third field of its known_hosts line')
  }
  const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0)
  const algorithm = bytes.subarray(4, 4 + length).toString('latin1')
  if (length > 64 || !ALGORITHM.test(algorithm)) {
    throw new CapstanError('unknown', `ssh: unknown key algorithm: ${length > 64 ? '' : algorithm}`)
  }
}
