// Parameters and templates become Applications (argo-cd v3.5.1 `applicationset/controllers/template`).
import { setImmediate } from 'node:timers/promises'
import type { Application } from '../crds/application.ts'
import { API_VERSION } from '../crds/application.ts'
import type { ApplicationSet, ApplicationSetTemplate } from '../crds/application-set.ts'
import type { JsonObject } from '../kube/object.ts'
import type { GeneratorContext, Parameters } from './contract.ts'
import { failed } from './failure.ts'
import { GenerationError, RESOURCES_FINALIZER } from './generation-error.ts'
import { requireFewParameters } from './limits.ts'
import { renderJson } from './parameters.ts'
import { applyTemplatePatch } from './template-patch.ts'
import { mergeTemplates } from './template-merge.ts'
import { type GeneratorTable, transform } from './transform.ts'

/** Applications are rendered so many at a time before others get their turn on the thread. */
const SLICE = 50

/**
 * All Applications of an ApplicationSet, in the order of its generators, in its namespace. Every generator is asked; then the
 * first error is thrown as a `GenerationError`.
 */
export async function generateApplications(
  table: GeneratorTable,
  context: GeneratorContext,
): Promise<readonly Application[]> {
  const { applicationSet } = context
  const found: Application[] = []
  const errors: GenerationError[] = []
  for (const entry of applicationSet.spec.generators) {
    let results
    try {
      results = await transform(entry, table, context)
    } catch (error) {
      context.signal.throwIfAborted()
      errors.push(new GenerationError('ApplicationGenerationFromParamsError', error))
      continue
    }
    for (const { parameters, template } of results) {
      const merged = mergeTemplates(template, applicationSet.spec.template)
      requireRoom(found.length + parameters.length, errors)
      if (errors.length === 0) errors.push(...(await renderAll(merged, parameters, { context, found })))
    }
  }
  if (errors[0] !== undefined) throw errors[0]
  return found
}

function requireRoom(count: number, errors: GenerationError[]): void {
  try {
    requireFewParameters(count, 'whole set of')
  } catch (error) {
    errors.push(new GenerationError('ApplicationGenerationFromParamsError', error))
  }
}

interface Target {
  readonly context: GeneratorContext
  readonly found: Application[]
}

async function renderAll(
  template: ApplicationSetTemplate,
  sets: readonly Parameters[],
  { context, found }: Target,
): Promise<readonly GenerationError[]> {
  for (const [index, parameters] of sets.entries()) {
    if (index % SLICE === SLICE - 1) {
      await setImmediate()
      context.signal.throwIfAborted()
    }
    try {
      found.push(renderApplication(template, parameters, context))
    } catch (error) {
      // The others would most likely fail the same way, and a set that bombs must not be carried on with.
      return [new GenerationError('RenderTemplateParamsError', error)]
    }
  }
  return []
}

/** One Application: the template with its texts rendered, patched, in the ApplicationSet's namespace. */
export function renderApplication(
  template: ApplicationSetTemplate,
  parameters: Parameters,
  { applicationSet, renderer }: Pick<GeneratorContext, 'applicationSet' | 'renderer'>,
): Application {
  renderer.beginApplication()
  const rendered = finalized(
    renderTemplate(template, parameters, { applicationSet, renderer }),
    applicationSet,
    parameters,
  )
  const { templatePatch } = applicationSet.spec
  const application =
    templatePatch === undefined ? rendered : patched(rendered, templatePatch, { parameters, renderer })
  const { namespace } = applicationSet.metadata
  // Rendering keeps the form of the template.
  return {
    ...application,
    metadata: { ...application.metadata, ...(namespace === undefined ? {} : { namespace }) },
  }
}

type Rendering = Pick<GeneratorContext, 'applicationSet' | 'renderer'>

function renderTemplate(
  template: ApplicationSetTemplate,
  parameters: Parameters,
  { renderer }: Rendering,
): Application {
  const { name, labels, annotations, finalizers } = template.metadata
  const metadata = withoutEmpty({ name, labels, annotations, finalizers })
  const plain = { apiVersion: API_VERSION, kind: 'Application', metadata, spec: template.spec } as unknown as JsonObject
  // Upstream hands out the template as it is where there is no parameter at all.
  const rendered = parameters.size === 0 ? plain : renderJson(plain, parameters, renderer)
  return rendered as unknown as Application
}

function withoutEmpty(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Deleting the Application deletes what it has made, unless the template or the policy says otherwise. */
function finalized(application: Application, { spec }: ApplicationSet, parameters: Parameters): Application {
  const { finalizers = [] } = application.metadata
  const isKept = spec.syncPolicy?.preserveResourcesOnDeletion === true
  if (isKept || finalizers.length > 0 || parameters.size === 0) return application
  return { ...application, metadata: { ...application.metadata, finalizers: [RESOURCES_FINALIZER] } }
}

function patched(
  application: Application,
  templatePatch: string,
  { parameters, renderer }: { readonly parameters: Parameters } & Pick<GeneratorContext, 'renderer'>,
): Application {
  let text: string
  try {
    text = renderer.render(templatePatch, parameters)
  } catch (error) {
    throw failed('error replacing values in templatePatch', error)
  }
  return applyTemplatePatch(application, text)
}
