// What an application consists of in short: images, addresses, and what stands beside it in its namespace.
import type { AppProject } from '../../crds/app-project.ts'
import type { ApplicationSummary } from '../../crds/application.ts'
import type { ObjectKey } from '../../kube/object.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { resourceTree, type TreeRequest, walkOwned } from '../../live/resource-tree.ts'
import { isResourcePermitted } from '../../policy/project-rules.ts'
import { PULL_SECRET_PREFIX } from '../../diff/pull-secret-entries.ts'
import { matchesGlob } from '../../base/glob.ts'
import type { Comparison, OrphanSearch } from './comparison-result.ts'
import type { Condition } from './conditions.ts'

/** Images and external URLs of the live objects and all they own, sorted. */
export function summaryOf(cache: ClusterCache, comparison: Comparison): ApplicationSummary {
  const images = new Set<string>()
  const urls = new Set<string>()
  const roots = comparison.objects.map(({ key }) => cache.get(key)).filter((root) => root !== undefined)
  walkOwned(cache, roots, (resource) => {
    for (const image of resource.images) images.add(image)
    for (const url of resource.networking?.externalURLs ?? []) urls.add(url)
  })
  const holdsApplications = comparison.objects.some(
    ({ key }) => key.group === 'argoproj.io' && (key.kind === 'Application' || key.kind === 'ApplicationSet'),
  )
  return {
    ...(urls.size > 0 ? { externalURLs: [...urls].toSorted() } : {}),
    ...(images.size > 0 ? { images: [...images].toSorted() } : {}),
    ...(holdsApplications ? { isAppOfApps: true } : {}),
  }
}

/** Which objects of the namespace count as orphans; undefined where the project does not look for them. */
export function orphanSearch(
  project: AppProject,
  namespace: string,
  isApplication: OrphanSearch['isApplication'] = () => true,
): OrphanSearch | undefined {
  const monitor = project.spec.orphanedResources
  if (monitor === undefined || namespace === '') return undefined
  const ignored = monitor.ignore ?? []
  const isIgnored = (key: ObjectKey): boolean =>
    // Brought for its pods, by whoever brings them: nobody forgot it.
    (key.kind === 'Secret' && key.group === '' && key.name.startsWith(PULL_SECRET_PREFIX)) ||
    // What the project forbids is no business of its applications.
    !isResourcePermitted(project, { ...key, isNamespaced: true }) ||
    ignored.some(
      // An absent group is the core group, as upstream has it; an absent kind or name fits all.
      ({ group = '', kind, name }) =>
        matchesGlob(group, key.group) && fitsRule(kind, key.kind) && fitsRule(name, key.name),
    )
  return { namespace, isIgnored, isApplication, warns: monitor.warn === true }
}

/** How many objects of nobody stand in the namespace; none where the project does not look for them. */
export function countOrphans(cache: ClusterCache, { objects, orphans, isShown }: Comparison): number {
  if (orphans === undefined) return 0
  const tree = resourceTree(cache, { ...orphanRequest(objects, orphans), isShown })
  return tree.orphanedNodes?.length ?? 0
}

/** What the tree is asked for with its orphans. */
export function orphanRequest(roots: TreeRequest['roots'], orphans: OrphanSearch): TreeRequest {
  const { namespace, isIgnored, isApplication } = orphans
  return { roots, orphansOf: namespace, isIgnoredOrphan: isIgnored, isApplication }
}

/** A warning where the project asks for one and objects of nobody stand in the namespace. */
export function orphanCondition(cache: ClusterCache, comparison: Comparison): readonly Condition[] {
  if (comparison.orphans?.warns !== true) return []
  const count = countOrphans(cache, comparison)
  return count === 0
    ? []
    : [{ type: 'OrphanedResourceWarning', message: `Application has ${count} orphaned resources` }]
}

/** An absent part fits all. */
function fitsRule(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || pattern === '' || matchesGlob(pattern, text)
}
