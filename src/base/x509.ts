// Makes X.509 certificates (RFC 5280) with node:crypto and the DER writer: authorities, servers and clients.
import { createHash, randomBytes, sign, X509Certificate } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import {
  derBitString,
  derBoolean,
  derContext,
  derInteger,
  derNull,
  derOctetString,
  derOid,
  derSequence,
  derSet,
  derSmallInteger,
  derText,
  derTime,
  readDerValues,
} from './der.ts'
import { CapstanError } from './errors.ts'
import { parseIpAddress } from './ip-address.ts'

/** What a key may be used for; `serverAuth` and `clientAuth` are extended usages. */
export type CertificateUsage = keyof typeof KEY_USAGE_BIT | keyof typeof EXTENDED_USAGE_OID

/** A subject's name; absent or empty parts are left out. */
export interface CertificateName {
  readonly commonName?: string
  readonly organizations?: readonly string[]
}

/** Who signs: an authority's certificate (PEM) and its private key. */
export interface CertificateIssuer {
  readonly certificate: string
  readonly privateKey: KeyObject
}

export interface CertificateRequest {
  readonly subject: CertificateName
  /** The keys of the subject; the private one signs where there is no issuer. RSA, EC (P-256, P-384, P-521) or Ed25519. */
  readonly keyPair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  /** Absent: self-signed. */
  readonly issuer?: CertificateIssuer
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  readonly isCa: boolean
  readonly usages: readonly CertificateUsage[]
  /** Big-endian bytes; 16 random ones by default. */
  readonly serialNumber?: Uint8Array
}

