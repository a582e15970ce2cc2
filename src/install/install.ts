// Installs or upgrades: looks first, stops an Argo CD where that is wanted, applies, removes what is no longer wanted, waits.
import { randomBytes } from 'node:crypto'
import { CapstanError } from '../base/errors.ts'
import { fieldAt } from '../kube/field.ts'
import type { JsonObject, KubeObject } from '../kube/object.ts'
import { applySteps, lookUp, type Step } from './apply.ts'
import { runningOriginals, scaleOriginal, type Original } from './originals.ts'
import { hasStatus, isOwn, MANAGER, typeOf, type InstallPlace, type PlainObject } from './place.ts'
import { untilReady } from './ready.ts'
import { recorded, recordKey, writeRecord, type InstallRecord } from './record.ts'
import { removeObjects, untilGone } from './remove.ts'

export interface InstallWish {
  /** The chart, rendered with the values, in the order in which it is applied. */
  readonly objects: readonly PlainObject[]
  readonly values: JsonObject
  /** What the last run has left; absent: this is the first. */
  readonly before: InstallRecord | undefined
  /** An Argo CD that runs in the same namespace is stopped. */
  readonly isTakeOver: boolean
  /** Workloads have names of their own, and the addresses of an Argo CD in the same namespace are used as they are. */
  readonly isBeside: boolean
  /** The Secret with the password of the installation's own Redis; absent: it has none. */
  readonly redisSecret: string | undefined
  /** Undefined: not waited for. */
  readonly waitMs: number | undefined
}

/** Resolves when all is applied and, where that is wanted, ready. Errors say what to do; a run that broke off is repeated. */
export async function install(place: InstallPlace, wish: InstallWish): Promise<void> {
  const { before } = wish
  const originals = await runningOriginals(place)
  if (originals.length > 0 && !wish.isTakeOver) throw besideOriginals(place, originals)
  await requireNamespaces(place, wish.objects)
  // What stands in the way is told before anything is stopped or written.
  const steps = await lookUp(place, wish.objects, wish)
  const stopped = await stopOriginals(place, originals, before?.stopped ?? [])
  for (const { live } of steps) warnOfSelector(place, live)
  if (place.isDryRun) {
    await applySteps(place, steps)
    return
  }
  if (before !== undefined) await stopOtherRoles(place, wish, before)
  await applyAll(place, wish, { steps, stopped })
  if (wish.waitMs !== undefined) await untilReady(place, wish.objects, wish.waitMs)
}

interface Looked {
  readonly steps: readonly Step[]
  readonly stopped: readonly Original[]
}

async function applyAll(place: InstallPlace, wish: InstallWish, { steps, stopped }: Looked): Promise<void> {
  const { values, before } = wish
  const rest = steps.filter(({ object }) => !isFirst(object))
  const early = await applySteps(
    place,
    steps.filter(({ object }) => isFirst(object)),
  )
  // Remembered before they are made: what a run that broke off has made is found by the next, and by an uninstall.
  const planned = rest.map(({ object, ref }) => recorded(object, ref.type.namespaced, place.namespace))
  const known = before?.objects ?? []
  await writeRecord(place, { values, objects: [...known, ...early, ...planned], stopped })
  if (wish.redisSecret !== undefined) await makeRedisPassword(place, wish.redisSecret)
  const own = [...early, ...(await applySteps(place, rest))]
  const kept = new Set(own.map(recordKey))
  await removeObjects(
    place,
    known.filter((object) => !kept.has(recordKey(object)) && !isFirst(object)),
  )
  await writeRecord(place, { values, objects: own, stopped })
}

const POD_LABELS: ReadonlySet<string> = new Set(['app.kubernetes.io/name', 'app.kubernetes.io/part-of'])

/** The Service of an Argo CD that helm has installed selects its release's pods alone. */
function warnOfSelector({ namespace, say }: InstallPlace, live: KubeObject | undefined): void {
  if (live?.kind !== 'Service' || isOwn(live)) return
  const selector: object = Object(fieldAt(live, 'spec', 'selector'))
  const strange = Object.keys(selector).filter((key) => !POD_LABELS.has(key))
  if (strange.length === 0) return
  const { name = '' } = live.metadata
  const paths = strange.map((key) => `{"op":"remove","path":"/spec/selector/${key.replaceAll('/', '~1')}"}`)
  const patch = `kubectl -n ${namespace} patch service ${name} --type json -p '[${paths.join(',')}]'`
  say(`warning: service/${name} selects pods by ${strange.join(', ')}, which those of Capstan lack: ${patch}`)
}

/** What others stand on; not removed by an upgrade that leaves it to somebody else. */
function isFirst({ kind }: Pick<KubeObject, 'kind'>): boolean {
  return kind === 'Namespace' || kind === 'CustomResourceDefinition'
}

function besideOriginals({ namespace }: InstallPlace, originals: readonly Original[]): CapstanError {
  const names = originals.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`).join(', ')
  return new CapstanError(
    'precondition',
    `Argo CD runs in namespace ${namespace} (${names}), and two would undo each other's work: ` +
      '--take-over stops it and puts Capstan in its place, --namespace names another place beside it',
  )
}

/** Namespaces of others are not made: a name that is mistyped would be. */
async function requireNamespaces(place: InstallPlace, objects: readonly PlainObject[]): Promise<void> {
  const { client, namespace, signal } = place
  const type = await typeOf(place, { apiVersion: 'v1', kind: 'Namespace' })
  for (const name of new Set(objects.map((object) => object.metadata.namespace ?? namespace))) {
    if (name === namespace || (await client.get({ type, name }, signal)) !== undefined) continue
    const why = `namespace ${name} does not exist, and rights are to be given in it`
    throw new CapstanError('precondition', `${why}: kubectl create namespace ${name}`)
  }
}

/** Gives all that are stopped, earlier ones too, so that they can be started again as they were. */
async function stopOriginals(
  place: InstallPlace,
  originals: readonly Original[],
  earlier: readonly Original[],
): Promise<readonly Original[]> {
  const stopped = new Map(earlier.map((original) => [`${original.kind}/${original.name}`, original]))
  for (const original of originals) {
    const { kind, name } = original
    if (!place.isDryRun) await scaleOriginal(place, original, 0)
    place.say(`${kind.toLowerCase()}/${name} of Argo CD scaled to 0${place.isDryRun ? ' (dry run)' : ''}`)
    stopped.set(`${kind}/${name}`, original)
  }
  return [...stopped.values()]
}

/** One process becomes several, or the other way round: the old ones end first, or both would deliver for a while. */
async function stopOtherRoles(place: InstallPlace, wish: InstallWish, before: InstallRecord): Promise<void> {
  if (wish.values['roles'] === before.values['roles']) return
  const deployments = before.objects.filter(({ kind }) => kind === 'Deployment')
  await removeObjects(place, deployments)
  await untilGone(place, wish.waitMs)
}

const PASSWORD_BYTES = 24

/** False where there is one, which is left alone. */
export async function makeRedisPassword(place: InstallPlace, name: string): Promise<boolean> {
  const { client, namespace, signal } = place
  const type = await typeOf(place, { apiVersion: 'v1', kind: 'Secret' })
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/part-of': 'argocd' } }
  const stringData = { auth: randomBytes(PASSWORD_BYTES).toString('base64url') }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', stringData }
  try {
    await client.create(type, secret, { fieldManager: MANAGER, signal })
    return true
  } catch (error) {
    if (!hasStatus(error, 409)) throw error
    return false
  }
}
