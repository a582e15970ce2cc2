// Repositories and files that kustomizations name by address, fetched on behalf of one application's project.
import { CapstanError } from '../base/errors.ts'
import type { RemoteSources } from '../render/contract.ts'
import { type AddressRules, assertForeignHost, hostOf } from '../source/addresses.ts'
import { download } from '../source/charts/download.ts'
import { protocolOf } from '../source/git/url.ts'
import type { OpenOptions, SourceProvider } from '../source/provider.ts'

/** Bytes of one file by address; the largest public bundles of definitions have 12 MB. */
export const MAX_REMOTE_FILE: number = 16 * 1024 * 1024

/** A slow server holds up one application, and not for long. */
const FILE_TIMEOUT_MS = 15_000

export interface RemoteSourcesOptions {
  readonly sources: SourceProvider
  readonly rules: AddressRules
  readonly project: string
  readonly freshness: OpenOptions['freshness']
  readonly maxAgeMs?: number | undefined
  /** Throws for a host that must not be asked; default: those of this machine and metadata services. */
  readonly assertHost?: (host: string, purpose: string) => Promise<void>
}

/** Opens repositories through the sources. Refuses paths of this machine, and its addresses unless they are registered. */
export function createRemoteSources(options: RemoteSourcesOptions): RemoteSources {
  const { sources, rules, project, freshness, maxAgeMs, assertHost = assertForeignHost } = options
  return {
    async openRepository({ url, ref, timeoutMs, submodules }, signal) {
      await assertAllowed(url, rules.isRegistered(url, project))
      const limit = AbortSignal.timeout(timeoutMs)
      const location = { repoURL: url, ...(ref === '' ? {} : { targetRevision: ref }) }
      try {
        return await sources.open(location, {
          project,
          freshness,
          ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
          anonymous: !rules.isPermitted(url, project),
          submodules,
          signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        })
      } catch (error) {
        if (!limit.aborted || signal?.aborted === true) throw error
        const text = `hit ${timeoutMs / 1000}s timeout fetching ${url}; give it more with ?timeout=`
        throw new CapstanError('timeout', text, { cause: error })
      }
    },
    async fetchFile(url, signal) {
      const fetched = await download({
        url,
        access: {},
        owner: url,
        maxBytes: MAX_REMOTE_FILE,
        timeoutMs: FILE_TIMEOUT_MS,
        checkAddress: (address) => assertHost(address.hostname, `file ${url}`),
        ...(signal === undefined ? {} : { signal }),
      })
      return fetched.isUnchanged ? new Uint8Array() : fetched.bytes
    },
  }
}

async function assertAllowed(url: string, isRegistered: boolean): Promise<void> {
  if (protocolOf(url) === 'file') {
    throw new CapstanError('forbidden', `base ${url}: paths of this machine are not read; use https or ssh`)
  }
  const host = hostOf(url)
  if (host === undefined) throw new CapstanError('bad-input', `base ${url}: the address names no host`)
  if (!isRegistered) await assertForeignHost(host, `base ${url}`)
}
