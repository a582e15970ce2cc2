// Explains for an image which pull secret the kubelet would use, in which order, and whether the registry takes it.
import { CapstanError, messageOf } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { DockerConfigError } from './docker-config.ts'
import { type ImageReference, parseImageReference } from './image-reference.ts'
import { keyringOf, type PullSecret, pullSecretOf, type TrackedCredential } from './keyring.ts'
import type { RegistryClient } from './registry-client.ts'
import { RegistryError } from './registry-error.ts'

export interface ImageQuestion {
  readonly image: string
  /** Of a registered cluster; empty: the place says by itself which cluster it is. */
  readonly server: string
  readonly namespace: string
  readonly serviceAccount: string
}

export interface CheckedSecret {
  readonly name: string
  readonly state: 'Used' | 'NoMatch' | 'Missing' | 'WrongType' | 'Broken'
  readonly message: string
  /** Keys of its docker config. */
  readonly registries: readonly string[]
}

export interface CheckedCredential {
  readonly secret: string
  readonly registry: string
  readonly username: string
  /** Empty: one before it was accepted. */
  readonly result: 'Accepted' | 'Refused' | 'Unreachable' | ''
  readonly message: string
}

export interface ImageCheck extends ImageQuestion {
  readonly secrets: readonly CheckedSecret[]
  /** In the order in which they are tried. */
  readonly credentials: readonly CheckedCredential[]
  readonly result: 'Pulled' | 'Refused' | 'Anonymous' | 'Broken' | 'Unreachable'
  readonly message: string
  readonly warnings: readonly string[]
}

/** What is read of the cluster. */
export interface CheckedCluster {
  /** Undefined where there is none. */
  serviceAccount(namespace: string, name: string): Promise<KubeObject | undefined>
  secret(namespace: string, name: string): Promise<KubeObject | undefined>
}

export interface CheckOptions {
  readonly cluster: CheckedCluster
  readonly client: RegistryClient
  readonly signal: AbortSignal
}

/** Reads only. Throws `bad-input` for what is no image, `not-found` for a ServiceAccount that is not there. */
export async function checkImage(question: ImageQuestion, options: CheckOptions): Promise<ImageCheck> {
  const reference = parsedImage(question.image)
  const { namespace, serviceAccount } = question
  const account = await options.cluster.serviceAccount(namespace, serviceAccount)
  if (account === undefined) {
    throw new CapstanError('not-found', `serviceaccounts "${serviceAccount}" not found in namespace ${namespace}`)
  }
  const read = await Promise.all(
    pullSecretNames(account).map(async (name) => {
      const secret = await options.cluster.secret(namespace, name)
      return { name, secret: secret === undefined ? undefined : pullSecretOf(secret) }
    }),
  )
  const secrets = read.map(({ name, secret }) => describeSecret(name, secret, reference))
  const full = { ...question, image: question.image, secrets }
  const broken = secrets.find(({ state }) => state === 'Broken')
  if (broken !== undefined) {
    const message = `the Secret ${broken.name} cannot be read, and the kubelet then pulls with none: ${broken.message}`
    return { ...full, credentials: [], result: 'Broken', message, warnings: [] }
  }
  const found = keyringOf(read.flatMap(({ secret }) => secret ?? [])).lookup(reference.name)
  return { ...full, ...(await tryAll(reference, found, options)), warnings: warningsOf(reference, found) }
}

type Tried = Pick<ImageCheck, 'credentials' | 'result' | 'message'>