const OID = {
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const

const KEY_USAGE_BIT = { digitalSignature: 0, keyEncipherment: 2, certSign: 5, crlSign: 6 } as const
const EXTENDED_USAGE_OID = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const
const KEY_ID_BYTES = 20
const SERIAL_BYTES = 16
const PEM_LINE = 64

/** A signed certificate as PEM text. A CapstanError `bad-input` where an address or key kind cannot be used. */
export function createCertificate(request: CertificateRequest): string {
  const signer = request.issuer?.privateKey ?? request.keyPair.privateKey
  const scheme = signatureScheme(signer)
  const issuer = request.issuer === undefined ? undefined : readIssuer(request.issuer.certificate)
  const subject = derName(request.subject)
  const body = derSequence(
    derContext(0, true, derSmallInteger(2)),
    derInteger(serialNumber(request)),
    scheme.identifier,
    issuer?.subject ?? subject,
    derSequence(derTime(request.notBefore), derTime(request.notAfter)),
    subject,
    request.keyPair.publicKey.export({ type: 'spki', format: 'der' }),
    derContext(3, true, derSequence(...extensionsOf(request, issuer?.keyId))),
  )
  const signature = sign(scheme.digest, body, signer)
  return pemBlock('CERTIFICATE', derSequence(body, scheme.identifier, derBitString(signature)))
}

/** A PEM block with lines of 64 characters and a final newline, as Go's encoding/pem writes it. */
export function pemBlock(label: string, content: Uint8Array): string {
  const text = Buffer.from(content).toString('base64')
  const lines: string[] = []
  for (let start = 0; start < text.length; start += PEM_LINE) lines.push(text.slice(start, start + PEM_LINE))
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function serialNumber(request: CertificateRequest): Uint8Array {
  if (request.serialNumber !== undefined) return request.serialNumber
  const bytes = randomBytes(SERIAL_BYTES)
  bytes[0] = (bytes[0] ?? 0) & 0x7f // a serial number is positive and at most 20 bytes long (RFC 5280, 4.1.2.2)
  return bytes
}

function derName(name: CertificateName): Buffer {
  const organizations = (name.organizations ?? []).map((text) => nameAttribute(OID.organization, text))
  const parts = organizations.length > 0 ? [derSet(...organizations)] : []
  if (name.commonName !== undefined && name.commonName !== '') {
    parts.push(derSet(nameAttribute(OID.commonName, name.commonName)))
  }
  return derSequence(...parts)
}

function nameAttribute(oid: string, text: string): Buffer {
  return derSequence(derOid(oid), derText(text))
}

/** The extensions in the order in which Go's crypto/x509 writes them. */
function extensionsOf(request: CertificateRequest, issuerKeyId: Uint8Array | undefined): Buffer[] {
  const extensions: Buffer[] = []
  const keyBits = keyUsageBits(request.usages)
  if (keyBits !== 0) extensions.push(extension(OID.keyUsage, true, derKeyUsage(keyBits)))
  const extended = extendedUsages(request.usages)
  if (extended.length > 0) extensions.push(extension(OID.extendedKeyUsage, false, derSequence(...extended)))
  const constraints = request.isCa ? derSequence(derBoolean(true)) : derSequence()
  extensions.push(extension(OID.basicConstraints, true, constraints))
  if (request.isCa) {
    extensions.push(extension(OID.subjectKeyId, false, derOctetString(keyIdOf(request.keyPair.publicKey))))
  }
  if (issuerKeyId !== undefined) {
    extensions.push(extension(OID.authorityKeyId, false, derSequence(derContext(0, false, issuerKeyId))))
  }
  const names = alternativeNames(request)
  if (names.length > 0) extensions.push(extension(OID.subjectAltName, false, derSequence(...names)))
  return extensions
}

function extension(oid: string, isCritical: boolean, value: Uint8Array): Buffer {
  const critical = isCritical ? [derBoolean(true)] : []
  return derSequence(derOid(oid), ...critical, derOctetString(value))
}

function keyUsageBits(usages: readonly CertificateUsage[]): number {
  let bits = 0
  for (const usage of usages) {
    if (usage in KEY_USAGE_BIT) bits |= 0x80 >> KEY_USAGE_BIT[usage as keyof typeof KEY_USAGE_BIT]
  }
  return bits
}

function derKeyUsage(bits: number): Buffer {
  let unused = 0
  while ((bits & (1 << unused)) === 0) unused += 1
  return derBitString(Buffer.from([bits]), unused)
}

function extendedUsages(usages: readonly CertificateUsage[]): Buffer[] {
  return usages
    .filter((usage): usage is keyof typeof EXTENDED_USAGE_OID => usage in EXTENDED_USAGE_OID)
    .map((usage) => derOid(EXTENDED_USAGE_OID[usage]))
}

function alternativeNames(request: CertificateRequest): Buffer[] {
  const dns = (request.dnsNames ?? []).map((name) => derContext(2, false, Buffer.from(name, 'utf8')))
  const addresses = (request.ipAddresses ?? []).map((text) => {
    const bytes = parseIpAddress(text)
    if (bytes === undefined) throw new CapstanError('bad-input', `certificate: ${text} is not an IP address`)
    return derContext(7, false, bytes)
  })
  return [...dns, ...addresses]
}

/** SHA-1 of the key's bits without their wrapping (RFC 5280, 4.2.1.2, method 1). */
function keyIdOf(publicKey: KeyObject): Buffer {
  const spki = readDerValues(publicKey.export({ type: 'spki', format: 'der' }))[0]
  const bits = readDerValues(spki?.content ?? Buffer.alloc(0))[1]?.content.subarray(1) ?? Buffer.alloc(0)
  return createHash('sha1').update(bits).digest().subarray(0, KEY_ID_BYTES)
}

/** The issuer's subject as it stands in its certificate, so that chains match byte for byte, and its key id. */
function readIssuer(pem: string): { subject: Uint8Array; keyId: Uint8Array | undefined } {
  const certificate = new X509Certificate(pem)
  const outer = readDerValues(certificate.raw)[0]
  const body = readDerValues(readDerValues(outer?.content ?? Buffer.alloc(0))[0]?.content ?? Buffer.alloc(0))
  const subject = body[5]?.raw // version, serial, signature, issuer, validity, subject
  if (subject === undefined) throw new CapstanError('bad-input', 'certificate: the issuer has no subject')
  return { subject, keyId: subjectKeyIdOf(body.find((value) => value.tag === 0xa3)?.content) }
}

function subjectKeyIdOf(extensions: Uint8Array | undefined): Uint8Array | undefined {
  if (extensions === undefined) return undefined
  const wanted = derOid(OID.subjectKeyId)
  for (const item of readDerValues(readDerValues(extensions)[0]?.content ?? Buffer.alloc(0))) {
    const parts = readDerValues(item.content)
    const value = parts.at(-1)
    if (parts[0]?.raw.equals(wanted) === true && value !== undefined) return readDerValues(value.content)[0]?.content
  }
  return undefined
}

interface SignatureScheme {
  readonly identifier: Buffer
  readonly digest: string | null
}

const CURVE_SCHEMES: Readonly<Record<string, { oid: string; digest: string }>> = {
  prime256v1: { oid: '1.2.840.10045.4.3.2', digest: 'sha256' },
  secp384r1: { oid: '1.2.840.10045.4.3.3', digest: 'sha384' },
  secp521r1: { oid: '1.2.840.10045.4.3.4', digest: 'sha512' },
}

function signatureScheme(key: KeyObject): SignatureScheme {
  const kind = key.asymmetricKeyType
  if (kind === 'rsa') {
    return { identifier: derSequence(derOid('1.2.840.113549.1.1.11'), derNull()), digest: 'sha256' }
  }
  if (kind === 'ed25519') return { identifier: derSequence(derOid('1.3.101.112')), digest: null }
  const curve = CURVE_SCHEMES[key.asymmetricKeyDetails?.namedCurve ?? '']
  if (kind !== 'ec' || curve === undefined) {
    throw new CapstanError(
      'bad-input',
      `certificate: a key of kind ${String(kind)} cannot sign; use RSA, ECDSA or Ed25519`,
    )
  }
  return { identifier: derSequence(derOid(curve.oid)), digest: curve.digest }
}
