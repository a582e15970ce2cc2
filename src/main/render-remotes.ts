// Repositories and files of other places that `capstan render` and `capstan preview` read.
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { createRemoteSources } from '../desired/remote-sources.ts'
import type { RemoteSources } from '../render/contract.ts'
import type { AddressRules } from '../source/addresses.ts'
import { createGitProvider } from '../source/git/provider.ts'
import { cacheFolder } from './chart-cache.ts'
import { execTimeoutMs } from './tool-environment.ts'

export interface OpenRemotes {
  readonly remotes: RemoteSources
  readonly close: () => Promise<void>
}

/** Whoever renders here reads from here: addresses of this machine are as good as others, but for its paths. */
export function openRemotes(): OpenRemotes {
  const rules = { isRegistered: () => true, isPermitted: () => true }
  const sources = openRepositories(rules)
  return {
    remotes: createRemoteSources({ sources, rules, project: '', freshness: 'latest' }),
    close: async () => sources.close(),
  }
}

/** Repositories read without credentials and with their submodules; what was fetched once is kept for the next command. */
export function openRepositories(rules: AddressRules): ReturnType<typeof createGitProvider> {
  const timeoutMs = execTimeoutMs()
  return createGitProvider({
    cacheFolder: join(cacheFolder(), 'repositories'),
    clock: systemClock,
    accessFor: () => Promise.resolve({}),
    submodules: { ...rules, areWanted: true },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
}
