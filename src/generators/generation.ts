// Generating as a whole: everything it needs is loaded with this file, which a control plane without ApplicationSets never asks for.
import type { ApplicationSet } from '../crds/application-set.ts'
import type { Application } from '../crds/application.ts'
import { generateApplications } from './applications.ts'
import type { GeneratorContext, GeneratorServices, SetGeneration } from './contract.ts'
import { GenerationError } from './generation-error.ts'
import { createGenerators, type ForgeGenerators } from './table.ts'
import { templateFunctions } from './template-functions.ts'
import { TemplateRenderer } from './template-text.ts'
import { requeueAfterMs } from './transform.ts'

export interface GenerationSources {
  readonly forges?: ForgeGenerators
  readonly services: GeneratorServices
  /** Milliseconds since 1970, for templates that ask. */
  readonly nowMs: () => number
}

/** All generators over these services. */
export function createGeneration({ forges, services, nowMs }: GenerationSources): SetGeneration {
  const generators = createGenerators(forges)
  const generate = async (
    applicationSet: ApplicationSet,
    { signal, isRefresh }: Pick<GeneratorContext, 'signal' | 'isRefresh'>,
  ): Promise<readonly Application[]> => {
    let renderer: TemplateRenderer
    try {
      renderer = new TemplateRenderer(applicationSet.spec, templateFunctions(nowMs))
    } catch (error) {
      throw new GenerationError('RenderTemplateParamsError', error)
    }
    return generateApplications(generators, { applicationSet, services, renderer, signal, isRefresh })
  }
  return { generate, requeueAfterMs: ({ spec }) => requeueAfterMs(spec.generators, generators) }
}
