// One entry of `generators` becomes parameter sets: interpolated, generated, filtered by its selector (argo-cd v3.5.1 `generator_spec_processor.go`).
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSetGenerator, ApplicationSetTemplate } from '../crds/application-set.ts'
import type { JsonObject } from '../kube/object.ts'
import type { Generator, GeneratorContext, Parameters } from './contract.ts'
import { GENERATOR_NAMES, type GeneratorName } from './generator-names.ts'
import { requireFewParameters } from './limits.ts'
import { renderGenerator } from './parameters.ts'
import { parameterFilter } from './selector.ts'

export type GeneratorSpec<Name extends GeneratorName> = NonNullable<ApplicationSetGenerator[Name]>

/** The generators that may stand at one level of nesting. */
export type GeneratorTable = { readonly [Name in GeneratorName]?: Generator<GeneratorSpec<Name>> }

export interface Transformed {
  readonly parameters: readonly Parameters[]
  /** The generator's own template, which stands over the ApplicationSet's. */
  readonly template: ApplicationSetTemplate | undefined
}

/** Which generators an entry names; none where all its names are unknown. */
export function namesOf(entry: ApplicationSetGenerator, table: GeneratorTable): readonly GeneratorName[] {
  return GENERATOR_NAMES.filter((name) => entry[name] !== undefined && table[name] !== undefined)
}

/**
 * What each generator of an entry gives. Of several that fail the first error is thrown, after all have been asked.
 * @param outer parameters of the matrix's first generator; empty elsewhere.
 */
export async function transform(
  entry: ApplicationSetGenerator,
  table: GeneratorTable,
  context: GeneratorContext,
  outer: Parameters = new Map(),
): Promise<readonly Transformed[]> {
  const isWanted = parameterFilter(entry.selector)
  const results: Transformed[] = []
  const errors: unknown[] = []
  for (const name of namesOf(entry, table)) {
    try {
      // Entries are JSON, and texts within stay texts.
      const rendered = renderGenerator(
        entry as unknown as JsonObject,
        outer,
        context.renderer,
      ) as unknown as typeof entry
      const parameters = await generate(table, name, { entry: rendered, context })
      results.push({ parameters: parameters.filter(isWanted), template: entry[name]?.template })
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return results
}

interface Asked {
  readonly entry: ApplicationSetGenerator
  readonly context: GeneratorContext
}

async function generate<Name extends GeneratorName>(
  table: GeneratorTable,
  name: Name,
  { entry, context }: Asked,
): Promise<readonly Parameters[]> {
  const generator: Generator<GeneratorSpec<Name>> | undefined = table[name]
  const spec = entry[name]
  if (generator === undefined || spec === undefined) throw emptyGenerator()
  context.signal.throwIfAborted()
  const parameters = await generator.generate(spec, context)
  requireFewParameters(parameters.length, name)
  return parameters
}

/** The shortest time after which a generator of the entries wants to be asked again; undefined: none does. */
export function requeueAfterMs(entries: readonly ApplicationSetGenerator[], table: GeneratorTable): number | undefined {
  const times = entries.flatMap((entry) => namesOf(entry, table).map((name) => requeueOf(table, name, entry)))
  const asked = times.filter((time) => time !== undefined && time > 0)
  return asked.length === 0 ? undefined : Math.min(...asked.map(Number))
}

function requeueOf<Name extends GeneratorName>(
  table: GeneratorTable,
  name: Name,
  entry: ApplicationSetGenerator,
): number | undefined {
  const generator: Generator<GeneratorSpec<Name>> | undefined = table[name]
  const spec = entry[name]
  return spec === undefined ? undefined : generator?.requeueAfterMs(spec)
}

/** Upstream's error of a generator without content. */
export function emptyGenerator(): CapstanError {
  return new CapstanError('bad-input', 'ApplicationSet is empty')
}

/** Seconds of a spec in milliseconds, or the default. */
export function requeueFrom(seconds: number | undefined, defaultMs: number): number {
  return seconds === undefined ? defaultMs : seconds * 1000
}
