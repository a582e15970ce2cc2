// Brings a backup back: creates what is missing, writes what differs, and tells of what the backup has not.
import type { Clock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import type { ImportFlags } from '../cli/admin/backup.ts'
import { KubeError, type ResourceRef } from '../kube/client/client.ts'
import { type JsonObject, type JsonValue, keyOf, keyText, kindOf, type KubeObject } from '../kube/object.ts'
import { parseYamlDocuments } from '../lang/yaml/read.ts'
import { asJson, BACKUP_KINDS, backupKind, isSameAsBackup, withBackup, withLiveTracking } from '../settings/backup.ts'
import { type BackupPlace, liveObjects } from './backup-place.ts'

export interface ImportWish {
  readonly flags: ImportFlags
  /** The backup. */
  readonly text: string
  readonly write: (text: string) => void
  readonly clock: Clock
}

/** A change is tried so often where `--override-on-conflict` says so. */
const MAX_TRIES = 5

/** Prints what it does in upstream's words. Throws what the API server throws, but for objects it may not write. */
export async function importBackup(place: BackupPlace, wish: ImportWish): Promise<void> {
  const { write, clock } = wish
  const startMs = clock.now()
  write(`import process started ${place.namespace}\n`)
  const live = new Map<string, KubeObject>()
  for (const kind of BACKUP_KINDS) {
    for (const object of await liveObjects(place, kind)) live.set(keyText(keyOf(object)), object)
  }
  for (const object of readBackup(wish.text, place)) {
    const key = keyText(keyOf(object))
    const known = live.get(key)
    live.delete(key)
    await importOne(place, wish, known === undefined ? { object } : { object, live: known })
  }
  for (const object of inPruningOrder([...live.values()])) await pruneOne(place, wish, object)
  const at = rfc3339Seconds(clock.now())
  const duration = `${(clock.now() - startMs) / 1000}s`
  write(`Import process completed successfully in namespace ${place.namespace} at ${at}, duration: ${duration}\n`)
}

/** Objects without a namespace are of the control plane's; those of namespaces that are not enabled are left out. */
function readBackup(text: string, { namespace, isEnabled }: BackupPlace): readonly KubeObject[] {
  const objects: KubeObject[] = []
  for (const [index, { value }] of parseYamlDocuments(text).entries()) {
    if (value === null || value === undefined) continue
    const read = objectOf(value)
    if (read === undefined) throw new CapstanError('bad-input', `document ${index + 1} of the backup is no object`)
    const object = { ...read, metadata: { ...read.metadata, namespace: read.metadata.namespace || namespace } }
    const kind = backupKind(object)
    if (kind === undefined) {
      const { apiVersion, kind: name } = object
      const what = `document ${index + 1} of the backup is ${apiVersion} ${name}`
      throw new CapstanError('bad-input', `${what}: a backup holds ${BACKUP_KINDS.join(', ')}`)
    }
    if (isEnabled(kind, object.metadata.namespace)) objects.push(object)
  }
  return objects
}

function objectOf(value: unknown): KubeObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields: Readonly<Record<string, unknown>> = Object.fromEntries(Object.entries(value))
  const { apiVersion, kind, metadata } = fields
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  return typeof metadata === 'object' && metadata !== null ? { ...fields, apiVersion, kind, metadata } : undefined
}

interface Pair {
  readonly object: KubeObject
  readonly live?: KubeObject
}

async function importOne(place: BackupPlace, wish: ImportWish, { object, live }: Pair): Promise<void> {
  const { flags, write } = wish
  const told = `${nameOf(object)} in namespace ${object.metadata.namespace ?? ''}`
  if (isSkipped(object, flags)) {
    write(`Skipping ${told}\n`)
    return
  }
  if (live !== undefined) {
    await writeOver(place, wish, {
      object: flags.ignoreTracking === true ? withLiveTracking(object, live) : object,
      live,
    })
    return
  }
  const work = (): Promise<void> => create(place, object)
  if (await isDone(place, wish, { object, work })) write(`${told} created${noteOf(flags)}\n`)
}

async function writeOver(place: BackupPlace, wish: ImportWish, { object, live }: Required<Pair>): Promise<void> {
  const { flags, write } = wish
  const hasToStop = flags.stopOperation === true && asJson(live)['operation'] !== undefined
  if (isSameAsBackup(object, live) && !hasToStop) {
    if (flags.verbose === true) write(`${nameOf(object)} unchanged${noteOf(flags)}\n`)
    return
  }
  const next = withBackup(object, live, flags.stopOperation === true)
  const work = (): Promise<void> => update(place, next, { flags, write })
  const told = `${nameOf(object)} in namespace ${object.metadata.namespace ?? ''}`
  if (await isDone(place, wish, { object: next, work })) write(`${told} updated${noteOf(flags)}\n`)
}

function noteOf({ dryRun }: ImportFlags): string {
  return dryRun === true ? ' (dry run)' : ''
}

