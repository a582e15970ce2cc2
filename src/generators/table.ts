// All generators, by level of nesting: a matrix or merge may hold one more, which holds only plain ones.
import { clusterDecisionGenerator } from './cluster-decision.ts'
import { clusterGenerator } from './clusters.ts'
import type { Generator } from './contract.ts'
import { gitGenerator } from './git.ts'
import { listGenerator } from './list.ts'
import { matrixGenerator } from './matrix.ts'
import { mergeGenerator } from './merge.ts'
import { pluginGenerator } from './plugin.ts'
import type { GeneratorSpec, GeneratorTable } from './transform.ts'

/** Those that ask forges; they stand in a folder of their own. */
export interface ForgeGenerators {
  readonly scmProvider?: Generator<GeneratorSpec<'scmProvider'>>
  readonly pullRequest?: Generator<GeneratorSpec<'pullRequest'>>
}

/** The generators of an ApplicationSet's own `generators`. */
export function createGenerators(forges: ForgeGenerators = {}): GeneratorTable {
  const plain: GeneratorTable = {
    list: listGenerator,
    clusters: clusterGenerator,
    git: gitGenerator,
    clusterDecisionResource: clusterDecisionGenerator,
    plugin: pluginGenerator,
    ...forges,
  }
  const nested = { ...plain, matrix: matrixGenerator(plain), merge: mergeGenerator(plain) }
  return { ...plain, matrix: matrixGenerator(nested), merge: mergeGenerator(nested) }
}
