// The lists of a project's spec that commands change an item at a time, with upstream's words (project.go, v3.5.1).
import type { AppProjectSpec } from '../../crds/app-project.ts'
import { refusal, type CliContext } from '../context.ts'
import { text, truthFlag, type Flags } from '../verb-flags.ts'
import { keyIdOf } from './calls.ts'

/** One kind of list, as commands see it. */
export interface ListKind {
  readonly noun: string
  readonly about: string
  /** Arguments behind the project. */
  readonly words: string
  /** Those of `remove-`, where they are others. */
  readonly removeWords?: string
  /** What stands behind the command's name. */
  readonly examples: readonly string[]
  readonly addFlags?: Flags
  readonly removeFlags?: Flags
  /** Whether an item that is there already, or not there, is said rather than refused. */
  readonly isLenient: boolean
  begin(spec: AppProjectSpec, args: readonly string[], flags: FlagValues): Begun
}

type FlagValues = Readonly<Record<string, unknown>>

/** A list and the item in question. */
export interface Begun {
  readonly items: readonly unknown[]
  readonly item: {
    isKnown(other: unknown, context: CliContext): boolean | Promise<boolean>
    knownText(other: unknown): string
    readonly missingText: string
    /** The spec's fields with the item. */
    added(): Partial<AppProjectSpec>
    /** Without it; undefined where it is not there. */
    removed(): Partial<AppProjectSpec> | undefined
  }
}

interface Rules<T> extends Omit<ListKind, 'begin'> {
  readonly items: (spec: AppProjectSpec) => readonly T[]
  readonly change: (spec: AppProjectSpec, items: readonly T[]) => Partial<AppProjectSpec>
  /** Of arguments and flags. */
  readonly item: (args: readonly string[], flags: FlagValues) => T
  readonly isSame: (other: T, item: T) => boolean
  /** Whether adding the item would add nothing; else `isSame`. */
  readonly isKnown?: (other: T, item: T, context: CliContext) => boolean | Promise<boolean>
  readonly known: (other: T) => string
  readonly missing: (item: T) => string
}

/** Ties an item's type to its rules, so that the table holds lists of all types. */
function kindOf<T>({
  items,
  change,
  item: itemOf,
  isSame,
  isKnown = isSame,
  known,
  missing,
  ...kind
}: Rules<T>): ListKind {
  // prettier-ignore
  return {
    ...kind,
    begin(spec, args, flags) {
      const all = items(spec)
      const item = itemOf(args, flags)
      return {
        items: all,
        item: {
          // Only items of `all` are asked about.
          isKnown: (other, context) => isKnown(other as T, item, context),
          knownText: (other) => known(other as T),
          missingText: missing(item),
          added: () => change(spec, [...all, item]),
          removed() {
            const index = all.findIndex((other) => isSame(other, item))
            return index < 0 ? undefined : change(spec, all.toSpliced(index, 1))
          },
        },
      }
    },
  }
}

type Item<Field extends keyof AppProjectSpec> = NonNullable<AppProjectSpec[Field]> extends readonly (infer T)[] ? T : never // prettier-ignore
type OrphanedKey = { readonly group?: string; readonly kind?: string; readonly name?: string }

