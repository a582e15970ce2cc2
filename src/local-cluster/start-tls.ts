// Keys and certificates of a cluster: its authority, the server's certificate, the administrator's.
import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { createCertificate, type CertificateIssuer } from '../base/x509.ts'
import { KUBERNETES_SERVICE_IP } from './start-bootstrap.ts'

export interface ClusterIdentity {
  /** PEM. */
  readonly authority: string
  readonly server: KeyAndCertificate
  readonly admin: KeyAndCertificate
}

export interface KeyAndCertificate {
  /** PEM. */
  readonly certificate: string
  /** PEM, PKCS #8. */
  readonly key: string
}

export interface IdentityOptions {
  /** Where keys are kept; absent: new ones that live as long as the process. */
  readonly directory: string | undefined
  /** What clients reach the server at, beside localhost. */
  readonly address: string
  readonly nowMs: number
}

const DAY_MS = 86_400_000
/** The authority outlives every certificate it signs. */
const AUTHORITY_DAYS = 3650
const CERTIFICATE_DAYS = 365
/** A certificate with less time left is made anew at the next start. */
const RENEW_DAYS = 30

const SERVER_NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
]

/** Reads the keys of a cluster, and makes what is missing, stale or not for this address. */
export function clusterIdentity(options: IdentityOptions): ClusterIdentity {
  const keep = keeper(options.directory)
  const authority = keep('authority', isCurrent(options, RENEW_DAYS * 2), () => makeAuthority(options))
  const issuer = { certificate: authority.certificate, privateKey: createPrivateKey(authority.key) }
  const isOurs = (pair: KeyAndCertificate): boolean =>
    isCurrent(options, RENEW_DAYS)(pair) &&
    new X509Certificate(pair.certificate).checkIssued(new X509Certificate(authority.certificate))
  const server = keep(
    'server',
    (pair) => isOurs(pair) && servesAddress(pair, options.address),
    () => makeServer(options, issuer),
  )
  const admin = keep('admin', isOurs, () => makeAdmin(options, issuer))
  return { authority: authority.certificate, server, admin }
}

type Keep = (
  name: string,
  isGood: (pair: KeyAndCertificate) => boolean,
  make: () => KeyAndCertificate,
) => KeyAndCertificate

function keeper(directory: string | undefined): Keep {
  if (directory === undefined) return (_name, _isGood, make) => make()
  const folder = join(directory, 'pki')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return (name, isGood, make) => {
    const file = join(folder, `${name}.json`)
    const known = readPair(file)
    if (known !== undefined && isGood(known)) return known
    const made = make()
    writeFileSync(file, JSON.stringify(made), { mode: 0o600 })
    return made
  }
}

/** undefined for a file that is missing or damaged: both are made anew. */
function readPair(file: string): KeyAndCertificate | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const { certificate, key } = value as Partial<KeyAndCertificate>
    return typeof certificate === 'string' && typeof key === 'string' ? { certificate, key } : undefined
  } catch {
    return undefined
  }
}

function isCurrent({ nowMs }: IdentityOptions, days: number): (pair: KeyAndCertificate) => boolean {
  return (pair) => Date.parse(new X509Certificate(pair.certificate).validTo) > nowMs + days * DAY_MS
}

function servesAddress(pair: KeyAndCertificate, address: string): boolean {
  const certificate = new X509Certificate(pair.certificate)
  return (isIP(address) === 0 ? certificate.checkHost(address) : certificate.checkIP(address)) !== undefined
}

function newKeys(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' })
}

function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function validity({ nowMs }: IdentityOptions, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  // An hour of grace for clocks that run behind ours.
  return { notBefore: new Date(nowMs - 3_600_000), notAfter: new Date(nowMs + days * DAY_MS) }
}

function makeAuthority(options: IdentityOptions): KeyAndCertificate {
  const keyPair = newKeys()
  const certificate = createCertificate({
    subject: { commonName: 'capstan local cluster' },
    keyPair,
    ...validity(options, AUTHORITY_DAYS),
    isCa: true,
    usages: ['digitalSignature', 'certSign', 'crlSign'],
  })
  return { certificate, key: exportKey(keyPair.privateKey) }
}

function makeServer(options: IdentityOptions, issuer: CertificateIssuer): KeyAndCertificate {
  const keyPair = newKeys()
  const { address } = options
  const addresses = ['127.0.0.1', '::1', KUBERNETES_SERVICE_IP]
  const isAddress = isIP(address) !== 0
  const certificate = createCertificate({
    subject: { commonName: 'kube-apiserver' },
    keyPair,
    issuer,
    dnsNames: isAddress || SERVER_NAMES.includes(address) ? SERVER_NAMES : [...SERVER_NAMES, address],
    ipAddresses: isAddress && !addresses.includes(address) ? [...addresses, address] : addresses,
    ...validity(options, CERTIFICATE_DAYS),
    isCa: false,
    usages: ['digitalSignature', 'serverAuth'],
  })
  return { certificate, key: exportKey(keyPair.privateKey) }
}

function makeAdmin(options: IdentityOptions, issuer: CertificateIssuer): KeyAndCertificate {
  const keyPair = newKeys()
  const certificate = createCertificate({
    subject: { commonName: 'admin', organizations: ['system:masters'] },
    keyPair,
    issuer,
    ...validity(options, CERTIFICATE_DAYS),
    isCa: false,
    usages: ['digitalSignature', 'clientAuth'],
  })
  return { certificate, key: exportKey(keyPair.privateKey) }
}
