// Wires single sign-on to the settings of this process: sessions of the provider, and the pages of the login.
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { FederatedLogins } from '../server/auth/authenticator.ts'
import type { ServerContext } from '../server/context.ts'
import type { PathAnswerer } from '../server/front.ts'
import { FederatedTokens } from '../server/sso/federated-tokens.ts'
import { Providers } from '../server/sso/provider.ts'
import { createSso } from '../server/sso/sso.ts'
import type { ControlPlaneState } from './control-plane-state.ts'

export interface SingleSignOn {
  readonly federated: FederatedLogins
  /** What answers the paths of the login, once there is a server. */
  answerers(context: ServerContext, base: string): Readonly<Record<string, PathAnswerer>>
}

export interface SingleSignOnOptions {
  readonly state: ControlPlaneState
  readonly clock: Clock
  readonly log: Log
}

export function createSingleSignOn({ state, clock, log }: SingleSignOnOptions): SingleSignOn {
  const providers = new Providers(() => state.oidc())
  const tokens = new FederatedTokens({ providers, clock, log, scopes: () => state.accessPolicy().scopes })
  return {
    federated: {
      isConfigured: () => state.oidc() !== undefined,
      identify: (token) => tokens.identify(token),
    },
    answerers: ({ authenticator }, base) =>
      createSso({
        providers,
        tokens,
        authenticator,
        clock,
        log,
        signingKey: () => state.signingKey(),
        urls: () => {
          const { url, additionalUrls } = state.settings()
          return [url, ...additionalUrls].filter((one) => one !== '')
        },
        base: `/${base.replace(/^\/+|\/+$/g, '')}/`.replace('//', '/'),
      }),
  }
}