export const listKinds: readonly ListKind[] = [
  kindOf<Item<'destinations'>>({
    noun: 'destination',
    about: 'a destination: a cluster and a namespace',
    words: '<server> <namespace>',
    examples: ['web https://kubernetes.default.svc web', 'web staging web --name'],
    addFlags: { name: truthFlag('the cluster is given by name') },
    isLenient: false,
    items: ({ destinations = [] }) => destinations,
    change: (_, destinations) => ({ destinations }),
    item: ([cluster = '', namespace = ''], { name }) => name === true ? { name: cluster, namespace } : { server: cluster, namespace }, // prettier-ignore
    isSame: (other, item) => other.namespace === item.namespace && (other.server ?? '') === (item.server ?? ''),
    isKnown: (other, item) =>
      other.namespace === item.namespace && (isGiven(item.server, other.server) || isGiven(item.name, other.name)),
    known: () => 'Specified destination is already defined in project',
    missing: () => 'Specified destination does not exist in project',
  }),
  kindOf<string>({
    noun: 'source',
    about: 'a repository',
    words: '<url>',
    examples: ['web https://git.example/deploy.git'],
    isLenient: true,
    items: ({ sourceRepos = [] }) => sourceRepos,
    change: (_, sourceRepos) => ({ sourceRepos }),
    item: ([url = '']) => url,
    isSame: (other, item) => other === item,
    isKnown: (other, item, context) => other === '*' || context.isSameRepository(other, item),
    known: (other) => `Source repository '${other}' already allowed in project`,
    missing: (item) => `Source repository '${item}' does not exist in project`,
  }),
  kindOf<string>({
    noun: 'source-namespace',
    about: 'a namespace that Applications of the project may stand in',
    words: '<namespace>',
    examples: ['web team-web'],
    isLenient: true,
    items: ({ sourceNamespaces = [] }) => sourceNamespaces,
    change: (_, sourceNamespaces) => ({ sourceNamespaces }),
    item: ([namespace = '']) => namespace,
    isSame: (other, item) => other === item && other !== '*',
    isKnown: (other, item) => other === '*' || other === item,
    known: () => "Source namespace '*' already allowed in project",
    missing: (item) => `Source namespace '${item}' does not exist in project or cannot be removed`,
  }),
  kindOf<Item<'signatureKeys'>>({
    noun: 'signature-key',
    about: 'a GnuPG key that commits may be signed with',
    words: '<key>',
    examples: ['web 4AEE18F83AFDEB23'],
    isLenient: false,
    items: ({ signatureKeys = [] }) => signatureKeys,
    change: (_, signatureKeys) => ({ signatureKeys }),
    item: ([key = '']) => ({ keyID: keyIdOf(key).length === key.length ? key : keyIdOf(key) }),
    isSame: (other, item) => other.keyID === item.keyID,
    known: () => 'Specified signature key is already defined in project',
    missing: () => 'Specified signature key is not configured for project',
  }),
  kindOf<OrphanedKey>({
    noun: 'orphaned-ignore',
    about: 'a kind that may stand about without an application',
    words: '<group> <kind>',
    examples: ["web '' ConfigMap --name 'kube-root-ca.crt'"],
    addFlags: { name: text('pattern of names') },
    removeFlags: { name: text('pattern of names') },
    isLenient: false,
    items: ({ orphanedResources }) => orphanedResources?.ignore ?? [],
    change: ({ orphanedResources }, ignore) => ({ orphanedResources: { ...orphanedResources, ignore } }),
    item: ([group = '', kind = ''], { name }) => ({ group, kind, ...(typeof name === 'string' ? { name } : {}) }),
    isSame: (other, item) =>
      (other.group ?? '') === item.group && other.kind === item.kind && (other.name ?? '') === (item.name ?? ''),
    known: () => 'Specified resource is already defined in the orphaned ignore list of project',
    missing: () => 'Specified resource does not exist in the orphaned ignore list of project',
  }),
  kindOf<Item<'destinationServiceAccounts'>>({
    noun: 'destination-service-account',
    about: 'the service account that syncs to a destination act as',
    words: '<server> <namespace> <account>',
    examples: ['web https://kubernetes.default.svc web deployer'],
    addFlags: { serviceAccountNamespace: text('namespace of the service account') },
    isLenient: false,
    items: ({ destinationServiceAccounts = [] }) => destinationServiceAccounts,
    change: (_, destinationServiceAccounts) => ({ destinationServiceAccounts }),
    item: ([server = '', namespace = '', account = ''], { serviceAccountNamespace: place }) => {
      if (typeof place === 'string' && place.includes('*'))
        throw refusal('service-account-namespace for DestinationServiceAccount must not contain wildcards')
      if (account.includes('*'))
        throw refusal('ServiceAccount for DestinationServiceAccount must not contain wildcards')
      return { server, namespace, defaultServiceAccount: typeof place === 'string' ? `${place}:${account}` : account }
    },
    isSame: (other, item) =>
      other.namespace === item.namespace &&
      other.server === item.server &&
      other.defaultServiceAccount === item.defaultServiceAccount,
    known: () => 'Specified destination service account is already defined in project',
    missing: () => 'Specified destination service account does not exist in project',
  }),
]

function isGiven(wanted: string | undefined, found: string | undefined): boolean {
  return wanted !== undefined && wanted !== '' && wanted === found
}
