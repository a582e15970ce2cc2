// ClusterRoles made of others: their rules are those of every role their selectors find (`clusterroleaggregation`, kubernetes v1.36.3).
import { deepEqual } from '../../../kube/json-value.ts'
import type { JsonObject, KubeObject } from '../../../kube/object.ts'
import { labelSelectorOf, matchesLabels, type LabelSelectorObject } from '../../../kube/selector.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { refOf, workloadController, type WorkloadContext } from '../kit/context.ts'

interface ClusterRole extends KubeObject {
  readonly rules?: readonly JsonObject[] | null
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelectorObject[] }
}

const API_VERSION = 'rbac.authorization.k8s.io/v1'
const MANAGER = 'clusterrole-aggregation-controller'

/** Keeps the rules of aggregated roles in step with the roles they are made of. */
export async function createRoleAggregationController(context: WorkloadContext): Promise<Controller> {
  const roles = await context.informers.of<ClusterRole>({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' })
  const controller = workloadController(context, {
    name: MANAGER,
    async reconcile({ name }) {
      const role = roles.get('', name)
      if (role?.aggregationRule === undefined) return
      const rules = aggregatedRules(role, [...roles.list()])
      if (deepEqual(rules, [...(role.rules ?? [])])) return
      const patch = { apiVersion: API_VERSION, kind: 'ClusterRole', metadata: { name }, rules: [...rules] }
      await context.client.patch(refOf(roles.type, role), 'apply', patch, { fieldManager: MANAGER, force: true })
    },
  })
  roles.onChange(() => {
    for (const role of roles.list()) {
      if (role.aggregationRule !== undefined) controller.enqueue({ namespace: '', name: role.metadata.name ?? '' })
    }
  })
  return controller
}

/** The rules of all selected roles by the roles' names, each rule once. */
export function aggregatedRules(role: ClusterRole, all: readonly ClusterRole[]): readonly JsonObject[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelSelectorOf)
  const selected = all
    .filter((one) => one.metadata.name !== role.metadata.name)
    .filter((one) => selectors.some((selector) => matchesLabels(selector, one.metadata.labels)))
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
  const rules = selected.flatMap((one) => one.rules ?? [])
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()]
}
