// Flags that shape a project's spec, shared by `create` and `set` (cmd/util/project.go, v3.5.1).
import type { AppProjectSpec, ClusterResourceRestrictionItem } from '../../crds/app-project.ts'
import { refusal } from '../context.ts'
import { list, repeated, text, truthFlag, type Flag, type Values } from '../verb-flags.ts'
import { keyIdOf } from './calls.ts'

type Lists =
  | 'dest'
  | 'src'
  | 'signatureKeys'
  | 'sourceNamespaces'
  | 'destServiceAccounts'
  | `${'allow' | 'deny'}${'Cluster' | 'Namespaced'}Resource`

export const projectFlags: Readonly<Record<'description', Flag<string>>> &
  Readonly<Record<Lists, Flag<readonly string[]>>> &
  Readonly<Record<'orphanedResources' | 'orphanedResourcesWarn', Flag<boolean>>> = {
  description: text('what the project is for'),
  dest: repeated('allowed destination: server,namespace', { short: 'd' }),
  src: repeated('allowed repository', { short: 's' }),
  signatureKeys: list('GnuPG keys that commits have to be signed with'),
  orphanedResources: truthFlag('watch for resources that no application manages'),
  orphanedResourcesWarn: truthFlag('warn of them in the conditions of applications'),
  allowClusterResource: repeated('allowed cluster-wide kind: [group/]kind, or group/kind/name'),
  denyClusterResource: repeated('denied cluster-wide kind: [group/]kind, or group/kind/name'),
  allowNamespacedResource: repeated('allowed kind in namespaces: [group/]kind'),
  denyNamespacedResource: repeated('denied kind in namespaces: [group/]kind'),
  sourceNamespaces: list('namespaces that Applications of the project may stand in'),
  destServiceAccounts: repeated('whom to act as: server,namespace,service account'),
}

export type ProjectFlags = Values<typeof projectFlags>

/** The fields of the spec that the flags set; nothing where none was given. */
export function specOfFlags(flags: ProjectFlags): Partial<AppProjectSpec> {
  const spec: { readonly [Field in keyof AppProjectSpec]?: AppProjectSpec[Field] | undefined } = {
    description: flags.description,
    destinations: flags.dest?.map(destination),
    sourceRepos: flags.src,
    signatureKeys: flags.signatureKeys?.map((key) => ({ keyID: keyIdOf(key) })),
    clusterResourceWhitelist: flags.allowClusterResource?.flatMap(clusterResource),
    clusterResourceBlacklist: flags.denyClusterResource?.flatMap(clusterResource),
    namespaceResourceWhitelist: flags.allowNamespacedResource?.flatMap(groupKind),
    namespaceResourceBlacklist: flags.denyNamespacedResource?.flatMap(groupKind),
    sourceNamespaces: flags.sourceNamespaces,
    destinationServiceAccounts: flags.destServiceAccounts?.map(destinationAccount),
    orphanedResources: orphanedResources(flags),
  }
  // Switched off, it is to be gone: a field set to nothing.
  const isOff = flags.orphanedResources === false && flags.orphanedResourcesWarn === undefined
  const given = Object.entries(spec).filter(([name, value]) => value !== undefined || (isOff && name === 'orphanedResources')) // prettier-ignore
  return Object.fromEntries(given)
}

function orphanedResources({
  orphanedResources: isOn,
  orphanedResourcesWarn: warn,
}: ProjectFlags): { readonly warn?: boolean } | undefined {
  // prettier-ignore
  if (warn !== undefined) return { warn }
  return isOn === true ? {} : undefined
}

function destination(given: string): { readonly server: string; readonly namespace: string } {
  const [server = '', namespace = '', ...more] = given.split(',')
  if (more.length > 0 || !given.includes(','))
    throw refusal(`Expected destination of the form: server,namespace. Received: ${given}`)
  return { server, namespace }
}

function destinationAccount(given: string): { server: string; namespace: string; defaultServiceAccount: string } {
  const parts = given.split(',')
  const [server = '', namespace = '', defaultServiceAccount = ''] = parts
  if (parts.length !== 3)
    throw refusal(
      `Expected destination service account of the form: server,namespace, defaultServiceAccount. Received: ${given}`,
    )
  return { server, namespace, defaultServiceAccount }
}

/** `kind`, `group/kind`, `group/kind/name`; others are passed over, as upstream has it. */
function clusterResource(given: string): readonly ClusterResourceRestrictionItem[] {
  const parts = given.split('/')
  const [group = '', kind = '', name = ''] = parts.length === 1 ? ['', ...parts] : parts
  if (parts.length > 3) return []
  return [{ group, kind, ...(name === '' ? {} : { name }) }]
}

function groupKind(given: string): readonly { readonly group: string; readonly kind: string }[] {
  const parts = given.split('/')
  const [group = '', kind = ''] = parts.length === 1 ? ['', ...parts] : parts
  return parts.length > 2 ? [] : [{ group, kind }]
}
