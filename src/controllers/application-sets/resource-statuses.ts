// The list of its Applications in the status of an ApplicationSet.
import type { ApplicationSetStatus } from '../../crds/application-set.ts'
import type { Application, ResourceStatus } from '../../crds/application.ts'
import { deepEqual } from '../../kube/json-value.ts'
import { compareText } from '../../lang/go/text.ts'

/** `resources`, at most so many (0: all), and `resourcesCount`; empty where both are as they were. */
export function resourceStatuses(
  status: ApplicationSetStatus,
  applications: readonly Application[],
  maximum: number,
): Pick<ApplicationSetStatus, 'resources' | 'resourcesCount'> {
  const all = applications.map(statusOf).toSorted((a, b) => compareText(a.name ?? '', b.name ?? ''))
  const resources = maximum > 0 ? all.slice(0, maximum) : all
  const isSame = deepEqual(status.resources ?? [], resources) && (status.resourcesCount ?? 0) === all.length
  return isSame ? {} : { resources, resourcesCount: all.length }
}

function statusOf({ metadata, status }: Application): ResourceStatus {
  const health = status?.health?.status
  const sync = status?.sync?.status
  return {
    group: 'argoproj.io',
    version: 'v1alpha1',
    kind: 'Application',
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    ...(sync === undefined ? {} : { status: sync }),
    health: health === undefined ? {} : { status: health },
  }
}
