// The OpenID provider that argocd-cm names: found out about once, asked over connections that trust what the setting says.
import type { createRemoteJWKSet } from 'jose'
import type { Configuration } from 'openid-client'
import { Agent, fetch as fetchWith } from 'undici'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { OidcSettings } from '../../settings/oidc.ts'

/** A provider that does not answer holds a login up no longer than this. */
const TIMEOUT_SECONDS = 15

/** Keys a token may be signed with: what `jose` takes. */
export type KeySet = ReturnType<typeof createRemoteJWKSet>

export interface Provider {
  readonly configuration: Configuration
  readonly keys: KeySet
  /** Ends connections that are kept; requests under way come to their end. */
  close(): Promise<void>
}

interface Known {
  readonly settings: OidcSettings
  readonly provider: Promise<Provider>
}

/** Asks for what the provider says of itself with the first login, and again after settings have changed or it has failed. */
export class Providers {
  readonly #settings: () => OidcSettings | undefined
  #known: Known | undefined

  constructor(settings: () => OidcSettings | undefined) {
    this.#settings = settings
  }

  /** The settings in force. Throws `precondition` where there is no single sign-on. */
  settings(): OidcSettings {
    const settings = this.#settings()
    if (settings !== undefined) return settings
    throw new CapstanError('precondition', 'single sign-on is not configured: add oidc.config to argocd-cm')
  }

  /** The provider of the settings in force. Throws `unavailable` naming the issuer. */
  async provider(): Promise<Provider> {
    const settings = this.settings()
    const known = this.#of(settings)
    try {
      return await known.provider
    } catch (error) {
      if (this.#known === known) this.#known = undefined
      const message = `failed to query provider "${settings.issuer}": ${messageOf(error)}`
      throw new CapstanError('unavailable', message, { cause: error })
    }
  }

  #of(settings: OidcSettings): Known {
    const old = this.#known
    if (old?.settings === settings) return old
    // One that was not found has been told to whoever asked for it.
    old?.provider.then((provider) => provider.close()).catch(() => undefined)
    this.#known = { settings, provider: discover(settings) }
    return this.#known
  }
}

async function discover(settings: OidcSettings): Promise<Provider> {
  const { ask, dispatcher } = fetchFor(settings)
  try {
    const found = await discoverWith(ask, settings)
    return { ...found, close: async () => dispatcher?.close() }
  } catch (error) {
    await dispatcher?.destroy()
    throw error
  }
}

async function discoverWith(ask: Fetch, settings: OidcSettings): Promise<Omit<Provider, 'close'>> {
  const client = await import('openid-client')
  const jose = await import('jose')
  const { clientSecret } = settings
  const configuration = await client.discovery(
    new URL(settings.issuer),
    settings.clientId,
    undefined,
    clientSecret === undefined ? client.None() : client.ClientSecretPost(clientSecret.reveal()),
    {
      timeout: TIMEOUT_SECONDS,
      [client.customFetch]: (url, init) => ask(url, init as RequestInit), // what fetch takes, typed more narrowly
      // Upstream takes an issuer without TLS, too; who runs one says so in the settings.
      execute: settings.issuer.startsWith('http:') ? [client.allowInsecureRequests] : [],
    },
  )
  const { jwks_uri: keysAt } = configuration.serverMetadata()
  if (keysAt === undefined) throw new CapstanError('bad-input', 'the provider names no jwks_uri')
  const keys = jose.createRemoteJWKSet(new URL(keysAt), {
    [jose.customFetch]: ask,
    timeoutDuration: TIMEOUT_SECONDS * 1000,
  })
  return { configuration, keys }
}

type Fetch = typeof globalThis.fetch

/**
 * Fetches with the certificates of the setting INSTEAD OF the system's, as upstream does (argo-cd v3.5.1 `OIDCTLSConfig`: a
 * pool of `rootCA` alone); without the setting, with the system's.
 */
function fetchFor({ rootCa }: OidcSettings): { readonly ask: Fetch; readonly dispatcher?: Agent } {
  if (rootCa === '') return { ask: globalThis.fetch }
  const dispatcher = new Agent({ connect: { ca: rootCa } })
  // undici's own types and the global ones describe the same objects.
  const ask = (input: string | URL | Request, init?: RequestInit): Promise<unknown> =>
    fetchWith(input as string, { ...(init as object), dispatcher })
  return { ask: ask as Fetch, dispatcher }
}
