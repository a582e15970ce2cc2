// The client with which an application's objects are changed: our own, or acting as a service account of its project.
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { actingAccount } from '../../policy/impersonation.ts'
import type { Destination, Pass } from './pass.ts'

/** Throws `forbidden` where an account is demanded and the project has none for the destination, `bad-input` for a wrong one. */
export function actingClient({ application, settings }: Pass, { project, cluster, cache }: Destination): KubeClient {
  const account = actingAccount(settings.impersonation, project, application, cluster.server)
  return account === undefined ? cache.client : cache.client.as(account)
}

/** For deletions, which upstream lets the control plane do itself where no account fits (`applyImpersonationConfig`). */
export function deletingClient(pass: Pass, destination: Destination): KubeClient {
  const { enabled } = pass.settings.impersonation
  try {
    return actingClient(
      { ...pass, settings: { ...pass.settings, impersonation: { enabled, enforced: false } } },
      destination,
    )
  } catch (error) {
    const why = `error deriving service account to impersonate: ${messageOf(error)}`
    throw new CapstanError('bad-input', `cannot apply impersonation: ${why}`, { cause: error })
  }
}

/** What an operation says that cannot act as its account. */
export function accountFault(error: unknown): string {
  const isWrong = error instanceof CapstanError && error.code === 'bad-input'
  return isWrong ? `failed to derive service account to impersonate: ${error.message}` : messageOf(error)
}
