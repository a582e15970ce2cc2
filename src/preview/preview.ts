// What a revision would change: both sides' applications found, those rendered that can differ, and compared.
import { CapstanError, messageOf } from '../base/errors.ts'
import { parseApplicationSet, type ApplicationSet } from '../crds/application-set.ts'
import { parseApplication, type Application } from '../crds/application.ts'
import type { Desired, DesiredRequest, DesiredState } from '../desired/contract.ts'
import { sortedJson } from '../kube/json-value.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import type { FileTree } from '../source/file-tree.ts'
import { compareManifests, compareObjects } from './compare-sides.ts'
import type { ApplicationChange, PreviewReport, ResourceChange } from './contract.ts'
import { ApplicationFinder, isDeclaration } from './find-applications.ts'
import { follows, isOwn, revisionsAt, sourcesOf, type Clone } from './repository-side.ts'

/** Applications that deliver applications, and so on: deeper than this they are taken to go round in circles. */
export const MAX_NESTING = 16
/** So many applications are rendered at a time: what they wait for is the network of other repositories. */
const PARALLEL = 8

export interface PreviewOptions {
  readonly clone: Clone
  readonly desired: Pick<Desired, 'generate'>
  /** The files of a commit of the clone. */
  readonly openTree: (commit: string) => Promise<FileTree>
  /** What an ApplicationSet generates at a commit. */
  readonly generate: (set: ApplicationSet, commit: string) => Promise<readonly Application[]>
  readonly cluster: DesiredRequest['cluster']
  /** Applications are looked for below these folders; empty: everywhere. */
  readonly folders: readonly string[]
  readonly signal: AbortSignal
}

/** What there is of one application, on one side. */
interface Known {
  readonly application: Application
  /** A file, or what it comes from. */
  readonly from: string
  /** Rendered by another application, which shows its manifest. */
  readonly isDelivered: boolean
}

type Side = 'base' | 'head'

/** Compares what `base` and `head`, two commits of the clone, deliver. Throws where neither can be read; see the report for the rest. */
export function previewChange(options: PreviewOptions, base: string, head: string): Promise<PreviewReport> {
  return new Preview(options, { base, head }).run()
}

class Preview {
  readonly #options: PreviewOptions
  readonly #commits: Readonly<Record<Side, string>>
  readonly #known: Readonly<Record<Side, Map<string, Known>>> = { base: new Map(), head: new Map() }
  readonly #problems = new Set<string>()
  /** The outcome of each, and what it was made of. */
  readonly #outcomes = new Map<string, { readonly of: string; readonly change: ApplicationChange | undefined }>()

  constructor(options: PreviewOptions, commits: Readonly<Record<Side, string>>) {
    this.#options = options
    this.#commits = commits
  }

  async run(): Promise<PreviewReport> {
    const finder = new ApplicationFinder()
    for (const side of ['base', 'head'] as const) await this.#declare(side, finder)
    for (let round = 0; await this.#renderRound(); round++) {
      if (round < MAX_NESTING) continue
      this.#problems.add(`applications deliver applications deeper than ${MAX_NESTING}: what is below is left out`)
      break
    }
    const changes = [...this.#outcomes.values()].flatMap(({ change }) => (change === undefined ? [] : [change]))
    return {
      ...this.#commits,
      applications: changes.toSorted((a, b) => (keyOfChange(a) < keyOfChange(b) ? -1 : 1)),
      unchanged: this.#outcomes.size - changes.length,
      problems: [...this.#problems],
    }
  }

  async #declare(side: Side, finder: ApplicationFinder): Promise<void> {
    const { openTree, folders, signal } = this.#options
    const tree = await openTree(this.#commits[side])
    for (const folder of folders.length === 0 ? [''] : folders) {
      const { declared, problems } = await finder.find(tree, folder, signal)
      for (const problem of problems) this.#problems.add(problem)
      for (const { object, file } of declared) await this.#add(side, object, { from: file, isDelivered: false })
    }
  }

  /** What cannot be read or generated is a problem of its own, and no reason to tell nothing of the rest. */
  async #add(side: Side, object: KubeObject, origin: Omit<Known, 'application'>): Promise<void> {
    const { signal } = this.#options
    const name = `${object.kind} ${object.metadata.name ?? ''}`
    try {
      if (object.kind === 'Application') return this.#keep(side, parseApplication(object), origin)
      const made = await this.#options.generate(parseApplicationSet(object), this.#commits[side])
      for (const one of made) this.#keep(side, one, { ...origin, from: `${name} (${origin.from})` })
    } catch (error) {
      signal.throwIfAborted()
      this.#problems.add(`${origin.from}: ${name} on the ${side} side: ${messageOf(error)}`)
    }
  }

  /** What an application delivers stands for the file it was made of, which may be but its base. */
  #keep(side: Side, application: Application, origin: Omit<Known, 'application'>): void {
    const { name = '', namespace = '' } = application.metadata
    const known = this.#known[side]
    const key = `${namespace}/${name}`
    if (known.get(key)?.isDelivered === true && !origin.isDelivered) return
    known.set(key, { application, ...origin })
  }

