// Finds the rules of a built-in kind.
import type { GroupVersionKind } from '../../kube/object.ts'
import type { KindRules } from './contract.ts'
import { appsFamily } from './families/apps.ts'
import { autoscalingFamily } from './families/autoscaling.ts'
import { batchFamily } from './families/batch.ts'
import { networkFamily, policyFamily, rbacFamily, storageFamily } from './families/cluster.ts'
import { coreFamily } from './families/core.ts'
import { asKindRules } from './families/family.ts'
import { podFamily } from './families/pods.ts'
import { serviceFamily } from './families/service.ts'

const FAMILIES = [
  podFamily,
  appsFamily,
  batchFamily,
  serviceFamily,
  coreFamily,
  storageFamily,
  networkFamily,
  rbacFamily,
  policyFamily,
  autoscalingFamily,
]
const RULES: ReadonlyMap<string, KindRules> = new Map(
  FAMILIES.flatMap((family) => Object.entries(family)).map(([kind, rules]) => [kind, asKindRules(rules)]),
)

/** Defaults, preparation, validation and field labels of a kind; undefined for kinds that have none of their own (they get metadata rules alone). */
export function rulesFor(gvk: GroupVersionKind): KindRules | undefined {
  return RULES.get(`${gvk.group}/${gvk.version}/${gvk.kind}`)
}
