// How a command ended, as the error channel says it.
import type { CommandOutcome } from '../apiserver/hooks.ts'
import type { JsonObject } from '../../kube/object.ts'

/** Who speaks: the API server's translator (v5), or the node itself (v4 and SPDY). Their texts differ. */
export type Speaker = 'translator' | 'node'

/** The Status of v4 and later: `Success`, `NonZeroExitCode` with an `ExitCode` cause, or `InternalError` (cri-streaming v0.36.3 `ServeExec`, apiserver `streamtranslator.go`). */
export function outcomeStatus(outcome: CommandOutcome, speaker: Speaker): string {
  return JSON.stringify(statusOf(outcome, speaker))
}

/** The error channel before v4: text, and nothing for success. */
export function outcomeText(outcome: CommandOutcome): string {
  const { message } = statusOf(outcome, 'node')
  return typeof message === 'string' ? message : ''
}

function statusOf(outcome: CommandOutcome, speaker: Speaker): JsonObject {
  if (outcome.kind === 'failed') return internalError(outcome.message, speaker)
  const { exitCode } = outcome
  if (exitCode === 0) return { metadata: {}, status: 'Success' }
  const code = String(exitCode)
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: command terminated with exit code ${code}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: code }] },
  }
}

/** The translator wraps what the node had wrapped already. */
function internalError(message: string, speaker: Speaker): JsonObject {
  const fromNode = `Internal error occurred: ${message}`
  const status = { metadata: {}, status: 'Failure', reason: 'InternalError', code: 500 }
  if (speaker === 'node') return { ...status, message: fromNode }
  return { ...status, message: `Internal error occurred: ${fromNode}`, details: { causes: [{ message: fromNode }] } }
}
