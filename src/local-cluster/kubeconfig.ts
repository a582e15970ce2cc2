// The kubeconfig of the embedded cluster: one context, the administrator's client certificate.
import { chmodSync, renameSync, writeFileSync } from 'node:fs'
import { stringifyYaml } from '../lang/yaml/write.ts'
import type { KeyAndCertificate } from './start-tls.ts'

const NAME = 'capstan'

export interface KubeconfigOptions {
  /** `https://127.0.0.1:6443`. */
  readonly url: string
  /** PEM of the authority. */
  readonly authority: string
  readonly admin: KeyAndCertificate
}

/** The text of a kubeconfig with everything in it. It holds a private key: keep it to its owner. */
export function kubeconfigText({ url, authority, admin }: KubeconfigOptions): string {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return stringifyYaml({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: NAME, cluster: { server: url, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: NAME,
        user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) },
      },
    ],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME } }],
    'current-context': NAME,
  })
}

/** Writes a kubeconfig that only its owner can read; a reader never sees half of it. */
export function writeKubeconfig(file: string, text: string): void {
  const partial = `${file}.${process.pid}.partial`
  writeFileSync(partial, text, { mode: 0o600 })
  chmodSync(partial, 0o600)
  renameSync(partial, file)
}
