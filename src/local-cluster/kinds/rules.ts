// Finds the rules of a built-in kind.
import type { GroupVersionKind } from '../../kube/object.ts'
import type { KindRules } from './contract.ts'
import { appsFamily } from './families/apps.ts'
import { autoscalingFamily } from './families/autoscaling.ts'
import { batchFamily } from './families/batch.ts'
import { networkFamily, policyFamily, rbacFamily, storageFamily } from './families/cluster.ts'
import { coreFamily } from './families/core.ts'
import { deviceFamily } from './families/devices.ts'
import { asKindRules, type JsonKindRules } from './families/family.ts'
import { podFamily } from './families/pods.ts'
import { serviceFamily } from './families/service.ts'
import { builtinResourceOfKind } from './resources.ts'
import { tableFor } from './tables/kind-table.ts'
import { VALIDATORS } from './validation/validators.ts'
import { STATUS_VALIDATORS } from './validation/workload-status.ts'
import { WARNINGS } from './warnings/kind-warnings.ts'

const FAMILIES = [
  podFamily,
  appsFamily,
  batchFamily,
  serviceFamily,
  coreFamily,
  deviceFamily,
  storageFamily,
  networkFamily,
  rbacFamily,
  policyFamily,
  autoscalingFamily,
]
const RULES: ReadonlyMap<string, KindRules> = makeRules()

function makeRules(): ReadonlyMap<string, KindRules> {
  const rules = new Map<string, JsonKindRules>(FAMILIES.flatMap((family) => Object.entries(family)))
  for (const [kind, validate] of Object.entries(VALIDATORS)) rules.set(kind, { ...rules.get(kind), validate })
  for (const [kind, validateStatus] of Object.entries(STATUS_VALIDATORS))
    rules.set(kind, { ...rules.get(kind), validateStatus })
  for (const [kind, warnings] of Object.entries(WARNINGS)) rules.set(kind, { ...rules.get(kind), warnings })
  return new Map([...rules].map(([kind, ofKind]) => [kind, { ...asKindRules(ofKind), table: tableFor(kindOf(kind)) }]))
}

function kindOf(text: string): GroupVersionKind {
  const [group = '', version = '', kind = ''] = text.split('/')
  return { group, version, kind }
}

/** Defaults, preparation, validation and field labels of a kind; undefined for kinds that are not built in. */
export function rulesFor(gvk: GroupVersionKind): KindRules | undefined {
  const known = RULES.get(`${gvk.group}/${gvk.version}/${gvk.kind}`)
  if (known !== undefined || builtinResourceOfKind(gvk) === undefined) return known
  return { table: tableFor(gvk) }
}
