// The names of all generators.

/** In the order upstream runs them where one entry names several. */
export const GENERATOR_NAMES = [
  'list',
  'clusters',
  'git',
  'scmProvider',
  'clusterDecisionResource',
  'pullRequest',
  'matrix',
  'merge',
  'plugin',
] as const

export type GeneratorName = (typeof GENERATOR_NAMES)[number]
