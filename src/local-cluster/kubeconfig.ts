// The kubeconfig of embedded clusters: a context each, with the administrator's client certificate.
import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import { stringifyYaml } from '../lang/yaml/write.ts'
import type { KeyAndCertificate } from './start-tls.ts'

/** Who reaches which cluster, and under which name. */
export interface ClusterAccess {
  /** Of context, cluster and user. */
  readonly name: string
  /** `https://127.0.0.1:6443`. */
  readonly url: string
  /** PEM of the authority. */
  readonly authority: string
  readonly admin: KeyAndCertificate
}

/** The text of a kubeconfig with everything in it, a context a cluster; the first is the current one. It holds private keys: keep it to its owner. */
export function kubeconfigText(first: ClusterAccess, ...more: readonly ClusterAccess[]): string {
  const all = [first, ...more]
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return stringifyYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: all.map(({ name, url, authority }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': base64(authority) },
    })),
    users: all.map(({ name, admin }) => ({
      name,
      user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) },
    })),
    contexts: all.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    'current-context': first.name,
  })
}

/** Writes a kubeconfig that only its owner can read; a reader never sees half of it. */
export function writeKubeconfig(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`
  writeFileSync(partial, text, { mode: 0o600 })
  chmodSync(partial, 0o600)
  renameSync(partial, file)
}
