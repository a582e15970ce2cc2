// Which protobuf message a kind is.
import { splitApiVersion } from '../object.ts'
import { gvkTable } from '../schema/definitions.ts'
import { wireMessage, type WireMessage } from './wire-table.ts'

/** The message of a kind: of the built-in ones, and of versions that are no longer served; undefined where there is none. */
export function kindMessage(apiVersion: string, kind: string): WireMessage | undefined {
  const { group, version } = splitApiVersion(apiVersion)
  const key = `${group}/${version}/${kind}`
  const table = gvkTable()
  const served = Object.hasOwn(table, key) ? table[key] : undefined
  if (served !== undefined) return wireMessage(served)
  // The Go package is named after the first label of the group; kinds of the core group may be meta's own (Status, ListOptions).
  const folder = group === '' ? 'core' : group.replace(/\..*$/, '')
  const own = wireMessage(`io.k8s.api.${folder}.${version}.${kind}`)
  return own ?? (META_GROUPS.has(group) ? metaMessage(version, kind) : undefined)
}

const META_GROUPS: ReadonlySet<string> = new Set(['', 'meta.k8s.io'])

/** Version v1beta1 has only what differs from v1; APIVersions names no version at all. */
function metaMessage(version: string, kind: string): WireMessage | undefined {
  const named = (one: string): WireMessage | undefined =>
    wireMessage(`io.k8s.apimachinery.pkg.apis.meta.${one}.${kind}`)
  return named(version) ?? (version === 'v1beta1' || version === '' ? named('v1') : undefined)
}
