// The kinds of metrics.k8s.io/v1beta1 as a metrics server registers them: how they are named, and their tables.
import { formatQuantity } from '../../../kube/quantity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { KindRules, ServedResource, TableColumn } from '../../kinds/contract.ts'
import { addAmounts, amountsOf, NOTHING, type Amounts } from '../admission/pod-amounts.ts'

export const METRICS_GROUP = 'metrics.k8s.io'

const COMMON = {
  group: METRICS_GROUP,
  version: 'v1beta1',
  singular: '',
  verbs: ['get', 'list'],
  shortNames: [],
  categories: [],
  subresources: [],
}

/** What discovery shows. */
export const METRICS_RESOURCES: readonly ServedResource[] = [
  { ...COMMON, kind: 'NodeMetrics', resource: 'nodes', namespaced: false },
  { ...COMMON, kind: 'PodMetrics', resource: 'pods', namespaced: true },
]

type Usage = Readonly<Record<string, string>>

export interface PodMetrics extends KubeObject {
  readonly timestamp: string
  readonly window: string
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[]
}

export interface NodeMetrics extends KubeObject {
  readonly timestamp: string
  readonly window: string
  readonly usage: Usage
}

const COLUMNS: readonly TableColumn[] = ['Name', 'cpu', 'memory', 'Window'].map((name) => ({
  name,
  type: 'string',
  format: name === 'Name' ? 'name' : '',
  description: '',
  priority: 0,
}))

/** Tables of both kinds. */
export const METRICS_RULES: KindRules = {
  table: {
    columns: COLUMNS,
    cells: (object) => {
      const { containers, usage, window } = object as PodMetrics & NodeMetrics // one of both, as made here
      const total = (containers ?? [{ usage }]).reduce<Amounts>((sum, one) => addAmounts(sum, amountsOf(one.usage)), new Map()) // prettier-ignore
      const shown = (name: string): string => formatQuantity(total.get(name) ?? NOTHING)
      return [object.metadata.name ?? '', shown('cpu'), shown('memory'), window]
    },
  },
}
