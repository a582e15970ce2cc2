// The certificate of the server: one that was given, one that was made before, or a new self-signed one.
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { createCertificate } from '../base/x509.ts'
import { readSecret } from '../settings/map-reader.ts'
import type { TlsIdentity } from './http2-servers.ts'
import type { SettingsStore } from './settings-store.ts'

export interface Certificates {
  /** What to show to clients now; the same object until it changes. Undefined where TLS is switched off. */
  current(): Promise<TlsIdentity | undefined>
}

export interface CertificatesOptions {
  readonly store: SettingsStore
  /** Of the control plane: part of the names in a certificate that is made. */
  readonly namespace: string
  readonly clock: Clock
  readonly log: Log
  /** TLS is ended before this server (`server.insecure`). */
  readonly isInsecure: () => boolean
}

/** A Secret with a certificate from elsewhere wins over the one in argocd-secret (util/settings, v3.5.1). */
const GIVEN = 'argocd-server-tls'
const OWN = 'argocd-secret'
const DAY_MS = 86_400_000
/** As upstream's (util/settings `InitializeSettings`). */
const VALID_DAYS = 365
const ORGANIZATION = 'Argo CD'

/** Reads Secrets at every call, so that a changed one acts on the next connection; one that cannot be used is told and passed over. */
export function createCertificates(options: CertificatesOptions): Certificates {
  const { store, log } = options
  let used: TlsIdentity | undefined
  let making: Promise<void> | undefined
  const refused = new Set<string>()

  function stored(name: string): TlsIdentity | undefined {
    const secret = store.find('Secret', name)
    if (secret === undefined) return undefined
    const reader = readSecret(secret)
    const [certificate, key] = [reader.text('tls.crt'), reader.text('tls.key')]
    if (certificate === undefined || key === undefined) return undefined
    if (used?.certificate === certificate && used.key === key) return used
    const fault = faultOf({ certificate, key })
    if (fault === undefined) return { certificate, key }
    const version = `${name}/${secret.metadata.resourceVersion ?? ''}`
    // Once a version: connections come by the thousand.
    if (!refused.has(version)) log.error('a certificate cannot be used', { secret: name, error: fault })
    refused.add(version)
    return undefined
  }

  return {
    async current() {
      if (options.isInsecure()) return undefined
      let found = stored(GIVEN) ?? stored(OWN)
      if (found === undefined) {
        making ??= make(options).finally(() => {
          making = undefined
        })
        await making
        found = stored(GIVEN) ?? stored(OWN)
      }
      used = found ?? used
      return used
    },
  }
}

function faultOf({ certificate, key }: TlsIdentity): string | undefined {
  try {
    const isPair = new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
    return isPair ? undefined : 'the key belongs to another certificate'
  } catch (error) {
    return messageOf(error)
  }
}

/** Stores a new one unless another server has done so meanwhile. */
async function make({ store, namespace, clock }: CertificatesOptions): Promise<void> {
  const made = selfSigned(namespace, clock.now())
  await store.change(
    'Secret',
    OWN,
    (secret) => {
      const reader = readSecret(secret)
      const [certificate, key] = [reader.text('tls.crt') ?? '', reader.text('tls.key') ?? '']
      if (faultOf({ certificate, key }) === undefined) return undefined
      return { values: { 'tls.crt': made.certificate, 'tls.key': made.key } }
    },
    AbortSignal.timeout(MAKE_TIMEOUT_MS),
  )
}

const MAKE_TIMEOUT_MS = 30_000

/** Signed by itself, for the names under which upstream's server is reached in its cluster. */
function selfSigned(namespace: string, nowMs: number): TlsIdentity {
  const keyPair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const service = `argocd-server.${namespace}`
  const certificate = createCertificate({
    subject: { organizations: [ORGANIZATION] },
    keyPair,
    dnsNames: ['localhost', 'argocd-server', service, `${service}.svc`, `${service}.svc.cluster.local`],
    ipAddresses: ['127.0.0.1', '::1'],
    notBefore: new Date(nowMs),
    notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
    isCa: true,
    usages: ['digitalSignature', 'keyEncipherment', 'certSign', 'serverAuth'],
  })
  return { certificate, key: keyPair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}
