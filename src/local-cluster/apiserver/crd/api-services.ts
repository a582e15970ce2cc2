// APIService objects: those every cluster begins with, and those of groups and versions that definitions serve, which come and go with them.
import type { Cancel } from '../../../base/clock.ts'
import { messageOf } from '../../../base/errors.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { RevisionConflictError, type StoredObject } from '../../storage/store.ts'
import type { ServerParts } from '../call.ts'
import { parseObject, withRevision } from '../objects.ts'
import { timeText } from '../strategy.ts'
import type { Definition } from './definition.ts'

export const API_SERVICES_PREFIX = 'apiregistration.k8s.io/apiservices/'
const AUTOMANAGED = 'kube-aggregator.kubernetes.io/automanaged'
/** All groups of definitions have the same (crdregistration_controller.go handleVersionUpdate, v1.36.3). */
const CUSTOM_PRIORITIES = { groupPriorityMinimum: 1000, versionPriority: 100 }
/** After a failed write. */
const RETRY_MS = 1_000

export interface ApiServiceSpec {
  readonly group: string
  readonly version: string
  readonly groupPriorityMinimum: number
  readonly versionPriority: number
}

interface ApiService extends KubeObject {
  readonly spec?: JsonObject
}

/** The object of a group and version that this server serves itself, without its uid. `onstart`: made once, never again. */
export function localApiService(spec: ApiServiceSpec, managed: 'onstart' | 'true', time: string): KubeObject {
  const { group, ...rest } = spec
  const message = 'Local APIServices are always available'
  const condition = { type: 'Available', status: 'True', lastTransitionTime: time, reason: 'Local', message }
  const object = {
    kind: 'APIService',
    apiVersion: 'apiregistration.k8s.io/v1',
    metadata: {
      name: `${spec.version}.${group}`,
      creationTimestamp: time,
      labels: { [AUTOMANAGED]: managed },
      managedFields: [managedEntry(group !== '', time)],
    },
    spec: { ...(group === '' ? {} : { group }), ...rest },
    status: { conditions: [condition] },
  }
  return object
}

function managedEntry(hasGroup: boolean, time: string): JsonObject {
  const labels = { '.': {}, [`f:${AUTOMANAGED}`]: {} }
  const spec = {
    ...(hasGroup ? { 'f:group': {} } : {}),
    'f:groupPriorityMinimum': {},
    'f:version': {},
    'f:versionPriority': {},
  }
  return {
    manager: 'kube-apiserver',
    operation: 'Update',
    apiVersion: 'apiregistration.k8s.io/v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:metadata': { 'f:labels': labels }, 'f:spec': spec },
  }
}

/** The registration kube-apiserver runs for definitions (kube-aggregator autoregister_controller.go, v0.36.3). */
export class ApiServiceRegistration {
  readonly #parts: ServerParts
  #wanted: ReadonlyMap<string, ApiServiceSpec> = new Map()
  #stops: (() => void)[] = []
  #isStopped = false

  constructor(parts: ServerParts) {
    this.#parts = parts
  }

  /** Makes what is missing of the definitions' services, and puts back what is deleted or changed. */
  start(definitions: readonly Definition[]): void {
    const { store } = this.#parts
    this.follow(definitions)
    for (const { key } of store.list({ prefix: API_SERVICES_PREFIX }).items) this.#settle(nameOf(key))
    const onEvents = (events: readonly { readonly key: string }[]): void => {
      for (const { key } of events) this.#settle(nameOf(key))
    }
    this.#stops.push(store.watch({ prefix: API_SERVICES_PREFIX, after: store.revision, onEvents }))
  }

  stop(): void {
    this.#isStopped = true
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  /** The definitions are these now. */
  follow(definitions: readonly Definition[]): void {
    const before = this.#wanted
    this.#wanted = new Map(definitions.flatMap(servicesOf))
    for (const name of this.#wanted.keys()) if (!before.has(name)) this.#settle(name)
    for (const name of before.keys()) if (!this.#wanted.has(name)) this.#settle(name)
  }

  #settle(name: string): void {
    if (this.#isStopped) return
    this.#step(name).catch((error: unknown) => {
      if (this.#isStopped || error instanceof RevisionConflictError) return // a newer event follows
      this.#parts.log.warn('API service not registered', { name, error: messageOf(error) })
      const cancel: Cancel = this.#parts.clock.schedule(RETRY_MS, () => this.#settle(name))
      this.#stops.push(cancel)
    })
  }

  /** Those that bear another mark, or none, belong to somebody else. */
  async #step(name: string): Promise<void> {
    const wanted = this.#wanted.get(name)
    const stored = this.#parts.store.get(API_SERVICES_PREFIX + name)
    if (stored === undefined) {
      if (wanted !== undefined) await this.#create(name, wanted)
      return
    }
    const object = parseObject(stored.value) as ApiService // stored under its kind's key
    if (object.metadata.labels?.[AUTOMANAGED] !== 'true') return
    if (wanted === undefined) await this.#remove(stored, object)
    else if (!deepEqual(object.spec, { ...wanted })) await this.#write(stored, { ...object, spec: { ...wanted } })
  }

  async #create(name: string, spec: ApiServiceSpec): Promise<void> {
    const { store, clock, newUid } = this.#parts
    const object = localApiService(spec, 'true', timeText(clock.now()))
    const made = { ...object, metadata: { ...object.metadata, uid: newUid() } }
    await store.write({
      key: API_SERVICES_PREFIX + name,
      expected: 0,
      encode: (revision) => jsonText(withRevision(made, revision)),
    })
  }

  async #write(stored: StoredObject, object: ApiService): Promise<void> {
    await this.#parts.store.write({
      key: stored.key,
      expected: stored.revision,
      encode: (revision) => jsonText(withRevision(object, revision)),
    })
  }

  /** What somebody holds by a finalizer is marked only. */
  async #remove(stored: StoredObject, object: KubeObject): Promise<void> {
    const { store, clock, codec } = this.#parts
    const isHeld = (object.metadata.finalizers ?? []).length > 0
    if (isHeld && object.metadata.deletionTimestamp !== undefined) return
    const mark = { deletionTimestamp: timeText(clock.now()), deletionGracePeriodSeconds: 0 }
    const last = isHeld ? { ...object, metadata: { ...object.metadata, ...mark } } : object
    await store.write({
      key: stored.key,
      expected: stored.revision,
      delete: !isHeld,
      encode: (revision) => jsonText(withRevision(last, revision)),
    })
    codec.forget(stored.key)
  }
}

/** Served versions, whether their names are accepted yet or not. */
function servicesOf({ spec }: Definition): readonly (readonly [string, ApiServiceSpec])[] {
  const served = spec.versions.filter((version) => version.served)
  return served.map(({ name }) => [`${name}.${spec.group}`, { group: spec.group, version: name, ...CUSTOM_PRIORITIES }])
}

function nameOf(key: string): string {
  return key.slice(API_SERVICES_PREFIX.length)
}
