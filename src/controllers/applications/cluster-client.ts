// Makes a client for a cluster that a Secret describes.
import type { Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { createClient } from '../../kube/client/create-client.ts'
import { httpTransport } from '../../kube/client/http-transport.ts'
import type { Cluster } from '../../settings/clusters.ts'

/** A cluster, or why its Secret cannot be used. */
export interface ClusterRecord extends Cluster {
  readonly fault?: string
}

/** Connects over HTTP. Throws `unsupported` for logins that need another program. */
export function connectCluster({ server, name, connection }: ClusterRecord, clock: Clock): KubeClient {
  if (connection.aws !== undefined || connection.exec !== undefined) {
    const what = connection.aws === undefined ? 'execProviderConfig' : 'awsAuthConfig'
    throw new CapstanError(
      'unsupported',
      `cluster ${name}: ${what} is not supported; use a bearer token or a certificate`,
    )
  }
  const { caData, certData, keyData, bearerToken, ...same } = connection
  const transport = httpTransport({
    ...same,
    server,
    ...(caData === undefined ? {} : { ca: caData }),
    ...(certData === undefined ? {} : { clientCertificate: certData }),
    ...(keyData === undefined ? {} : { clientKey: keyData }),
    ...(bearerToken === undefined ? {} : { token: bearerToken }),
  })
  return createClient(transport, { clock })
}
