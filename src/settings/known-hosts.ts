// SSH host keys and TLS certificates of repositories, from their ConfigMaps.
import type { KubeObject } from '../kube/object.ts'
import { readConfigMap } from './map-reader.ts'

export interface KnownHost {
  /** As written: one or more names, `[host]:port`, or a hash. */
  readonly hosts: string
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256` … */
  readonly keyType: string
  /** base64. */
  readonly key: string
  /** `cert-authority` or `revoked`. */
  readonly marker?: string
}

/** More lines than this are no list of host keys. */
const MAX_LINES = 100_000

/** The entries of argocd-ssh-known-hosts-cm. Throws `bad-input` naming the line. */
export function parseKnownHosts(configMap: KubeObject | undefined): readonly KnownHost[] {
  if (configMap === undefined) return []
  const reader = readConfigMap(configMap)
  const lines = (reader.text('ssh_known_hosts') ?? '').split('\n')
  if (lines.length > MAX_LINES) throw reader.wrong('ssh_known_hosts', `has more than ${MAX_LINES} lines: shorten it`)
  const hosts: KnownHost[] = []
  for (const [index, line] of lines.entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const host = parseLine(text)
    if (host === undefined) {
      throw reader.wrong('ssh_known_hosts', `line ${index + 1} is no host key: write host, key type and key`)
    }
    hosts.push(host)
  }
  return hosts
}

function parseLine(text: string): KnownHost | undefined {
  const words = text.split(/\s+/)
  const marker = words[0]?.startsWith('@') === true ? words.shift()?.slice(1) : undefined
  const [hosts, keyType, key] = words
  if (hosts === undefined || keyType === undefined || key === undefined) return undefined
  return { hosts, keyType, key, ...(marker === undefined ? {} : { marker }) }
}

/** PEM certificates by host name from argocd-tls-certs-cm. */
export function parseTlsCertificates(configMap: KubeObject | undefined): ReadonlyMap<string, string> {
  const reader = configMap && readConfigMap(configMap)
  return new Map((reader?.keys() ?? []).map((key) => [key, reader?.text(key) ?? '']))
}

/** Public keys by their id from argocd-gpg-keys-cm. */
export function parseGpgKeys(configMap: KubeObject | undefined): ReadonlyMap<string, string> {
  return parseTlsCertificates(configMap)
}
