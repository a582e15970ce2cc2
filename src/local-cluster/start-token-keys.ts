// The keys that sign and check the tokens of service accounts: RSA of 2048 bits, as kube-apiserver's are, made when nobody waits.
import { createHash, createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** JSON Web Algorithms of the keys there may be. */
export type TokenAlgorithm = 'RS256' | 'ES256'

export interface CheckingKey {
  /** `kid`: the SHA-256 of the public key's DER (kubernetes v1.36.3 `pkg/serviceaccount/jwt.go` keyIDFromPublicKey). */
  readonly id: string
  readonly algorithm: TokenAlgorithm
  readonly publicKey: KeyObject
}

export interface SigningKey extends CheckingKey {
  readonly privateKey: KeyObject
}

export interface TokenKeys {
  /** The key new tokens are signed with; made now where there is none yet, which takes a tenth of a second or several. */
  signing(): Promise<SigningKey>
  /** The keys tokens may have been signed with, the newest first. */
  checking(): readonly CheckingKey[]
}

const KEY_BITS = 2048
/** PKCS #8 in PEM. */
const KEY_FILE = 'service-accounts.pem'
/** Where earlier versions kept a key of the curve P-256: what it signed stays good. */
const EARLIER_FILE = 'tokens.json'

/** The keys of a cluster, kept in its data directory; without one, they live as long as the process. */
export function openTokenKeys(directory: string | undefined): TokenKeys {
  const folder = directory === undefined ? undefined : join(directory, 'pki')
  const earlier = folder === undefined ? undefined : earlierKey(folder)
  const known = folder === undefined ? undefined : readKey(join(folder, KEY_FILE))
  return tokenKeys({ known, earlier, keep: (key) => writeKey(folder, key) })
}

interface KeyStore {
  readonly known: SigningKey | undefined
  readonly earlier: SigningKey | undefined
  readonly keep: (key: KeyObject) => void
}

function tokenKeys({ known, earlier, keep }: KeyStore): TokenKeys {
  let signing = known
  let making: Promise<SigningKey> | undefined
  const make = async (): Promise<SigningKey> => {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS })
    keep(privateKey)
    signing = signingKey(privateKey)
    return signing
  }
  return {
    async signing() {
      if (signing !== undefined) return signing
      making ??= make().finally(() => {
        // A key that could not be kept is made anew for the next who asks.
        making = undefined
      })
      return making
    },
    checking: () => [signing, earlier].filter((key) => key !== undefined),
  }
}

function signingKey(privateKey: KeyObject): SigningKey {
  const publicKey = createPublicKey(privateKey)
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return {
    id: createHash('sha256').update(der).digest('base64url'),
    algorithm: privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256',
    publicKey,
    privateKey,
  }
}

/** undefined for a file that is missing or damaged: a new key takes its place. */
function readKey(file: string): SigningKey | undefined {
  try {
    const key = signingKey(createPrivateKey(readFileSync(file)))
    return key.algorithm === 'RS256' ? key : undefined
  } catch {
    return undefined
  }
}

function earlierKey(folder: string): SigningKey | undefined {
  try {
    const { key } = JSON.parse(readFileSync(join(folder, EARLIER_FILE), 'utf8')) as { readonly key: string }
    return signingKey(createPrivateKey(key))
  } catch {
    return undefined // most have none
  }
}

/** A cluster that was closed, and its directory removed, while the key was made keeps none. */
function writeKey(folder: string | undefined, key: KeyObject): void {
  if (folder === undefined || !existsSync(join(folder, '..'))) return
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, KEY_FILE), key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
}
