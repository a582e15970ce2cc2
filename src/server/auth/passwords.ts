// Passwords as bcrypt hashes, computed in a short-lived worker thread.
import { randomInt } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { Secret } from '../../base/secret.ts'

/** Go's bcrypt.DefaultCost, which upstream uses. */
const COST = 10
const INITIAL_LENGTH = 16
const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-'

/** The bcrypt hash of a password. */
export async function hashPassword(password: Secret): Promise<string> {
  return String(await inWorker({ password: password.reveal(), cost: COST }))
}

/** Says whether a password belongs to a hash; false for a hash that cannot be read. */
export async function isPasswordOf(hash: string, password: Secret): Promise<boolean> {
  if (!/^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/.test(hash)) return false
  return (await inWorker({ password: password.reveal(), hash })) === true
}

/** A first password of upstream's length, made of characters that need no quoting. */
export function randomPassword(): Secret {
  return new Secret(Array.from({ length: INITIAL_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''))
}

function inWorker(workerData: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const worker = new Worker(new URL('./bcrypt-worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 32 },
  })
  worker.once('message', resolve)
  worker.once('error', reject)
  worker.once('exit', () => reject(new Error('the thread for passwords ended early')))
  return promise
}
