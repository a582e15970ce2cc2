// What Git needs to get into a repository, turned into environment variables and short-lived private files.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { hostOf } from '../addresses.ts'
import type { ServerTrust } from '../http-agents.ts'
import { isWithoutProxy } from '../no-proxy.ts'
import { SSH_PROXY_PROGRAM, SSH_PROXY_VARIABLE } from './ssh-proxy.ts'
import { protocolOf } from './url.ts'

/** Credentials and trust for one repository; all absent means an anonymous connection with the system's trust. */
export interface GitAccess extends ServerTrust {
  readonly username?: string
  readonly password?: Secret
  readonly bearerToken?: Secret
  readonly sshPrivateKey?: Secret
  /** Lines of a known_hosts file. */
  readonly knownHosts?: string
  /** Files that are pointers of Git LFS are read as what they point to. */
  readonly lfs?: boolean
}

export function hasCredentials(access: GitAccess): boolean {
  const { username, password, bearerToken, sshPrivateKey, tlsClientKey } = access
  return [username, password, bearerToken, sshPrivateKey, tlsClientKey].some((one) => one !== undefined)
}

/** The login written in an address, where nothing else is registered for it. */
export function withLogin(
  access: GitAccess,
  login: { readonly username?: string; readonly password?: string },
): GitAccess {
  const { username = '', password = '' } = login
  if ((username === '' && password === '') || hasCredentials(access)) return access
  return { ...access, username, password: new Secret(password) }
}

/** Trust and proxy alone. */
export function withoutCredentials(access: GitAccess): GitAccess {
  const { username: _, password: _p, bearerToken: _b, sshPrivateKey: _s, ...rest } = access
  const { tlsClientCertificate: _c, tlsClientKey: _k, ...trust } = rest
  return trust
}

export interface PreparedAccess {
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly Secret[]
  /** Removes the private files. */
  release(): Promise<void>
}

/** Prepares one command's access. Credentials travel in the environment or in files of mode 0600, never as arguments. */
export async function prepareAccess(url: string, access: GitAccess, temporaryFolder: string): Promise<PreparedAccess> {
  const protocol = protocolOf(url)
  const files = new PrivateFiles(temporaryFolder)
  try {
    const environment =
      protocol === 'ssh' ? await sshEnvironment(url, access, files) : await httpEnvironment(url, access, files)
    return { environment, secrets: secretsOf(access), release: () => files.remove() }
  } catch (error) {
    await files.remove()
    throw error
  }
}

function secretsOf(access: GitAccess): Secret[] {
  const { password, bearerToken, sshPrivateKey, tlsClientKey, proxy = '' } = access
  const proxyPassword = URL.parse(proxy)?.password ?? ''
  const ofProxy = proxyPassword === '' ? undefined : new Secret(proxyPassword)
  return [password, bearerToken, sshPrivateKey, tlsClientKey, ofProxy].filter((secret) => secret !== undefined)
}

async function sshEnvironment(url: string, access: GitAccess, files: PrivateFiles): Promise<Record<string, string>> {
  const options = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=15']
  if (access.sshPrivateKey !== undefined) {
    const key = access.sshPrivateKey.reveal()
    if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key)) {
      throw new CapstanError(
        'bad-input',
        'sshPrivateKey is not a PEM private key; paste the whole file, from -----BEGIN to -----END',
      )
    }
    // OpenSSH refuses a key file whose last line has no end.
    options.push('-o', 'IdentitiesOnly=yes', '-i', await files.write('key', key.endsWith('\n') ? key : `${key}\n`))
  }
  if (access.insecure === true) {
    options.push('-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null')
  } else {
    const knownHosts = await files.write('known_hosts', access.knownHosts ?? '')
    options.push(
      '-o',
      'StrictHostKeyChecking=yes',
      '-o',
      `UserKnownHostsFile=${knownHosts}`,
      '-o',
      'GlobalKnownHostsFile=/dev/null',
    )
  }
  const proxy = await sshProxy(url, access, files)
  options.push(...proxy.options)
  const command = ['ssh', ...options].map(quoteForShell).join(' ')
  return { GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh', ...proxy.environment }
}

async function sshProxy(
  url: string,
  { proxy = '', noProxy }: GitAccess,
  files: PrivateFiles,
): Promise<{ readonly options: readonly string[]; readonly environment: Readonly<Record<string, string>> }> {
  if (proxy === '' || isWithoutProxy(hostOf(url) ?? '', noProxy)) return { options: [], environment: {} }
  const program = await files.write('proxy.mjs', SSH_PROXY_PROGRAM)
  // Read by a shell of its own, after ssh has put in host and port.
  const words = [process.execPath, program].map((word) => quoteForShell(word).replaceAll('%', '%%'))
  return {
    options: ['-o', `ProxyCommand=${words.join(' ')} %h %p`],
    environment: { [SSH_PROXY_VARIABLE]: proxy },
  }
}

async function httpEnvironment(url: string, access: GitAccess, files: PrivateFiles): Promise<Record<string, string>> {
  const settings: [string, string][] = []
  const authorization = authorizationOf(access)
  if (authorization !== undefined) settings.push([`http.${url}.extraHeader`, `Authorization: ${authorization}`])
  if (access.insecure === true) settings.push(['http.sslVerify', 'false'])
  if (access.caCertificates !== undefined) {
    settings.push(['http.sslCAInfo', await files.write('ca.pem', access.caCertificates)])
  }
  if (access.tlsClientCertificate !== undefined && access.tlsClientKey !== undefined) {
    settings.push(['http.sslCert', await files.write('client.pem', access.tlsClientCertificate)])
    settings.push(['http.sslKey', await files.write('client.key', access.tlsClientKey.reveal())])
  }
  if (access.proxy !== undefined && access.proxy !== '') settings.push(['http.proxy', access.proxy])
  const environment: Record<string, string> = { GIT_CONFIG_COUNT: String(settings.length) }
  for (const [index, [key, value]] of settings.entries()) {
    environment[`GIT_CONFIG_KEY_${index}`] = key
    environment[`GIT_CONFIG_VALUE_${index}`] = value
  }
  return access.noProxy === undefined
    ? environment
    : { ...environment, NO_PROXY: access.noProxy, no_proxy: access.noProxy }
}

/** The value of an Authorization header; undefined where there is nothing to log in with. */
export function authorizationOf(access: GitAccess): string | undefined {
  if (access.bearerToken !== undefined) return `Bearer ${access.bearerToken.reveal()}`
  if (access.password === undefined) return undefined
  const pair = `${access.username ?? ''}:${access.password.reveal()}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

/** GIT_SSH_COMMAND is read by a shell. */
function quoteForShell(word: string): string {
  return /^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Files that only this user reads, in a folder of their own, made with the first file. */
class PrivateFiles {
  readonly #parent: string
  #folder: string | undefined

  constructor(parent: string) {
    this.#parent = parent
  }

  async write(name: string, content: string): Promise<string> {
    this.#folder ??= await mkdtemp(join(this.#parent, 'access-'))
    const path = join(this.#folder, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }

  async remove(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }
}
