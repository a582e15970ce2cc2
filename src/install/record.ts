// What an installation remembers of itself: its settings, its objects, and what it has stopped.
import { CapstanError } from '../base/errors.ts'
import { fieldAt, listAt, textAt } from '../kube/field.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { type InstallPlace, MANAGER, OWN_LABEL, OWN_VALUE, typeOf } from './place.ts'
import type { Original } from './originals.ts'

/** The Secret, in the namespace of the installation: values may hold what not everybody is to read. */
export const RECORD_NAME = 'capstan-install'

const SECRET = { apiVersion: 'v1', kind: 'Secret' } as const

/** One object of an installation. */
export interface RecordedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** Empty in cluster scope. */
  readonly namespace: string
}

export interface InstallRecord {
  /** The chart's values that were given. */
  readonly values: JsonObject
  readonly objects: readonly RecordedObject[]
  /** Workloads of Argo CD's that were running and have been scaled to zero. */
  readonly stopped: readonly Original[]
}

/** Undefined where nothing was installed in the namespace, or not with `capstan install`. Throws `bad-input` where it cannot be read. */
export async function readRecord(place: InstallPlace): Promise<InstallRecord | undefined> {
  const { client, namespace, signal } = place
  const type = await typeOf(place, SECRET)
  const found = await client.get({ type, namespace, name: RECORD_NAME }, signal)
  if (found === undefined) return undefined
  const read = (key: string, otherwise: string): JsonValue => {
    const text = Buffer.from(textAt(found, 'data', key), 'base64').toString('utf8')
    try {
      return JSON.parse(text === '' ? otherwise : text)
    } catch (error) {
      const why = `Secret ${RECORD_NAME} in namespace ${namespace}: ${key} is no JSON`
      throw new CapstanError('bad-input', `${why}; repair it, or delete it and install anew`, { cause: error })
    }
  }
  const values = read('values', '{}')
  return {
    values: typeof values === 'object' && values !== null && !Array.isArray(values) ? (values as JsonObject) : {}, // an object
    objects: listAt(read('objects', '[]')).map((one) => ({
      apiVersion: textAt(one, 'apiVersion'),
      kind: textAt(one, 'kind'),
      name: textAt(one, 'name'),
      namespace: textAt(one, 'namespace'),
    })),
    stopped: listAt(read('stopped', '[]')).map(originalOf),
  }
}

function originalOf(value: JsonValue): Original {
  const replicas = fieldAt(value, 'replicas')
  return {
    kind: textAt(value, 'kind') === 'StatefulSet' ? 'StatefulSet' : 'Deployment',
    name: textAt(value, 'name'),
    replicas: typeof replicas === 'number' ? replicas : 1,
  }
}

/** Writes it whole. */
export async function writeRecord(place: InstallPlace, { values, objects, stopped }: InstallRecord): Promise<void> {
  const { client, namespace, signal } = place
  const type = await typeOf(place, SECRET)
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
  const data = { values: encode(values), objects: encode(objects), stopped: encode(stopped) }
  const patch = {
    ...SECRET,
    metadata: { name: RECORD_NAME, namespace, labels: { [OWN_LABEL]: OWN_VALUE } },
    type: 'Opaque',
    data,
  } as unknown as JsonValue // readonly strings are JSON
  await client.patch({ type, namespace, name: RECORD_NAME }, 'apply', patch, {
    fieldManager: MANAGER,
    force: true,
    signal,
  })
}

/** How an object is remembered. */
export function recorded(object: KubeObject, namespaced: boolean, namespace: string): RecordedObject {
  const { name = '', namespace: own = namespace } = object.metadata
  return { apiVersion: object.apiVersion, kind: object.kind, name, namespace: namespaced ? own : '' }
}

export function recordKey({ apiVersion, kind, name, namespace }: RecordedObject): string {
  return `${apiVersion.includes('/') ? apiVersion.split('/', 1)[0] : ''}/${kind}/${namespace}/${name}`
}

/** The object that was remembered, as far as it takes to find it. */
export function objectOf({ apiVersion, kind, name, namespace }: RecordedObject): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) } }
}
