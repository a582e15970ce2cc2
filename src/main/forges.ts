// Generators that ask forges, loaded with the first that is run: most control planes have none.
import { rootCertificates } from 'node:tls'
import { awsCredentials } from '../kube/client/aws-credentials.ts'
import type { Clock } from '../base/clock.ts'
import { DEFAULT_SCM_REQUEUE_MS, type ScmSettings } from '../generators/contract.ts'
import type { GithubTokens } from '../generators/scm/github.ts'
import type { ForgeGenerators } from '../generators/table.ts'
import { requeueFrom } from '../generators/transform.ts'
import type { ServerTrust } from '../source/http-agents.ts'
import type { RepositoryLogins } from '../source/tokens/repository-login.ts'
import type { ControlPlaneState } from './control-plane-state.ts'

export interface ForgeParts {
  readonly clock: Clock
  readonly state: Pick<ControlPlaneState, 'tlsCertificates'>
  readonly logins: Pick<RepositoryLogins, 'githubToken'>
  readonly scm: () => ScmSettings
}

export function forgeGenerators(parts: ForgeParts): Required<ForgeGenerators> {
  let loading: Promise<Required<ForgeGenerators>> | undefined
  const load = (): Promise<Required<ForgeGenerators>> => (loading ??= loadGenerators(parts))
  return {
    scmProvider: {
      generate: async (spec, context) => (await load()).scmProvider.generate(spec, context),
      requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_SCM_REQUEUE_MS),
    },
    pullRequest: {
      generate: async (spec, context) => (await load()).pullRequest.generate(spec, context),
      requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_SCM_REQUEUE_MS),
    },
  }
}

async function loadGenerators(parts: ForgeParts): Promise<Required<ForgeGenerators>> {
  const { createForgeGenerators } = await import('../generators/scm/forge-generators.ts')
  const now = (): number => parts.clock.now()
  return createForgeGenerators({
    githubTokens: githubTokens(parts),
    aws: { env: process.env, now, credentials: awsCredentials },
  })
}

/** The tokens Git logs in with, too; an owner is known by the address of anything it has. */
function githubTokens({ logins, state, scm }: ForgeParts): GithubTokens {
  const trustFor = (address: string): ServerTrust => {
    const { rootCertificates: own = '', proxyUrl, noProxy } = scm()
    const host = URL.parse(address)?.hostname ?? ''
    const known = state.tlsCertificates().get(host)
    const trusted = known ?? (own === '' ? undefined : [...rootCertificates, own].join('\n'))
    return {
      ...(trusted === undefined ? {} : { caCertificates: trusted }),
      ...(proxyUrl === undefined ? {} : { proxy: proxyUrl }),
      ...(noProxy === undefined ? {} : { noProxy }),
    }
  }
  return (app, owner) => logins.githubToken(app, `https://github.com/${encodeURIComponent(owner)}/-`, trustFor)
}
