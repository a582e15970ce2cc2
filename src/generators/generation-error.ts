// What can go wrong when Applications are generated, and the finalizer they get; apart from what generates, which is loaded late.
import { CapstanError, messageOf } from '../base/errors.ts'

export const RESOURCES_FINALIZER = 'resources-finalizer.argocd.argoproj.io'

/** Upstream's reasons for what went wrong. */
export type GenerationReason = 'ApplicationGenerationFromParamsError' | 'RenderTemplateParamsError'

/** Generating failed: nothing may be created, changed or deleted by what there is. */
export class GenerationError extends CapstanError {
  readonly reason: GenerationReason

  constructor(reason: GenerationReason, cause: unknown) {
    super(cause instanceof CapstanError ? cause.code : 'internal', messageOf(cause), { cause })
    this.name = 'GenerationError'
    this.reason = reason
  }
}
