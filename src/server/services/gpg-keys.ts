// gpgkey.GPGKeyService: public keys that commits may be signed with (server/gpgkey/gpgkey.go and util/db/gpgkeys.go, v3.5.1).
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Message } from '../../crds/message-type.ts'
import { readConfigMap } from '../../settings/map-reader.ts'
import { readPublicKeys } from '../../settings/pgp/public-keys.ts'
import type { Call, ServiceHandlers } from '../context.ts'
import { objectField, textField, type RequestFields } from './fields.ts'
import { requireAllowed, wrapErrors } from './permissions.ts'

const KEYS = 'argocd-gpg-keys-cm'

type Key = Message<'GnuPGPublicKey'>

export const gpgKeyService: ServiceHandlers = {
  async List(_request, call) {
    requireAllowed(call, 'gpgkeys', 'get', '')
    return { metadata: {}, items: readKeys(call).map((key) => ({ ...key, keyData: '' })) }
  },
  async Get(request, call) {
    requireAllowed(call, 'gpgkeys', 'get', '')
    const id = shortId(textField(request, 'keyID'))
    const key = readKeys(call).find(({ keyID }) => keyID === id)
    if (key === undefined) throw new CapstanError('unknown', `no such key: ${id}`)
    return key
  },
  Create: createKeys,
  Delete: deleteKey,
}

/** POST /api/v1/gpgkeys: keys that are known already are told as skipped. */
async function createKeys(request: RequestFields, call: Call): Promise<object> {
  requireAllowed(call, 'gpgkeys', 'create', '')
  const text = textField(objectField(request, 'publickey') ?? {}, 'keyData')
  if (text.trim() === '') throw new CapstanError('unknown', 'submitted key data is empty')
  const keys = parseKeys(text)
  let created: readonly Key[] = []
  await call.context.store.change(
    'ConfigMap',
    KEYS,
    (map) => {
      const known = new Set(readConfigMap(map).keys())
      created = keys.filter(({ keyID = '' }) => !known.has(keyID))
      const values = Object.fromEntries(created.map(({ keyID = '', keyData = '' }) => [keyID, keyData]))
      return created.length === 0 ? undefined : { values }
    },
    call.signal,
  )
  const skipped = keys.filter((key) => !created.includes(key)).map(({ keyID }) => keyID)
  return { created: { metadata: {}, items: created }, skipped }
}

async function deleteKey(request: RequestFields, call: Call): Promise<object> {
  requireAllowed(call, 'gpgkeys', 'delete', '')
  const id = textField(request, 'keyID')
  await call.context.store.change(
    'ConfigMap',
    KEYS,
    (map) => {
      if (!readConfigMap(map).keys().includes(id)) throw new CapstanError('unknown', `no such key configured: ${id}`)
      return { values: { [id]: null } }
    },
    call.signal,
  )
  return {}
}

/** Each entry must hold the one key it is named after. */
function readKeys(call: Call): readonly Key[] {
  const map = call.context.store.find('ConfigMap', KEYS)
  if (map === undefined) return []
  const reader = readConfigMap(map)
  return reader
    .keys()
    .toSorted()
    .map((name) => {
      const expected = wrapErrors(`error validating key ID ${JSON.stringify(name)} in GPG keys configmap`, () => shortId(name)) // prettier-ignore
      const keyData = reader.text(name) ?? ''
      const key = readEntry(expected, keyData)
      if (key.keyID !== expected) {
        throw new CapstanError(
          'unknown',
          `key parsed for entry with key ID '${expected}' had different key ID '${key.keyID}'`,
        )
      }
      return { ...key, keyData }
    })
}

/** Upstream has gpg read them, and passes on what it said. */
function parseKeys(text: string): readonly Key[] {
  try {
    return readPublicKeys(text).map(describe)
  } catch (error) {
    throw new CapstanError('bad-input', `error validating PGP keys from input: ${messageOf(error)}`, { cause: error })
  }
}

function readEntry(name: string, text: string): Key {
  try {
    const [key, ...more] = readPublicKeys(text)
    if (key === undefined || more.length > 0) throw new CapstanError('unknown', 'more than one key found in input data')
    return describe(key)
  } catch (error) {
    throw new CapstanError('unknown', `error parsing GPG key for entry "${name}": ${messageOf(error)}`, {
      cause: error,
    })
  }
}

/** gpg has given a new key no trust yet; what counts is that the key is listed. */
function describe(key: ReturnType<typeof readPublicKeys>[number]): Key {
  return { ...key, trust: 'unknown' }
}

/** The 16 digits of a key's id, also from its fingerprint. */
function shortId(text: string): string {
  if (/^[0-9a-fA-F]{40}$/.test(text)) return text.slice(24)
  if (/^[0-9a-fA-F]{16}$/.test(text)) return text
  throw new CapstanError('unknown', `'${text}' is not a valid GnuPG key ID`)
}