/** What makes others goes before them, or a controller that runs would make them anew: ApplicationSets first. */
function inPruningOrder(objects: readonly KubeObject[]): readonly KubeObject[] {
  return BACKUP_KINDS.toReversed().flatMap((kind) => objects.filter((object) => object.kind === kind))
}

/** Resources of what was delivered are never touched: see `remove`. */
async function pruneOne(place: BackupPlace, wish: ImportWish, live: KubeObject): Promise<void> {
  const { flags, write } = wish
  const told = nameOf(live)
  if (isSkipped(live, flags)) {
    write(`Skipping pruning of ${told} in namespace ${live.metadata.namespace ?? ''}\n`)
    return
  }
  // The original refuses to go on at a config map; here it stays, and the rest goes on.
  if (flags.prune !== true || live.kind === 'ConfigMap') {
    write(`${told} needs pruning\n`)
    return
  }
  const work = (): Promise<void> => remove(place, live)
  if (await isDone(place, wish, { object: live, work })) write(`${told} pruned${noteOf(flags)}\n`)
}

/** `group/Kind name`. */
function nameOf(object: KubeObject): string {
  const { group, kind } = kindOf(object)
  return `${group}/${kind} ${object.metadata.name ?? ''}`
}

function isSkipped({ metadata }: KubeObject, { skipResourcesWithLabel = '' }: ImportFlags): boolean {
  const { key = '', value = '' } = /^(?<key>[^=]+)=(?<value>.+)$/.exec(skipResourcesWithLabel)?.groups ?? {}
  return key !== '' && metadata.labels?.[key] === value
}

async function refOf({ client, signal }: BackupPlace, object: KubeObject): Promise<ResourceRef> {
  const type = await client.resourceOf(kindOf(object), signal)
  if (type === undefined) throw new KubeError(404, 'NotFound', `the cluster serves no ${nameOf(object)}`)
  return { type, namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' }
}

async function create(place: BackupPlace, object: KubeObject): Promise<void> {
  const { type } = await refOf(place, object)
  await place.client.create(type, object, { signal: place.signal })
}

async function update(
  place: BackupPlace,
  next: KubeObject,
  { flags, write }: Pick<ImportWish, 'flags' | 'write'>,
): Promise<void> {
  const ref = await refOf(place, next)
  let wanted = next
  for (let attempt = 1; ; attempt++) {
    try {
      await place.client.update(ref, wanted, { signal: place.signal })
      return
    } catch (error) {
      if (!(error instanceof KubeError) || error.reason !== 'Conflict') throw error
      write(`Failed to update ${nameOf(next)} in namespace ${ref.namespace ?? ''}: ${error.message}\n`)
      if (flags.overrideOnConflict !== true || attempt >= MAX_TRIES) throw error
      const { metadata } = (await place.client.get(ref, place.signal)) ?? next
      wanted = { ...next, metadata: { ...next.metadata, resourceVersion: metadata.resourceVersion ?? '' } }
    }
  }
}

/**
 * Applications and ApplicationSets go without their finalizers, and an ApplicationSet leaves its Applications behind:
 * what they have delivered stays. One that deletes them in order would have its controller do so meanwhile, so its
 * order is taken away with the finalizer that belongs to it.
 */
async function remove(place: BackupPlace, live: KubeObject): Promise<void> {
  const { client, signal } = place
  const ref = await refOf(place, live)
  const isSet = live.kind === 'ApplicationSet'
  const patch = patchBeforeRemoval(live)
  if (patch !== undefined) await client.patch(ref, 'merge', patch, { signal })
  await client.delete(ref, { ...(isSet ? { propagationPolicy: 'Orphan' } : {}), signal })
}

function patchBeforeRemoval(live: KubeObject): JsonObject | undefined {
  if (live.kind !== 'Application' && live.kind !== 'ApplicationSet') return undefined
  const hasFinalizers = (live.metadata.finalizers ?? []).length > 0
  const isOrdered = live.kind === 'ApplicationSet' && hasDeletionOrder(live)
  if (!hasFinalizers && !isOrdered) return undefined
  return { metadata: { finalizers: null }, ...(isOrdered ? { spec: { strategy: { deletionOrder: null } } } : {}) }
}

function hasDeletionOrder(set: KubeObject): boolean {
  return fieldOf(fieldOf(asJson(set)['spec'], 'strategy'), 'deletionOrder') !== undefined
}

function fieldOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value).find(([key]) => key === name)?.[1]
}

/** False, and a line about it, where the API server forbids it or does not know the kind: the others go on. */
async function isDone(
  { signal }: BackupPlace,
  { flags, write }: ImportWish,
  { object, work }: { readonly object: KubeObject; readonly work: () => Promise<void> },
): Promise<boolean> {
  if (flags.dryRun === true) return true
  try {
    await work()
    return true
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof KubeError) || (error.status !== 403 && error.status !== 404)) throw error
    write(`${nameOf(object)}: ${messageOf(error)}\n`)
    return false
  }
}
