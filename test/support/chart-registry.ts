// Debian's docker-registry on loopback for tests: with or without a login, and charts pushed into it.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { hashSync } from 'bcryptjs'
import { temporaryFolder } from './git.ts'

const PROGRAM = '/usr/bin/docker-registry'
const PATIENCE_MS = 30_000

/** Whether the program is installed (`apt-get install docker-registry`). */
export function hasDockerRegistry(): boolean {
  return existsSync(PROGRAM)
}

export interface Registry {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** Pushes a chart's archive under `repository` with a tag; gives the manifest's digest. */
  push(repository: string, tag: string, archive: Buffer, kind?: 'chart' | 'files'): Promise<string>
}

export interface RegistryOptions {
  readonly port: number
  readonly login?: { readonly username: string; readonly password: string }
}

/** Serves until the test ends. */
export async function startDockerRegistry(t: TestContext, { port, login }: RegistryOptions): Promise<Registry> {
  const folder = temporaryFolder(t)
  const host = `127.0.0.1:${port}`
  mkdirSync(join(folder, 'data'), { recursive: true })
  const auth = login === undefined ? '' : loginSettings(folder, login)
  const settings = `version: 0.1\nlog: {level: error}\nstorage:\n  filesystem: {rootdirectory: ${join(folder, 'data')}}\nhttp: {addr: "${host}"}\n${auth}`
  writeFileSync(join(folder, 'config.yml'), settings)
  const child = spawn(PROGRAM, ['serve', join(folder, 'config.yml')], { stdio: 'ignore' })
  t.after(
    () =>
      new Promise<void>((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGKILL')
      }),
  )
  await untilUp(host)
  const headers = login === undefined ? {} : { authorization: `Basic ${btoa(`${login.username}:${login.password}`)}` }
  return {
    host,
    push: (repository, tag, archive, kind = 'chart') => push({ host, headers }, { repository, tag, archive, kind }),
  }
}

function loginSettings(folder: string, { username, password }: { username: string; password: string }): string {
  const path = join(folder, 'htpasswd')
  writeFileSync(path, `${username}:${hashSync(password, 4).replace('$2b$', '$2y$')}\n`)
  return `auth:\n  htpasswd: {realm: test, path: ${path}}\n`
}

async function untilUp(host: string): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined)
    if (answer?.status === 200 || answer?.status === 401) return
    if (Date.now() > endMs) throw new Error('docker-registry does not answer')
    await pause(50)
  }
}

interface Connection {
  readonly host: string
  readonly headers: Readonly<Record<string, string>>
}

interface Push {
  readonly repository: string
  readonly tag: string
  readonly archive: Buffer
  readonly kind: 'chart' | 'files'
}

const TYPES = {
  chart: ['application/vnd.cncf.helm.config.v1+json', 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'],
  files: ['application/vnd.oci.empty.v1+json', 'application/vnd.oci.image.layer.v1.tar+gzip'],
} as const

async function push(connection: Connection, { repository, tag, archive, kind }: Push): Promise<string> {
  const [configType, layerType] = TYPES[kind]
  const config = Buffer.from('{}')
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: await pushBlob(connection, repository, { type: configType, bytes: config }),
    layers: [await pushBlob(connection, repository, { type: layerType, bytes: archive })],
  })
  const answer = await fetch(`http://${connection.host}/v2/${repository}/manifests/${tag}`, {
    method: 'PUT',
    headers: { ...connection.headers, 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
    body: manifest,
  })
  if (answer.status !== 201) throw new Error(`push of ${repository}:${tag}: ${answer.status} ${await answer.text()}`)
  return digestOf(Buffer.from(manifest))
}

async function pushBlob(
  { host, headers }: Connection,
  repository: string,
  { type, bytes }: { readonly type: string; readonly bytes: Buffer },
): Promise<object> {
  const digest = digestOf(bytes)
  const started = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
  const place = new URL(started.headers.get('location') ?? '', `http://${host}`)
  place.searchParams.set('digest', digest)
  const answer = await fetch(place, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: new Uint8Array(bytes),
  })
  if (answer.status !== 201) throw new Error(`push of a blob to ${repository}: ${answer.status} ${await answer.text()}`)
  return { mediaType: type, digest, size: bytes.length }
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
