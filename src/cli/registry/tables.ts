// Registry credentials as tables for people.
import { formatTable } from '../table.ts'

/** Our message Registry, as it comes over the wire. */
export interface Registry {
  readonly id?: string
  readonly address?: string
  readonly name?: string
  readonly project?: string
  readonly kind?: string
  readonly identity?: string
  readonly username?: string
  readonly region?: string
  readonly roleArns?: readonly string[] | null
  readonly disabled?: boolean
  readonly adopted?: boolean
  readonly serviceAccounts?: string
  readonly connectionState?: { readonly status?: string; readonly message?: string }
  readonly usage?: Usage
}

interface Usage {
  readonly secretName?: string
  readonly state?: string
  readonly issuedAt?: string
  readonly expiresAt?: string
  readonly errors?: readonly string[] | null
  readonly places?: readonly Place[] | null
  readonly applications?: readonly string[] | null
  readonly applicationCount?: number
  readonly namespaceCount?: number
}

interface Place {
  readonly server?: string
  readonly clusterName?: string
  readonly namespace?: string
}

const HEADING = ['ADDRESS', 'KIND', 'IDENTITY', 'USER', 'PROJECT', 'STATE', 'APPS', 'NAMESPACES', 'EXPIRES', 'MESSAGE']

export function formatRegistries(registries: readonly Registry[]): string {
  const rows = registries.map(({ address = '', kind = '', identity = '', username, project, usage = {}, ...rest }) => {
    const { applicationCount = 0, namespaceCount = 0, expiresAt } = usage
    const who = [address, kind, identity, orDash(username), orDash(project)]
    const counts = [String(applicationCount), String(namespaceCount)]
    return [...who, stateOf({ usage, ...rest }), ...counts, orDash(expiresAt), messageOf({ usage, ...rest })]
  })
  return formatTable([HEADING, ...rows])
}

export function formatRegistry(registry: Registry): string {
  const {
    address,
    id,
    name,
    project,
    kind,
    identity,
    username,
    region,
    roleArns,
    serviceAccounts,
    usage = {},
  } = registry
  const { secretName, issuedAt, expiresAt, applications, places } = usage
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Address:', address],
    ['Secret:', id],
    ['Name:', name],
    ['Project:', project],
    ['Kind:', kind],
    ['Identity:', identity],
    ['User:', username],
    ['Region:', region],
    ['Roles:', (roleArns ?? []).join(' ')],
    ['ServiceAccounts:', serviceAccounts],
    ['Lent by a repository:', registry.adopted === true ? 'yes' : undefined],
    ['State:', stateOf(registry)],
    ['Message:', messageOf(registry)],
    ['Issued:', issuedAt],
    ['Expires:', expiresAt],
    ['Pull secret:', secretName],
    ['Applications:', (applications ?? []).join(', ')],
  ]
  const told = facts.flatMap(([label, value]) => ((value ?? '') === '' ? [] : [[label, value ?? '']]))
  const rows = (places ?? []).map(({ server = '', clusterName, namespace = '' }) => [clusterName || server, namespace])
  const table = rows.length === 0 ? '' : `\n${formatTable([['CLUSTER', 'NAMESPACE'], ...rows])}`
  return formatTable(told, 2) + table
}

function stateOf({ disabled, connectionState, usage }: Registry): string {
  if (connectionState?.status !== undefined) return connectionState.status
  return disabled === true ? 'Disabled' : (usage?.state ?? 'Unused')
}

function messageOf({ connectionState, usage }: Registry): string {
  const told = connectionState?.message ?? ''
  return told === '' ? (usage?.errors ?? []).join('; ') : told
}

function orDash(value: string | undefined): string {
  return value === undefined || value === '' ? '-' : value
}