  /** Renders what is new or other than in the last round; false where there was nothing. */
  async #renderRound(): Promise<boolean> {
    const { base, head } = this.#known
    const due = [...new Set([...base.keys(), ...head.keys()])].filter(
      (key) => this.#outcomes.get(key)?.of !== this.#made(key),
    )
    const next = due.values()
    const work = async (): Promise<void> => {
      for (const key of next) {
        this.#options.signal.throwIfAborted()
        const of = this.#made(key)
        this.#outcomes.set(key, { of, change: await this.#outcome(key) })
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
    return due.length > 0
  }

  #made(key: string): string {
    return [this.#known.base, this.#known.head].map((side) => specText(side.get(key)?.application)).join('\n')
  }

  async #outcome(key: string): Promise<ApplicationChange | undefined> {
    const [before, after] = [this.#known.base.get(key), this.#known.head.get(key)]
    const one = after ?? before
    if (one === undefined || !this.#canDiffer(before, after)) return undefined
    const { name = '', namespace = '' } = one.application.metadata
    const common = { name, namespace, from: one.from }
    try {
      const resources = await this.#differences(before, after)
      if (before === undefined) return { ...common, change: 'added', resources }
      if (after === undefined) return { ...common, change: 'removed', resources }
      return resources.length === 0 ? undefined : { ...common, change: 'changed', resources }
    } catch (error) {
      this.#options.signal.throwIfAborted()
      return { ...common, change: 'failed', error: messageOf(error), resources: [] }
    }
  }

  async #differences(before: Known | undefined, after: Known | undefined): Promise<readonly ResourceChange[]> {
    const old = await this.#render('base', before)
    const wanted = await this.#render('head', after)
    const own = compareObjects(shownOf(before), shownOf(after))
    if (old?.rendering === wanted?.rendering) return own
    return [...own, ...compareManifests(old?.manifests ?? [], wanted?.manifests ?? [])]
  }

  /** An application that reads nothing of this repository, and says the same on both sides, is not looked at any further. */
  #canDiffer(before: Known | undefined, after: Known | undefined): boolean {
    if (before === undefined || after === undefined || !isSameSpec(before, after)) return true
    const { clone } = this.#options
    return sourcesOf(after.application.spec).some((source) => isOwn(clone, source) && follows(clone, source))
  }

  async #render(side: Side, known: Known | undefined): Promise<DesiredState | undefined> {
    if (known === undefined) return undefined
    const { clone, desired, cluster, signal } = this.#options
    const { metadata, spec } = known.application
    const { name = '', namespace = '' } = metadata
    const sources = sourcesOf(spec)
    let state: DesiredState
    try {
      state = await desired.generate({
        application: {
          name,
          namespace,
          project: spec.project,
          destinationNamespace: spec.destination.namespace ?? '',
        },
        sources,
        revisions: revisionsAt(clone, sources, this.#commits[side]),
        freshness: 'cached',
        cluster,
        signal,
      })
    } catch (error) {
      throw new CapstanError('bad-input', `${side}: ${messageOf(error)}`, { cause: error })
    }
    for (const manifest of state.manifests.filter(isDeclaration)) {
      await this.#add(side, manifest, { from: `Application ${name}`, isDelivered: true })
    }
    return state
  }
}

function isSameSpec(before: Known | undefined, after: Known | undefined): boolean {
  return specText(before?.application) === specText(after?.application)
}

function specText(application: Application | undefined): string {
  return application === undefined ? '' : sortedJson(bare(application) as unknown as JsonValue)
}

/** The Application itself, where no other shows it among what it delivers. */
function shownOf(known: Known | undefined): Application | undefined {
  return known?.isDelivered === true ? undefined : bare(known?.application)
}

/** What people write of an Application. */
function bare(application: Application | undefined): Application | undefined {
  if (application === undefined) return undefined
  const { apiVersion, kind, metadata, spec } = application
  return { apiVersion, kind, metadata, spec } as Application
}

function keyOfChange({ name, namespace }: ApplicationChange): string {
  return `${name}\n${namespace}`
}
