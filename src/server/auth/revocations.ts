// Sessions that were ended before their time, kept in a Secret: by every server of the installation, and over restarts.
import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { KubeError } from '../../kube/client/client.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { SettingsStore } from '../settings-store.ts'

export interface Revocations {
  /** Was the session with this id ended? */
  has(id: string): boolean
  /** Ends it until `expiresAt` (seconds since the epoch), when its token is over anyway. */
  add(id: string, expiresAt: number): Promise<void>
}

/** Ours: upstream keeps them in Redis, and forgets them with it. */
export const REVOKED_SESSIONS = 'capstan-revoked-sessions'
/** A Secret holds a megabyte; an entry is some 90 bytes. The oldest give way. */
export const MAX_REVOKED = 5_000
/** A logout does not wait longer for the cluster. */
const TIMEOUT_MS = 10_000

/** Keys are digests: ids of providers hold characters that keys may not. */
export function createRevocations(store: SettingsStore, clock: Clock): Revocations {
  // What this process ended counts before the cluster has told of it.
  const own = new Map<string, number>()
  return {
    has(id) {
      const key = keyOf(id)
      return own.has(key) || dataOf(store.find('Secret', REVOKED_SESSIONS))[key] !== undefined
    },
    async add(id, expiresAt) {
      const nowSeconds = clock.now() / 1000
      for (const [old, until] of own) if (until < nowSeconds) own.delete(old)
      own.set(keyOf(id), expiresAt)
      const signal = AbortSignal.timeout(TIMEOUT_MS)
      const values = { [keyOf(id)]: String(Math.ceil(Math.min(expiresAt, Number.MAX_SAFE_INTEGER))) }
      const edit = (secret: KubeObject): { values: Record<string, string | null> } => {
        const gone = surplus(dataOf(secret), nowSeconds)
        return { values: { ...Object.fromEntries(gone.map((key) => [key, null])), ...values } }
      }
      try {
        await store.change('Secret', REVOKED_SESSIONS, edit, signal)
      } catch (error) {
        if (!(error instanceof KubeError && error.reason === 'NotFound')) throw error
        await store.createSecret(REVOKED_SESSIONS, 'revoked-sessions', { values }, signal)
      }
    },
  }
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex')
}

/** Entries whose tokens are over, and the nearest to it where there are too many. */
function surplus(data: Readonly<Record<string, string>>, nowSeconds: number): readonly string[] {
  const entries = Object.entries(data)
    .map(([key, value]) => [key, Number(Buffer.from(value, 'base64').toString('utf8'))] as const)
    .toSorted(([, a], [, b]) => a - b)
  const over = entries.filter(([, until]) => until < nowSeconds).length
  const count = Math.max(over, entries.length - (MAX_REVOKED - 1))
  return entries.slice(0, count).map(([key]) => key)
}

function dataOf(secret: KubeObject | undefined): Readonly<Record<string, string>> {
  const data: unknown = secret !== undefined && 'data' in secret ? secret.data : undefined
  return typeof data === 'object' && data !== null ? (data as Readonly<Record<string, string>>) : {} // values of a Secret are text
}
