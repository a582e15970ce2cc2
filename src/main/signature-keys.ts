// The public keys that signatures are verified with: what stands in argocd-gpg-keys-cm.
import type { KubeObject } from '../kube/object.ts'
import { readConfigMap } from '../settings/map-reader.ts'

const KEYS = 'argocd-gpg-keys-cm'

/** Armoured keys by their id; entries under another name are none (argo-cd v3.5.1 `SyncKeyRingFromDirectory`). */
export function signatureKeys(
  configMaps: { get(namespace: string, name: string): KubeObject | undefined },
  namespace: string,
): Readonly<Record<string, string>> {
  const map = configMaps.get(namespace, KEYS)
  if (map === undefined) return {}
  const reader = readConfigMap(map)
  const names = [...reader.keys()].filter((name) => /^[0-9A-Fa-f]{16}$/.test(name))
  return Object.fromEntries(names.map((name) => [name, reader.text(name) ?? '']))
}

/** ARGOCD_GPG_ENABLED: everything but `false` and `no` leaves verification on. */
export function isGpgEnabled(env: Readonly<Record<string, string | undefined>>): boolean {
  return !['false', 'no'].includes((env['ARGOCD_GPG_ENABLED'] ?? '').toLowerCase())
}