/** One after the other, as the kubelet does; with none, anonymously. */
async function tryAll(
  reference: ImageReference,
  found: readonly TrackedCredential[],
  { client, signal }: CheckOptions,
): Promise<Tried> {
  if (found.length === 0) {
    const { result, message } = await tryOne(() => client.resolve(reference, { signal }), signal)
    if (result === 'Accepted')
      return { credentials: [], result: 'Anonymous', message: 'the registry gives it to anybody' }
    const told = `no pull secret is for ${reference.name}, and without one: ${message}`
    return { credentials: [], result: result === 'Refused' ? 'Refused' : 'Unreachable', message: told }
  }
  const credentials: CheckedCredential[] = []
  let last: { readonly result: CheckedCredential['result']; readonly message: string } = { result: '', message: '' }
  for (const credential of found) {
    const { key, source, username } = credential
    if (last.result !== 'Accepted') last = await tryCredential(reference, credential, { client, signal })
    else last = { result: 'Accepted', message: '' }
    const isBehind = credentials.some(({ result }) => result === 'Accepted')
    const told = isBehind ? { result: '' as const, message: '' } : last
    credentials.push({ secret: source.name, registry: key, username, ...told })
  }
  const accepted = credentials.find(({ result }) => result === 'Accepted')
  if (accepted !== undefined) {
    return { credentials, result: 'Pulled', message: `the registry takes the login of Secret ${accepted.secret}` }
  }
  const isRefused = credentials.some(({ result }) => result === 'Refused')
  return { credentials, result: isRefused ? 'Refused' : 'Unreachable', message: credentials.at(-1)?.message ?? '' }
}

interface Outcome {
  readonly result: 'Accepted' | 'Refused' | 'Unreachable'
  readonly message: string
}

async function tryCredential(
  reference: ImageReference,
  { key, username, password }: TrackedCredential,
  { client, signal }: Pick<CheckOptions, 'client' | 'signal'>,
): Promise<Outcome> {
  // The kubelet would; a check is no way to send a password to whatever host an image names.
  if (/[*?[\\]/.test(key.split('/')[0] ?? ''))
    return { result: 'Refused', message: `not tried: ${key} stands for many hosts` }
  return tryOne(() => client.resolve(reference, { credential: { username, password }, signal }), signal)
}

/** An image that is not there was looked for with a login that is good. */
async function tryOne(ask: () => Promise<unknown>, signal: AbortSignal): Promise<Outcome> {
  try {
    await ask()
    return { result: 'Accepted', message: '' }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof RegistryError)) throw error
    if (error.failure === 'not-found') return { result: 'Accepted', message: messageOf(error) }
    return { result: error.failure === 'denied' ? 'Refused' : 'Unreachable', message: messageOf(error) }
  }
}

function parsedImage(text: string): ImageReference {
  if (text === '')
    throw new CapstanError('bad-input', 'an image is missing: name one, such as registry.example.com/team/app:1')
  return parseImageReference(text)
}

function pullSecretNames(account: KubeObject): readonly string[] {
  const { imagePullSecrets } = account as KubeObject & { readonly imagePullSecrets?: unknown }
  if (!Array.isArray(imagePullSecrets)) return []
  return imagePullSecrets.flatMap((entry: unknown) => {
    const name: unknown = typeof entry === 'object' && entry !== null && 'name' in entry ? entry.name : undefined
    return typeof name === 'string' && name !== '' ? [name] : []
  })
}

function describeSecret(name: string, secret: PullSecret | undefined, { name: image }: ImageReference): CheckedSecret {
  const none = { name, registries: [] }
  if (secret === undefined)
    return { ...none, state: 'Missing', message: 'there is no such Secret: the kubelet skips it' }
  try {
    const keyring = keyringOf([secret])
    const registries = keyring.keys()
    if (registries.length === 0) {
      return {
        ...none,
        state: 'WrongType',
        message: `holds no docker config of type ${secret.type}: the kubelet skips it`,
      }
    }
    const isUsed = keyring.lookup(image).length > 0
    return {
      name,
      registries,
      state: isUsed ? 'Used' : 'NoMatch',
      message: isUsed ? '' : `is for ${registries.join(', ')}`,
    }
  } catch (error) {
    if (error instanceof DockerConfigError) return { ...none, state: 'Broken', message: error.message }
    throw error
  }
}

function warningsOf({ domain, name, path }: ImageReference, found: readonly TrackedCredential[]): readonly string[] {
  return found.flatMap(({ key, source }) => {
    if (key === 'index.docker.io' && domain !== 'docker.io') {
      return [`Secret ${source.name}: the kubelet offers Docker Hub's login to ${domain} too`]
    }
    const keyPath = key.includes('/') ? key.slice(key.indexOf('/')) : ''
    const isLikeness = keyPath !== '' && !`/${path}/`.startsWith(`${keyPath}/`)
    return isLikeness
      ? [`Secret ${source.name}: ${key} is the beginning of ${name} as a text, but no folder of it`]
      : []
  })
}
