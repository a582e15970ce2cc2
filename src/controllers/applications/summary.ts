// What an application consists of in short: images, addresses, and what stands beside it in its namespace.
import type { ApplicationSummary } from '../../crds/application.ts'
import type { ClusterCache } from '../../live/cluster-cache.ts'
import { resourceTree, walkOwned } from '../../live/resource-tree.ts'
import { matchesGlob } from '../../base/glob.ts'
import type { Comparison } from './comparison-result.ts'
import type { Condition } from './conditions.ts'
import type { Destination } from './pass.ts'

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

/** A warning where the project asks for one and objects of nobody stand in the namespace. */
export function orphanCondition({ cache, project, mark }: Destination, comparison: Comparison): readonly Condition[] {
  const monitor = project.spec.orphanedResources
  if (monitor?.warn !== true || mark.namespace === '') return []
  const ignored = monitor.ignore ?? []
  const tree = resourceTree(cache, {
    roots: comparison.objects,
    orphansOf: mark.namespace,
    isIgnoredOrphan: (key) =>
      ignored.some(
        (rule) => fitsRule(rule.group, key.group) && fitsRule(rule.kind, key.kind) && fitsRule(rule.name, key.name),
      ),
  })
  const count = tree.orphanedNodes?.length ?? 0
  return count === 0
    ? []
    : [{ type: 'OrphanedResourceWarning', message: `Application has ${count} orphaned resources` }]
}

/** An absent part fits all. */
function fitsRule(pattern: string | undefined, text: string): boolean {
  return pattern === undefined || pattern === '' || matchesGlob(pattern, text)
}
