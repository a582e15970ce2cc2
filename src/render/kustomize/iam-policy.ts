// IAMPolicyGenerator: the service account that a cloud's workload identity is bound to (api/filters/iampolicygenerator).
import { CapstanError } from '../../base/errors.ts'
import type { MappingNode } from './node.ts'
import { mapping, nodeOfValue } from './node.ts'
import type { PluginConfig } from './plugin-fields.ts'

/** The ServiceAccount for a configuration. Throws `bad-input` for a cloud other than `gke`. */
export function iamPolicyAccount({
  cloud = '',
  kubernetesService = {},
  serviceAccount = {},
}: PluginConfig): MappingNode {
  if (cloud !== 'gke') throw new CapstanError('bad-input', `cloud provider ${cloud} not supported yet`)
  const { name = '', namespace = '' } = kubernetesService
  const account = `${serviceAccount.name ?? ''}@${serviceAccount.projectId ?? ''}.iam.gserviceaccount.com`
  const node = nodeOfValue({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      annotations: { 'iam.gke.io/gcp-service-account': account },
      name,
      ...(namespace === '' ? {} : { namespace }),
    },
  })
  return node.kind === 'mapping' ? node : mapping()
}
