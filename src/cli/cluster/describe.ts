// Clusters as people read them (cmd/argocd/commands/cluster.go, v3.5.1).
import type { Message } from '../../crds/message-type.ts'
import { formatTable } from '../table.ts'

type Cluster = Message<'Cluster'>

export function formatClusters(clusters: readonly Cluster[]): string {
  return formatTable([['SERVER', 'NAME', 'VERSION', 'STATUS', 'MESSAGE', 'PROJECT'], ...clusters.map(rowOf)])
}

function rowOf({ server = '', name = '', namespaces = [], info, project = '' }: Cluster): readonly string[] {
  const count = namespaces.length
  const { status = '', message = '' } = info?.connectionState ?? {}
  return [
    count > 0 ? `${server} (${count} namespaces)` : server,
    name,
    info?.serverVersion ?? '',
    status,
    message,
    project,
  ]
}

/** Spaces and tabs are upstream's. */
export function formatCluster(cluster: Cluster): string {
  const lines = [...identityLines(cluster), '', ...loginLines(cluster.config ?? {}), '']
  return `${lines.join('\n')}\n`
}

function identityLines({ server = '', name = '', namespaces = [], info }: Cluster): readonly string[] {
  return [
    'Cluster information',
    '',
    `  Server URL:            ${server}`,
    `  Server Name:           ${name === '' ? '-' : name}`,
    `  Server Version:        ${info?.serverVersion ?? ''}`,
    `  Namespaces:        \t ${namespaces.length === 0 ? 'all namespaces' : namespaces.join(', ')}`,
  ]
}

function loginLines(config: Message<'ClusterConfig'>): readonly string[] {
  const { tlsClientConfig: tls, username, bearerToken, awsAuthConfig, disableCompression, proxyUrl } = config
  return [
    'TLS configuration',
    '',
    `  Client cert:           ${isSaid(tls?.certData)}`,
    `  Cert validation:       ${tls?.insecure !== true}`,
    '',
    'Authentication',
    '',
    `  Basic authentication:  ${isSaid(username)}`,
    `  oAuth authentication:  ${isSaid(bearerToken)}`,
    `  AWS authentication:    ${awsAuthConfig !== undefined}`,
    '',
    `Disable compression: ${disableCompression === true}`,
    '',
    `Use proxy: ${isSaid(proxyUrl)}`,
  ]
}

function isSaid(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== ''
}
