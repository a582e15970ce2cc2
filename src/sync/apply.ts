// Applies one object the way its options ask: replace, server-side, or as kubectl's client-side apply.
import { CapstanError, messageOf } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { applyClientSide } from './apply-client-side.ts'
import { applyServerSide } from './apply-server-side.ts'
import type { ApplyRequest, ApplyResult } from './apply-request.ts'
import { waitForEstablished } from './established.ts'
import { isCustomResourceDefinition } from './custom-kinds.ts'
import { replaceObject } from './replace.ts'
import { wantsReplace, wantsServerSideApply } from './sync-options.ts'
import type { SyncEnvironment } from './sync-request.ts'

/** Never rejects but for an abort: a failure is a result with the cluster's message. */
export async function applyObject(environment: SyncEnvironment, request: ApplyRequest): Promise<ApplyResult> {
  try {
    const result = await applyAsAsked(environment, request)
    const isNewKind = !request.dryRun && isCustomResourceDefinition(request.target)
    if (isNewKind && result.status === 'Synced') await waitForEstablished(environment, request.target)
    return result
  } catch (error) {
    environment.signal.throwIfAborted()
    return { status: 'SyncFailed', message: withoutValues(messageOf(error)) }
  }
}

/**
 * The API server quotes what it could not take as Go prints maps, Secrets' values included: that is left out, as upstream leaves
 * it out of what kubectl says (gitops-engine `cleanKubectlOutput`, v3.5.1).
 */
export function withoutValues(message: string): string {
  return message.replace(/map\[.*\]/gs, '')
}

/** An object that gets its name from the server would be made anew by each sync. */
function refuseUnnamed({ metadata: { name = '', generateName = '' } }: KubeObject): void {
  if (name !== '') return
  if (generateName === '') throw new CapstanError('bad-input', 'error: resource name may not be empty')
  throw new CapstanError('bad-input', `error: from ${generateName}: cannot use generate name with apply`)
}

async function applyAsAsked(environment: SyncEnvironment, request: ApplyRequest): Promise<ApplyResult> {
  const { options, target, live } = request
  refuseUnnamed(target)
  if (wantsReplace(options, target, live)) return replaceObject(environment, request)
  // A dry run is made client-side whatever the options say, as upstream does: the namespace may not exist yet.
  if (!request.dryRun && wantsServerSideApply(options, target)) return applyServerSide(environment, request)
  return applyClientSide(environment, request)
}
