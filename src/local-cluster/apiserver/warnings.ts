// Warnings of a kind go to the answer: after a create, and after an update that changed what is wanted.
import type { KubeObject } from '../../kube/object.ts'
import type { Call } from './call.ts'

/** Kinds on whose updates nothing is said, as people do not update them by hand. */
const QUIET_UPDATES: ReadonlySet<string> = new Set(['Pod'])

/** Adds what the server warns of in an object just written; `old` is what stood there before. */
export function warnOf(call: Call, object: KubeObject, old?: KubeObject): void {
  const { rules, kind } = call.resource
  if (rules?.warnings === undefined) return
  if (old !== undefined && (QUIET_UPDATES.has(kind) || keepsGeneration(object, old))) return
  call.warnings.push(...rules.warnings(object, old))
}

/** Kinds that count generations are told of only when what is wanted has changed. */
function keepsGeneration(object: KubeObject, old: KubeObject): boolean {
  const { generation } = old.metadata
  return generation !== undefined && generation === object.metadata.generation
}
