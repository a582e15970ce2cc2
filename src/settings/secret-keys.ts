// Keys for encrypted files and connections to Vault, from Secrets of the control plane.
import { CapstanError } from '../base/errors.ts'
import type { Secret } from '../base/secret.ts'
import type { KubeObject } from '../kube/object.ts'
import { type MapReader, readSecret } from './map-reader.ts'

/** Keys of one Secret labelled `decryption`. */
export interface DecryptionKeys {
  /** Empty: any project may use them. */
  readonly project: string
  /** Age identity files: values of keys that end in `.agekey`. */
  readonly ageKeys: readonly { readonly key: string; readonly place: string; readonly text: Secret }[]
  /** Armored private keys: values of keys that end in `.asc`. */
  readonly pgpKeys: readonly Secret[]
}

/** Reads a Secret labelled `argocd.argoproj.io/secret-type: decryption`. Throws `bad-input` where it has no keys. */
export function parseDecryptionKeys(secret: KubeObject): DecryptionKeys {
  const reader = readSecret(secret)
  const keys = reader.keys()
  const ageKeys = keys
    .filter((key) => key.endsWith('.agekey'))
    .flatMap((key) => {
      const text = reader.secret(key)
      return text === undefined ? [] : [{ key, place: reader.place, text }]
    })
  const pgpKeys = keys.filter((key) => key.endsWith('.asc')).flatMap((key) => reader.secret(key) ?? [])
  if (ageKeys.length + pgpKeys.length === 0) {
    throw new CapstanError('bad-input', `${reader.place}: has no key that ends in .agekey or .asc: add one`)
  }
  return { project: reader.text('project') ?? '', ageKeys, pgpKeys }
}

const AUTH_TYPES = ['token', 'approle', 'k8s'] as const
const KV_VERSIONS = ['1', '2'] as const

/** A connection to Vault by the names argocd-vault-plugin gives its settings. */
export interface VaultSettings {
  /** Empty: for projects that have none of their own. */
  readonly project: string
  readonly address: string
  readonly namespace: string
  readonly login:
    | { readonly type: 'token'; readonly token: Secret }
    | { readonly type: 'approle'; readonly mount: string; readonly roleId: Secret; readonly secretId: Secret }
    | { readonly type: 'k8s'; readonly mount: string; readonly role: string; readonly tokenPath: string }
  readonly kvVersion: 1 | 2
  readonly pathValidation: string | undefined
  readonly caCertificates: string | undefined
  readonly skipVerify: boolean
}

/** Service account tokens are mounted there; no other file of the machine is sent anywhere. */
const TOKEN_FOLDER = '/var/run/secrets/'
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount/token'

/** Reads a Secret labelled `argocd.argoproj.io/secret-type: vault`. Throws `bad-input` naming the Secret and the key. */
export function parseVaultSettings(secret: KubeObject): VaultSettings {
  const reader = readSecret(secret)
  const type = reader.text('AVP_TYPE')?.trim() ?? 'vault'
  if (type !== 'vault') throw reader.wrong('AVP_TYPE', `is ${JSON.stringify(type)}: only vault is supported`)
  return {
    project: reader.text('project') ?? '',
    address: addressOf(reader),
    namespace: reader.text('VAULT_NAMESPACE')?.trim() ?? '',
    login: loginOf(reader),
    kvVersion: (reader.choice('AVP_KV_VERSION', KV_VERSIONS) ?? '2') === '1' ? 1 : 2,
    pathValidation: reader.text('AVP_PATH_VALIDATION'),
    caCertificates: reader.text('VAULT_CACERT'),
    skipVerify: reader.boolean('VAULT_SKIP_VERIFY') ?? false,
  }
}

function addressOf(reader: MapReader): string {
  const address = reader.requiredText('VAULT_ADDR').trim().replace(/\/+$/, '')
  const url = URL.parse(address)
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '') return address
  throw reader.wrong('VAULT_ADDR', 'is no http or https address: write https://host:port')
}

function loginOf(reader: MapReader): VaultSettings['login'] {
  const type = reader.choice('AVP_AUTH_TYPE', AUTH_TYPES) ?? 'token'
  switch (type) {
    case 'token':
      return { type, token: required(reader, 'VAULT_TOKEN') }
    case 'approle':
      return {
        type,
        mount: mountOf(reader, 'AVP_MOUNT_PATH', 'auth/approle'),
        roleId: required(reader, 'AVP_ROLE_ID'),
        secretId: required(reader, 'AVP_SECRET_ID'),
      }
    case 'k8s':
      return {
        type,
        mount: mountOf(reader, 'AVP_K8S_MOUNT_PATH', 'auth/kubernetes'),
        role: reader.requiredText('AVP_K8S_ROLE').trim(),
        tokenPath: tokenPathOf(reader),
      }
  }
}

function required(reader: MapReader, key: string): Secret {
  reader.requiredText(key)
  return reader.secret(key) as Secret // present, see the line above
}

function mountOf(reader: MapReader, key: string, fallback: string): string {
  const mount = (reader.text(key) ?? fallback).trim().replaceAll(/^\/+|\/+$/g, '')
  if (!/^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_.-]+)*$/.test(mount)) throw reader.wrong(key, 'is no mount such as auth/approle')
  return mount.startsWith('auth/') ? mount : `auth/${mount}`
}

function tokenPathOf(reader: MapReader): string {
  const path = reader.text('AVP_K8S_TOKEN_PATH')?.trim() ?? TOKEN_PATH
  if (!path.startsWith(TOKEN_FOLDER) || path.split('/').includes('..')) {
    throw reader.wrong('AVP_K8S_TOKEN_PATH', `is not below ${TOKEN_FOLDER}, where tokens are mounted`)
  }
  return path
}
