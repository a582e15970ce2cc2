// Repositories and files of other places that `capstan render` reads for a kustomization.
import { join } from 'node:path'
import { systemClock } from '../base/clock.ts'
import { createRemoteSources } from '../desired/remote-sources.ts'
import type { RemoteSources } from '../render/contract.ts'
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
  const timeoutMs = execTimeoutMs()
  const sources = createGitProvider({
    cacheFolder: join(cacheFolder(), 'repositories'),
    clock: systemClock,
    accessFor: () => Promise.resolve({}),
    submodules: { ...rules, areWanted: true },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  return {
    remotes: createRemoteSources({ sources, rules, project: '', freshness: 'latest' }),
    close: async () => sources.close(),
  }
}
