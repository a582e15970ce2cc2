// The cluster of an application, spoken to as the project's account where impersonation is on.
import type { Application } from '../../../crds/application.ts'
import type { KubeClient } from '../../../kube/client/client.ts'
import { actingAccount } from '../../../policy/impersonation.ts'
import type { Call, ClusterAccess } from '../../context.ts'
import { projectOf } from './find.ts'

/** With impersonation on, its client acts as the project's account for the destination (upstream's getApplicationClusterConfig). */
export async function actingCluster(application: Application, { context }: Call): Promise<ClusterAccess> {
  const cluster = await context.clusterOf(application.spec.destination)
  const project = context.effectiveProject(projectOf(application))
  if (project === undefined) return cluster
  const account = actingAccount(context.settings().impersonation, project, application, cluster.server)
  return account === undefined ? cluster : { ...cluster, client: cluster.client.as(account) }
}

export async function actingClient(application: Application, call: Call): Promise<KubeClient> {
  return (await actingCluster(application, call)).client
}
