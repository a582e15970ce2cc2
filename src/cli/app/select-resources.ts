// `--resource [!]GROUP:KIND:[NAMESPACE/]NAME`: which resources a command means.
import { CapstanError } from '../../base/errors.ts'
import type { Application, SyncOperationResource } from '../../crds/application.ts'
import { statusRows, type ResourceRow } from './resource-rows.ts'

/** One value of the flag; what it excludes never travels, as upstream's type has no such field in JSON. */
export interface SelectedResource extends SyncOperationResource {
  readonly isExcluded: boolean
}

/** Reads the flag's values; throws `bad-input` with upstream's words. */
export function parseResources(values: readonly string[]): readonly SelectedResource[] {
  return values.map((value) => {
    const isExcluded = value.startsWith('!')
    const parts = (isExcluded ? value.slice(1) : value).split(':')
    const [group = '', kind = '', place = ''] = parts
    if (parts.length !== 3) {
      throw new CapstanError('bad-input', `Resource should have GROUP:KIND:NAME, but instead got: ${value}`)
    }
    const slash = place.indexOf('/')
    return {
      group,
      kind,
      name: place.slice(slash + 1),
      ...(slash < 0 ? {} : { namespace: place.slice(0, slash) }),
      isExcluded,
    }
  })
}

/** Says whether a row is one of the resources meant; `*` stands for any. */
export function selectorOf(resources: readonly SelectedResource[]): ((row: ResourceRow) => boolean) | undefined {
  if (resources.length === 0) return undefined
  const included = resources.filter(({ isExcluded }) => !isExcluded)
  const excluded = resources.filter(({ isExcluded }) => isExcluded)
  return (row) =>
    !excluded.some((resource) => isMeant(resource, row)) &&
    (included.length === 0 || included.some((resource) => isMeant(resource, row)))
}

/** The resources of an application that are meant, one by one, as a sync takes them; undefined for all. */
export function expandSelection(
  resources: readonly SelectedResource[],
  application: Application,
): readonly SyncOperationResource[] | undefined {
  const isSelected = selectorOf(resources)
  if (isSelected === undefined) return undefined
  const rows = statusRows(application)
  const expanded = rows.filter(isSelected).map(({ group = '', kind = '', namespace, name = '' }) => ({
    group,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  }))
  if (expanded.length === 0)
    throw new CapstanError('bad-input', 'no resource of the application is selected by --resource')
  return expanded
}

function isMeant(resource: SyncOperationResource, row: ResourceRow): boolean {
  return (['group', 'kind', 'namespace', 'name'] as const).every((field) => {
    const wanted = resource[field]
    return wanted === undefined || wanted === '*' || wanted === (row[field] ?? '')
  })
}
