// Generators inside a matrix or a merge: one generator each, in the form of its level.
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSetGenerator } from '../crds/application-set.ts'
import type { Message } from '../crds/message-type.ts'
import type { GeneratorContext, Parameters } from './contract.ts'
import { attempt } from './failure.ts'
import { type GeneratorTable, transform } from './transform.ts'

export type NestedGenerator = Message<'ApplicationSetNestedGenerator'>

/**
 * What one generator inside another gives. Its own template counts for nothing there, its selector always (`applyNestedSelectors` is
 * ignored since upstream's 2.14).
 * Throws where it names no generator, or several.
 */
export async function nestedParameters(
  generator: NestedGenerator,
  table: GeneratorTable,
  context: GeneratorContext,
  outer?: Parameters,
): Promise<readonly Parameters[]> {
  // A nested matrix or merge is free JSON in the schema and has the shape of the outer one.
  const entry = generator as unknown as ApplicationSetGenerator
  const found = await attempt('child generator returned an error on parameter generation', () =>
    transform(entry, table, context, outer),
  )
  const [only, ...more] = found
  if (only === undefined) throw new CapstanError('bad-input', 'child generator generated no parameters')
  if (more.length > 0) throw new CapstanError('bad-input', 'found more than one generator in matrix.Generators')
  return only.parameters
}
