// What the engine knows of an application beyond its resource, for the API server: its tree, and each object wanted and live.
import type { ApplicationTree, ResourceDiff } from '../../crds/tree.ts'
import { CapstanError } from '../../base/errors.ts'
import { hideValues } from '../../diff/hide-values.ts'
import type { Difference } from '../../diff/contract.ts'
import { differingFields, type FieldOwner, jqOf, ownersOf, pointerOf } from '../../diff/differing-fields.ts'
import { hideSecretData } from '../../diff/mask.ts'
import { keyOf, keyText, type KubeObject } from '../../kube/object.ts'
import { resourceTree } from '../../live/resource-tree.ts'
import { type Request, requestKey } from '../../reconcile/request.ts'
import type { Comparison } from './comparison-result.ts'
import type { ApplicationEngine } from './engine.ts'
import { filledValues } from './filled-secrets.ts'
import type { JudgedObject } from './resource-statuses.ts'
import { orphanRequest } from './summary.ts'
import { jsonText } from '../../kube/json-digits.ts'

export interface Views {
  /** Empty where the application could not be compared. */
  resourceTree(application: Request): Promise<ApplicationTree>
  /** Wanted, live and predicted states as JSON text; secrets masked. */
  managedResources(application: Request): Promise<readonly ResourceDiff[]>
  /** A live object of the application's tree without what was filled into its manifests. */
  hideSecrets(application: Request, object: KubeObject): KubeObject
  /** Calls `listener` when the tree may have changed; the result stops it. */
  onTreeChange(application: Request, listener: () => void): () => void
}

export interface ViewOptions {
  /** Annotations masked like data of Secrets (`resource.sensitive.mask.annotations`). */
  readonly maskedAnnotations?: () => ReadonlySet<string>
}

/** How long a view waits for the first comparison of an application. */
const FIRST_COMPARISON_MS = 10_000
/** How many fields of an object are explained: an object that differs everywhere is read as a whole. */
const MAX_EXPLAINED = 50

/** Views of the state of a running engine, computed when asked for. */
export function createViews(engine: ApplicationEngine, options: ViewOptions = {}): Views {
  return {
    async resourceTree(application) {
      const comparison = await comparisonOf(engine, application)
      return comparison === undefined ? { nodes: [] } : treeOf(engine, comparison)
    },
    async managedResources(application) {
      const comparison = await comparisonOf(engine, application)
      if (comparison === undefined) return []
      const masked = options.maskedAnnotations?.() ?? new Set()
      return comparison.objects.map((object) => resourceDiff(object, comparison, masked))
    },
    hideSecrets(application, object) {
      const comparison = engine.memories.get(requestKey(application))?.comparison
      if (comparison === undefined || comparison.secrets.places.size === 0) return object
      const targets = comparison.objects.map(({ key, target }) => [keyText(key), target] as const)
      const paths = comparison.secrets.places.get(keyText(keyOf(object))) ?? []
      return hideValues([object], paths, filledValues(targets, comparison.secrets))[0] ?? object
    },
    onTreeChange(application, listener) {
      const key = requestKey(application)
      return engine.onTreeChange((changed) => {
        if (requestKey(changed) === key) listener()
      })
    },
  }
}

/** Right after the start nothing has been compared yet: wait a moment for it. */
async function comparisonOf(engine: ApplicationEngine, application: Request): Promise<Comparison | undefined> {
  const known = engine.memories.get(requestKey(application))
  if (known?.comparison !== undefined || known?.hasFailed === true) return known.comparison
  if (engine.application(application) === undefined) {
    throw new CapstanError('not-found', `application ${application.name} not found`)
  }
  return engine.firstComparison(application, FIRST_COMPARISON_MS)
}

function treeOf(engine: ApplicationEngine, comparison: Comparison): ApplicationTree {
  const { cluster, objects, orphans, isShown } = comparison
  const roots = objects.filter(({ isSelfReferenced }) => isSelfReferenced)
  const request = orphans === undefined ? { roots } : orphanRequest(roots, orphans)
  return resourceTree(engine.clusters.cacheOf(cluster), { ...request, isShown })
}

/** The texts are `null` for a side that does not exist, as upstream has it. */
function resourceDiff(
  object: JudgedObject,
  { differences, secrets }: Comparison,
  maskedAnnotations: ReadonlySet<string>,
): ResourceDiff {
  const { key, target, live } = object
  const id = keyText(key)
  const difference = differences.get(id)
  const isSecret = key.group === '' && key.kind === 'Secret'
  const paths = secrets.places.get(id)
  const values = filledValues([[id, target]], secrets)
  const masked = (sides: Sides): Sides => {
    const [wanted, alive] = mask(isSecret, sides, maskedAnnotations)
    if (paths === undefined || isSecret) return [wanted, alive]
    const [hidden, hiddenAlive] = hideValues([wanted, alive], paths, values)
    return [hidden, hiddenAlive]
  }
  const states = masked([target, live])
  const compared = masked([difference?.predictedLive, difference?.normalizedLive])
  return {
    ...key,
    targetState: textOf(states[0]),
    liveState: textOf(states[1]),
    normalizedLiveState: textOf(compared[1]),
    predictedLiveState: textOf(compared[0]),
    ...(live?.metadata.resourceVersion === undefined ? {} : { resourceVersion: live.metadata.resourceVersion }),
    ...(object.isHook ? { hook: true } : {}),
    ...(object.isModified ? { modified: true } : {}),
    ...explained(live, difference),
  }
}

/** Paths and managers hold no values, so that secrets need no mask here. */
function explained(live: KubeObject | undefined, difference: Difference | undefined): Partial<ResourceDiff> {
  if (live === undefined || difference?.isModified !== true || difference.predictedLive === undefined) return {}
  const { paths, added } = differingFields(difference.normalizedLive, difference.predictedLive)
  const fields = [
    ...paths.map((path) => ({ text: pointerOf(path), path })),
    ...added.map((element) => ({ text: jqOf(element), path: element.list })),
  ]
  const differing = fields.slice(0, MAX_EXPLAINED).map(({ text, path }) => {
    const [owner] = ownersOf(live, path)
    return { path: text, ...(owner === undefined ? {} : withoutEmpty(owner)) }
  })
  return differing.length === 0 ? {} : { differingFields: differing }
}

function withoutEmpty(owner: FieldOwner): Partial<FieldOwner> {
  return Object.fromEntries(Object.entries(owner).filter(([, value]) => value !== ''))
}

type Sides = readonly [wanted: KubeObject | undefined, live: KubeObject | undefined]

function mask(isSecret: boolean, [wanted, live]: Sides, annotations: ReadonlySet<string>): Sides {
  if (!isSecret) return [wanted, live]
  const masked = hideSecretData(wanted, live, annotations)
  return [masked.wanted, masked.live]
}

function textOf(object: KubeObject | undefined): string {
  if (object === undefined) return 'null'
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return jsonText({ ...object, metadata })
}
