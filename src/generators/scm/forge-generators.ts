// The generators that ask forges: repositories of SCM providers, and pull requests.
import type { ForgeGenerators } from '../table.ts'
import { pullRequestGenerator } from './pull-request.ts'
import { type ForgeOptions, scmProviderGenerator } from './scm-provider.ts'

export function createForgeGenerators(options: ForgeOptions): Required<ForgeGenerators> {
  return { scmProvider: scmProviderGenerator(options), pullRequest: pullRequestGenerator(options) }
}
