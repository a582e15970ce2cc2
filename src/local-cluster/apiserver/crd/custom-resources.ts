// Keeps the served custom resources in step with their definitions: names accepted, established, cleaned up.
import type { Cancel } from '../../../base/clock.ts'
import { messageOf } from '../../../base/errors.ts'
import { jsonText } from '../../../kube/json-digits.ts'
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { RevisionConflictError, type StoredObject, type StoreEvent } from '../../storage/store.ts'
import type { ServerParts } from '../call.ts'
import { trackUpdate } from '../managed-fields.ts'
import { parseObject, withRevision } from '../objects.ts'
import { timeText } from '../strategy.ts'
import { ApiServiceRegistration } from './api-services.ts'
import { resourcesOf, type Definition } from './definition.ts'

const PREFIX = 'apiextensions.k8s.io/customresourcedefinitions/'
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'
/** After a failed write of a definition's status. */
const RETRY_MS = 1_000

/** The controllers that kube-apiserver runs for definitions. */
export class CustomResources {
  readonly #parts: ServerParts
  readonly #services: ApiServiceRegistration
  #stops: (() => void)[] = []
  #isStopped = false

  constructor(parts: ServerParts) {
    this.#parts = parts
    this.#services = new ApiServiceRegistration(parts)
  }

  /** Serves what is stored and follows every change. */
  start(): void {
    const { store } = this.#parts
    this.#services.start(this.#refresh())
    this.#stops.push(
      store.watch({ prefix: PREFIX, after: store.revision, onEvents: (events) => this.#onEvents(events) }),
    )
    for (const stored of store.list({ prefix: PREFIX }).items) this.#settle(stored)
  }

  stop(): void {
    this.#isStopped = true
    this.#services.stop()
    for (const stop of this.#stops) stop()
    this.#stops = []
  }

  #onEvents(events: readonly StoreEvent[]): void {
    this.#services.follow(this.#refresh())
    for (const event of events) if (event.type !== 'deleted') this.#settle(event)
  }

  /** Definitions whose names are accepted become resources. */
  #refresh(): readonly Definition[] {
    const { store, registry } = this.#parts
    const definitions = store.list({ prefix: PREFIX }).items.map((stored) => parseObject(stored.value) as Definition)
    registry.setCustom(
      definitions.filter(isEstablished).flatMap((definition) => resourcesOf(definition, registry.rules)),
    )
    return definitions
  }

  #settle(stored: Pick<StoredObject, 'key' | 'value' | 'revision'>): void {
    this.#step(stored).catch((error: unknown) => {
      if (this.#isStopped || error instanceof RevisionConflictError) return // a newer event follows
      this.#parts.log.warn('custom resource definition not settled', { key: stored.key, error: messageOf(error) })
      const cancel: Cancel = this.#parts.clock.schedule(RETRY_MS, () => {
        const current = this.#parts.store.get(stored.key)
        if (current !== undefined) this.#settle(current)
      })
      this.#stops.push(cancel)
    })
  }

  async #step(stored: Pick<StoredObject, 'key' | 'value' | 'revision'>): Promise<void> {
    const definition = parseObject(stored.value) as Definition
    if (definition.metadata.deletionTimestamp !== undefined) await this.#cleanUp(stored, definition)
    else await this.#accept(stored, definition)
  }

  async #accept(stored: Pick<StoredObject, 'key' | 'revision'>, definition: Definition): Promise<void> {
    const status = acceptedStatus(definition, timeText(this.#parts.clock.now()), this.#namesTaken(definition))
    if (deepEqual(status, (definition.status ?? {}) as JsonObject)) return
    await this.#writeStatus(stored, definition, status)
  }

  /** Plural names are unique by the definition's own name; kinds are taken by whoever has them accepted first. */
  #namesTaken(definition: Definition): string | undefined {
    const { group, names } = definition.spec
    const other = this.#parts.registry
      .all()
      .find((one) => one.group === group && one.kind === names.kind && one.resource !== names.plural)
    return other === undefined ? undefined : `${JSON.stringify(names.kind ?? '')} is already in use`
  }

  async #writeStatus(
    stored: Pick<StoredObject, 'key' | 'revision'>,
    definition: Definition,
    status: JsonObject,
  ): Promise<void> {
    const { store, registry, clock } = this.#parts
    const next = { ...definition, status } as KubeObject
    const resource = registry.findAny('apiextensions.k8s.io', 'customresourcedefinitions')
    const tracked =
      resource === undefined
        ? next
        : trackUpdate({
            live: definition,
            object: next,
            manager: 'kube-apiserver',
            subresource: 'status',
            resource,
            nowMs: clock.now(),
          })
    await store.write({
      key: stored.key,
      expected: stored.revision,
      encode: (revision) => jsonText(withRevision(tracked, revision)),
    })
  }

  /** Deletes every object of a definition that is going, then lets it go. */
  async #cleanUp(stored: Pick<StoredObject, 'key' | 'revision'>, definition: Definition): Promise<void> {
    const finalizers = definition.metadata.finalizers ?? []
    if (!finalizers.includes(CLEANUP_FINALIZER)) return
    const { store } = this.#parts
    const prefix = `${definition.spec.group}/${definition.spec.names.plural ?? ''}/`
    await this.#deleteAll(prefix)
    if (store.count(prefix) > 0) {
      this.#retryWhenEmpty(prefix, stored.key)
      const status = withTerminating(definition, 'InstanceDeletionInProgress', 'CustomResource deletion is in progress')
      if (!deepEqual(status, (definition.status ?? {}) as JsonObject))
        await this.#writeStatus(stored, definition, status)
      return
    }
    const rest = finalizers.filter((one) => one !== CLEANUP_FINALIZER)
    const { finalizers: _f, ...metadata } = definition.metadata
    const next = { ...definition, metadata: { ...metadata, ...(rest.length === 0 ? {} : { finalizers: rest }) } }
    await store.write({
      key: stored.key,
      expected: stored.revision,
      delete: rest.length === 0,
      encode: (revision) => jsonText(withRevision(next, revision)),
    })
  }

  async #deleteAll(prefix: string): Promise<void> {
    const { store, clock, codec } = this.#parts
    const writes = store.list({ prefix }).items.map(async (stored) => {
      const object = parseObject(stored.value)
      const isHeld = (object.metadata.finalizers ?? []).length > 0
      if (isHeld && object.metadata.deletionTimestamp !== undefined) return
      const metadata = isHeld
        ? { ...object.metadata, deletionTimestamp: timeText(clock.now()), deletionGracePeriodSeconds: 0 }
        : object.metadata
      await store.write({
        key: stored.key,
        expected: stored.revision,
        delete: !isHeld,
        encode: (revision) => jsonText(withRevision({ ...object, metadata }, revision)),
      })
      codec.forget(stored.key)
    })
    await Promise.all(writes)
  }

  #retryWhenEmpty(prefix: string, key: string): void {
    const { store } = this.#parts
    const stop = store.watch({
      prefix,
      after: store.revision,
      onEvents: () => {
        if (store.count(prefix) > 0) return
        stop()
        const current = store.get(key)
        if (current !== undefined) this.#settle(current)
      },
    })
    this.#stops.push(stop)
  }
}

