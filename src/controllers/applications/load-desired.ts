// The manifests of an application, from memory where nothing asks for more.
import { CapstanError } from '../../base/errors.ts'
import type { Application, ApplicationSource } from '../../crds/application.ts'
import type { DesiredRequest, DesiredState } from '../../desired/contract.ts'
import type { Delivered } from '../../desired/secrets.ts'
import { SourceError } from '../../desired/source-error.ts'
import { parseJson } from '../../kube/json-digits.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { RememberedDesired } from './app-memory.ts'
import { projectOf, sourcesOf } from './application-name.ts'
import type { Condition } from './conditions.ts'
import type { Destination, Pass } from './pass.ts'
import type { CompareLevel } from './refresh-decision.ts'
import { type PreparedTargets, prepareTargets } from './targets.ts'

export interface DesiredWish {
  readonly level: CompareLevel
  /** What an operation names instead of the spec's. */
  readonly sources?: readonly ApplicationSource[]
  readonly revisions?: readonly string[]
}

export interface LoadedDesired {
  readonly state: DesiredState
  readonly targets: PreparedTargets
}

/** Throws the renderer's or the repository's error, whose message is fit for a ComparisonError. */
export async function loadDesired(pass: Pass, destination: Destination, wish: DesiredWish): Promise<LoadedDesired> {
  const { memory, application, dependencies } = pass
  const sources = wish.sources ?? sourcesOf(application.spec)
  const cluster = await destination.cache.version(pass.signal)
  const place = [destination.mark, destination.cluster.server, cluster.kubeVersion, destination.cache.kindsVersion]
  const rules = helmVersionOf(application)
  const key = JSON.stringify([sources, place, pass.settings.tracking, rules])
  const known = memory.desired?.key === key ? memory.desired : undefined
  if (known !== undefined && mayReuse(known.state, wish)) return known
  const about = aboutOf(application, destination)
  const request = { application: about, sources, freshness: FRESHNESS[wish.level], cluster }
  const revisions = wish.revisions === undefined ? {} : { revisions: wish.revisions }
  const state = await dependencies.desired
    .generate({ ...request, ...revisions, signal: pass.signal })
    .catch((error: unknown) => Promise.reject(whileUnmerged(error, application)))
  // Not `state.unchanged`: others, such as the server when it checks a spec, may have asked for this rendering first.
  const delivered = await deliver(pass, state)
  const targets = sameTargets(known, state, delivered) ?? prepare(pass, destination, delivered ?? state)
  const isFilled = (delivered?.inputs.length ?? 0) > 0
  memory.desired = { key, request, state, targets, fingerprint: delivered?.fingerprint, isFilled }
  return { state, targets }
}

/** Manifests that wait on another branch to be merged are not there yet (argo-cd v3.5.1 controller/state.go). */
function whileUnmerged(error: unknown, { spec: { sourceHydrator } }: Application): unknown {
  const waitsOn = sourceHydrator?.hydrateTo?.targetBranch
  if (waitsOn === undefined || !(error instanceof CapstanError) || !/app path does not exist/.test(error.message))
    return error
  const branch = sourceHydrator?.syncSource.targetBranch ?? ''
  const text = `${error.message} - waiting for an external process to update ${branch} from ${waitsOn}`
  const told = new CapstanError(error.code, text, { cause: error })
  return error instanceof SourceError ? new SourceError(told, error.sourceNumber, error.sourceCount) : told
}

function aboutOf(application: Application, { mark }: Destination): DesiredRequest['application'] {
  const { namespace = '', name = '' } = application.metadata
  const project = projectOf(application.spec)
  const instance = mark.app === name ? {} : { instanceName: mark.app }
  return { name, ...instance, namespace, project, destinationNamespace: mark.namespace, ...helmVersionOf(application) }
}

/** What a rendering has to say; kustomize's notes on deprecated fields are for its own users. */
export function renderWarnings({ warnings }: DesiredState): readonly Condition[] {
  const told = warnings.filter(({ message }) => !message.startsWith('#'))
  return told.map(({ path, message }) => ({ type: 'RenderWarning', message: `${path}: ${message}` }))
}

/** The targets of last time where neither the manifests nor the secrets in them have changed. */
function sameTargets(
  known: RememberedDesired | undefined,
  { manifests }: DesiredState,
  delivered: Delivered | undefined,
): PreparedTargets | undefined {
  if (known === undefined || known.fingerprint !== delivered?.fingerprint) return undefined
  return isSameList(manifests, known.state.manifests) ? known.targets : undefined
}

/** Secrets are filled in here, and live in the targets from then on: nothing that is kept of the rendering holds them. */
async function deliver(
  { dependencies, application, signal }: Pass,
  state: DesiredState,
): Promise<Delivered | undefined> {
  return dependencies.desired.deliver?.(state, { project: projectOf(application.spec), signal })
}

/** Chooses helm 3's rules, or 4.2's, for the charts of one application. */
const HELM_VERSION_ANNOTATION = 'capstan.dev/helm-version'

function helmVersionOf({ metadata }: Application): { readonly helmVersion?: '3' | '4.2' } {
  const wanted = metadata.annotations?.[HELM_VERSION_ANNOTATION]
  return wanted === '3' || wanted === '4.2' ? { helmVersion: wanted } : {}
}

/** A rendering that is kept gives the same objects again. */
function isSameList(a: readonly KubeObject[], b: readonly KubeObject[]): boolean {
  return a === b || (a.length === b.length && a.every((object, index) => object === b[index]))
}

/** Makes manifests ready to be compared with what is live at the destination. */
export function prepare(
  pass: Pass,
  { cache, cluster, mark }: Destination,
  delivered: Delivered | { readonly manifests: readonly KubeObject[] },
): PreparedTargets {
  const { settings } = pass
  return prepareTargets({
    manifests: delivered.manifests,
    ...('places' in delivered ? { filled: delivered } : {}),
    mark,
    tracking: settings.tracking,
    scopeOf: (kind) => cache.scopeOf(kind),
    isExcluded: (object) => settings.isExcluded({ group: groupOf(object), kind: object.kind }, cluster.server),
  })
}

const FRESHNESS = { tree: 'cached', recent: 'cached', latest: 'cached', forced: 'latest', hard: 'hard' } as const

/** A change in the cluster needs no new manifests; neither does an operation on the revision that is known. */
function mayReuse(state: DesiredState, wish: DesiredWish): boolean {
  if (wish.revisions !== undefined) {
    return state.sources.every(({ revision }, index) => wish.revisions?.[index] === revision)
  }
  return wish.level === 'tree' || wish.level === 'recent'
}

function groupOf({ apiVersion }: KubeObject): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** Manifests that came with an operation, as JSON texts. */
export function parseLocal(manifests: readonly string[]): readonly KubeObject[] {
  return manifests.map((text) => parseJson(text) as unknown as KubeObject) // checked when they were taken in
}
