// The matrix generator: every set of the first generator with every set the second gives for it.
import { CapstanError } from '../base/errors.ts'
import type { ApplicationSetGenerator } from '../crds/application-set.ts'
import type { Generator, GeneratorContext, Parameters } from './contract.ts'
import { attempt, failed } from './failure.ts'
import { requireFewParameters } from './limits.ts'
import { nestedParameters, type NestedGenerator } from './nested.ts'
import { combine, overrideWith } from './parameters.ts'
import { type GeneratorSpec, type GeneratorTable, requeueAfterMs } from './transform.ts'

/** A matrix over the generators of a table (argo-cd v3.5.1 `generators/matrix.go`). */
export function matrixGenerator(table: GeneratorTable): Generator<GeneratorSpec<'matrix'>> {
  return {
    async generate({ generators }, context) {
      const [first, second, ...more] = generators
      if (first === undefined || second === undefined) {
        throw new CapstanError('bad-input', 'found less than two generators, Matrix support only two')
      }
      if (more.length > 0) {
        throw new CapstanError('bad-input', 'found more than two generators, Matrix support only two')
      }
      return multiply({ first, second }, table, context)
    },
    requeueAfterMs: ({ generators }) => requeueAfterMs(generators as readonly ApplicationSetGenerator[], table),
  }
}

interface Pair {
  readonly first: NestedGenerator
  readonly second: NestedGenerator
}

async function multiply(
  { first, second }: Pair,
  table: GeneratorTable,
  context: GeneratorContext,
): Promise<readonly Parameters[]> {
  const rows = await attempt('error failed to get params for first generator in matrix generator', () =>
    nestedParameters(first, table, context),
  )
  const joined: Parameters[] = []
  for (const row of rows) {
    const columns = await attempt('failed to get params for second generator in the matrix generator', () =>
      nestedParameters(second, table, context, row),
    )
    for (const column of columns) joined.push(join(row, column, context.renderer.isGoTemplate))
    requireFewParameters(joined.length, 'matrix')
  }
  return joined
}

function join(row: Parameters, column: Parameters, isGoTemplate: boolean): Parameters {
  if (isGoTemplate) return overrideWith(column, row)
  try {
    return combine(row, column)
  } catch (error) {
    throw failed('failed to combine string maps with merging params for the matrix generator', error)
  }
}
