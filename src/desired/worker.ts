// The side of the protocol that runs in a worker thread: one job after the other, evaluated, answered as text.
import { CapstanError, messageOf } from '../base/errors.ts'
import { jsonText } from '../kube/json-digits.ts'
import { evaluateSource } from '../render/render-source.ts'
import type { RenderAnswer, RenderJob } from './worker-protocol.ts'

/** The port of a worker thread, as far as it is used here. */
export interface JobPort {
  on(event: 'message', listener: (job: RenderJob) => void): unknown
  postMessage(answer: RenderAnswer): void
}

/** Answers every job that comes in over the port. */
export function serveRenderJobs(port: JobPort): void {
  port.on('message', (job) => port.postMessage(answerJob(job)))
}

/** Evaluates one job; what fails becomes an answer too. */
export function answerJob(job: RenderJob): RenderAnswer {
  try {
    const {
      sourceType,
      manifests,
      warnings,
      volatile = false,
    } = evaluateSource(job.sourceType, job.request, job.loaded)
    const text = jsonText(manifests)
    if (text.length > job.maxOutputLength) throw outputLimit(job.maxOutputLength)
    return { id: job.id, ok: true, sourceType, manifests: text, warnings, volatile }
  } catch (error) {
    const code = error instanceof CapstanError ? error.code : 'internal'
    return { id: job.id, ok: false, code, message: messageOf(error) }
  }
}

export function outputLimit(limit: number): CapstanError {
  return new CapstanError('limit', `the rendered manifests are larger than ${limit} bytes: split the application`)
}