function isEstablished(definition: Definition): boolean {
  return (definition.status?.conditions ?? []).some((one) => one.type === 'Established' && one.status === 'True')
}

function acceptedStatus(definition: Definition, time: string, taken: string | undefined): JsonObject {
  const { names, versions } = definition.spec
  const storage = versions.find((version) => version.storage)?.name ?? ''
  const stored = definition.status?.storedVersions ?? []
  const acceptedNames = taken === undefined ? names : (definition.status?.acceptedNames ?? { plural: '', kind: '' })
  const wanted =
    taken === undefined
      ? [
          condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found'),
          condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted'),
        ]
      : [
          condition('NamesAccepted', 'False', 'KindConflict', taken),
          condition('Established', 'False', 'NotAccepted', 'not all names are accepted'),
        ]
  return {
    conditions: mergeConditions(definition.status?.conditions ?? [], wanted, time),
    acceptedNames: acceptedNames as JsonObject,
    storedVersions: stored.includes(storage) ? [...stored] : [...stored, storage],
  }
}

function condition(type: string, status: string, reason: string, message: string): JsonObject {
  return { type, status, reason, message }
}

/** Conditions keep the time of their last change of status. */
function mergeConditions(old: readonly unknown[], wanted: readonly JsonObject[], time: string): JsonObject[] {
  const known = old as readonly JsonObject[]
  const merged = wanted.map((one) => {
    const before = known.find((other) => other['type'] === one['type'])
    const isSame = before !== undefined && before['status'] === one['status']
    const since = isSame ? (before['lastTransitionTime'] ?? time) : time
    return {
      type: one['type'] ?? '',
      status: one['status'] ?? '',
      lastTransitionTime: since,
      reason: one['reason'] ?? '',
      message: one['message'] ?? '',
    }
  })
  const types = new Set(wanted.map((one) => one['type']))
  return [...merged, ...known.filter((one) => !types.has(one['type'] ?? ''))]
}

/** The status of a definition that is going. */
export function withTerminating(definition: Definition, reason: string, message: string, time?: string): JsonObject {
  const conditions = (definition.status?.conditions ?? []) as unknown as readonly JsonObject[]
  const before = conditions.find((one) => one['type'] === 'Terminating')
  const entry = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: time ?? before?.['lastTransitionTime'] ?? '',
    reason,
    message,
  }
  return {
    ...definition.status,
    conditions: [...conditions.filter((one) => one !== before), entry],
  } as unknown as JsonObject // a status holds JSON values only
}
