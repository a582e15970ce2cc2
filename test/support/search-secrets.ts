// Looks for values that must not be seen: in files, in every answer the API gives to reads, in objects of the cluster.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { routes } from '../../src/api/routes.ts'
import { ADMIN_PASSWORD } from './control-plane.ts'

/** A text, and how it looks in base64 wherever it begins in a group of three bytes. */
export function formsOf(text: string): readonly string[] {
  const encoded = [0, 1, 2].map((shift) => {
    const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
    return bytes
      .subarray(0, bytes.length - (bytes.length % 3))
      .toString('base64')
      .slice(Math.ceil((shift * 4) / 3))
  })
  return [text, ...encoded]
}

export function holdsAny(content: string, secrets: readonly string[]): boolean {
  return secrets.some((secret) => formsOf(secret).some((form) => content.includes(form)))
}

/** Files below a folder that hold one of the secrets; a cluster's own store is read by `searchStore`. */
export function searchFiles(folder: string, secrets: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name)
    if (/state\.db(?:-wal|-shm)?$/.test(name) || !statSync(path).isFile()) return false
    return holdsAny(readFileSync(path).toString('latin1'), secrets)
  })
}

/** Keys of the objects in an embedded cluster's store, old revisions too, that hold one of the secrets. */
export function searchStore(file: string, secrets: readonly string[]): string[] {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const found = database
      .prepare('SELECT key, value FROM log')
      .all()
      .filter((row) => holdsAny(String(row['value']), secrets))
    return [...new Set(found.map((row) => String(row['key'])))].toSorted()
  } finally {
    database.close()
  }
}

/** What is filled into the paths and queries of reads. */
export type Parameters = Readonly<Record<string, string>>

export interface ApiAnswer {
  readonly path: string
  readonly status: number
  readonly text: string
}

/** Streams tell what they have at once, and then go on for ever. */
const STREAM_MS = 2_000
/** An answer that does not come is not one without secrets. */
const PATIENCE_MS = 60_000

/** The answers to every GET of the API with these parameters; of streams what comes within two seconds. */
export async function readEverything(
  url: string,
  token: string,
  parameters: Parameters,
): Promise<readonly ApiAnswer[]> {
  const reads = routes.filter(({ verb }) => verb === 'GET')
  const query = new URLSearchParams(parameters).toString()
  return Promise.all(
    reads.map(async ({ path }) => {
      const filled = path.replaceAll(/\{(?<name>\w+)[^}]*\}/g, (_all, name: string) =>
        encodeURIComponent(parameters[name] ?? parameters['name'] ?? 'x'),
      )
      return readOne(`${url}${filled}?${query}`, token)
    }),
  )
}

async function readOne(address: string, token: string): Promise<ApiAnswer> {
  const path = new URL(address).pathname
  const isStream = path.includes('/stream/')
  const signal = AbortSignal.timeout(isStream ? STREAM_MS : PATIENCE_MS)
  let text = ''
  let status = 0
  try {
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` }, signal })
    status = response.status
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('utf8')
  } catch (error) {
    if (!isStream || !signal.aborted) throw error // a stream ends when we have seen enough
  }
  return { path, status, text }
}

export async function tokenOf(url: string): Promise<string> {
  const body = JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD })
  const response = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  const { token } = (await response.json()) as { readonly token: string } // the API's answer to a login
  return token
}
