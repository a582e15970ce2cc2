// A plug-in that stands behind a unix socket: Argo CD's cmp-server, spoken to as its repo-server does.
import { cursorOf, readPart, readTag, readVarint, skipField, textOf } from '../../kube/protobuf/wire-reader.ts'
import {
  closePart,
  newBuffer,
  writeInteger,
  writePart,
  writeTag,
  writeText,
  writtenBytes,
  writtenLength,
} from '../../kube/protobuf/wire-writer.ts'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { Announcement } from './configuration.ts'
import type { EnvironmentEntry } from './environment.ts'
import { gitCredentialEntries } from './git-credentials.ts'
import { callGrpc } from './grpc-call.ts'
import type { Plugin, PluginTask } from './plugin.ts'
import type { Archive } from './tar-archive.ts'

/** Of one call; upstream's repo-server gives a request as long. */
export const SIDECAR_TIMEOUT_MS = 60_000
/** ARGOCD_CMP_CHUNK_SIZE of upstream. */
const CHUNK_BYTES = 1024
const CHUNKS_AT_ONCE = 64
const SERVICE = '/plugin.ConfigManagementPluginService'

export interface SidecarOptions {
  /** The socket's name without `.sock`. */
  readonly name: string
  readonly socket: string
  readonly timeoutMs: number
}

export function createSidecarPlugin(options: SidecarOptions): Plugin {
  const { name, socket, timeoutMs } = options
  const call = (method: string, messages: Iterable<Uint8Array>, signal: AbortSignal | undefined): Promise<Uint8Array> =>
    callGrpc({ socket, method: `${SERVICE}/${method}`, messages, timeoutMs, signal })
  return {
    name,
    async hasDiscovery(signal) {
      const answer = await call('CheckPluginConfiguration', [new Uint8Array()], signal)
      return readFlags(answer).has(IS_DISCOVERY_CONFIGURED)
    },
    async matches(task) {
      const flags = readFlags(await call('MatchRepository', await stream(task), task.signal))
      // A plug-in without discovery serves whoever names it.
      return flags.has(IS_SUPPORTED) || !flags.has(IS_DISCOVERY_ENABLED)
    },
    async announce(task) {
      return readAnnounced(await call('GetParametersAnnouncement', await stream(task), task.signal))
    },
    async generate(task) {
      try {
        const lent = await withCredentials(task, call)
        return readManifests(await call('GenerateManifest', await stream(lent), task.signal))
      } catch (error) {
        task.signal?.throwIfAborted()
        const code = error instanceof CapstanError ? error.code : 'internal'
        throw new CapstanError(code, `error generating manifests in cmp: ${messageOf(error)}`, { cause: error })
      }
    },
  }
}

type Call = (method: string, messages: Iterable<Uint8Array>, signal: AbortSignal | undefined) => Promise<Uint8Array>

/** The plug-in itself says whether it wants credentials. */
async function withCredentials(task: PluginTask, call: Call): Promise<PluginTask> {
  if (task.credentials === undefined) return task
  const flags = readFlags(await call('CheckPluginConfiguration', [new Uint8Array()], task.signal))
  if (!flags.has(PROVIDE_GIT_CREDS)) return task
  return { ...task, environment: [...task.environment, ...(await gitCredentialEntries(task.credentials))] }
}

// CheckPluginConfigurationResponse and RepositoryResponse (cmpserver/plugin/plugin.proto).
const IS_DISCOVERY_CONFIGURED = 1
const PROVIDE_GIT_CREDS = 2
const IS_SUPPORTED = 1
const IS_DISCOVERY_ENABLED = 2

/** The numbers of the boolean fields that are true. */
function readFlags(bytes: Uint8Array): ReadonlySet<number> {
  const cursor = cursorOf(bytes)
  const flags = new Set<number>()
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    if (type !== 0) skipField(cursor, type)
    else if (readVarint(cursor) !== 0) flags.add(number)
  }
  return flags
}

/** ManifestResponse: manifests = 1. */
function readManifests(bytes: Uint8Array): readonly string[] {
  const cursor = cursorOf(bytes)
  const manifests: string[] = []
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    if (number === 1 && type === 2) manifests.push(textOf(readPart(cursor)))
    else skipField(cursor, type)
  }
  return manifests
}

const TEXT_FIELDS: Readonly<Record<number, string>> = {
  1: 'name',
  2: 'title',
  3: 'tooltip',
  5: 'itemType',
  6: 'collectionType',
  7: 'string',
}

/** ParametersAnnouncementResponse: parameterAnnouncements = 1 (reposerver/repository/repository.proto). */
function readAnnounced(bytes: Uint8Array): readonly Announcement[] {
  const cursor = cursorOf(bytes)
  const announcements: Announcement[] = []
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    if (number === 1 && type === 2) announcements.push(readAnnouncement(readPart(cursor)))
    else skipField(cursor, type)
  }
  return announcements
}

function readAnnouncement(cursor: ReturnType<typeof cursorOf>): Announcement {
  const fields: Record<string, unknown> = {}
  const array: string[] = []
  const map: Record<string, string> = {}
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    const name = TEXT_FIELDS[number]
    if (number === 4 && type === 0) fields['required'] = readVarint(cursor) !== 0
    else if (type !== 2) skipField(cursor, type)
    else if (name !== undefined) fields[name] = textOf(readPart(cursor))
    else if (number === 8) array.push(textOf(readPart(cursor)))
    else if (number === 9) Object.assign(map, readPair(readPart(cursor)))
    else skipField(cursor, type)
  }
  const name = typeof fields['name'] === 'string' ? fields['name'] : ''
  return { ...fields, name, ...(array.length > 0 ? { array } : {}), ...(Object.keys(map).length > 0 ? { map } : {}) }
}

function readPair(cursor: ReturnType<typeof cursorOf>): Record<string, string> {
  const pair = ['', '']
  while (cursor.position < cursor.end) {
    const { number, type } = readTag(cursor)
    if (type === 2 && number <= 2) pair[number - 1] = textOf(readPart(cursor))
    else skipField(cursor, type)
  }
  const [key = '', value = ''] = pair
  return Object.fromEntries([[key, value]])
}

/** AppStreamRequests: what is to be done, then the repository in pieces. */
async function stream(task: PluginTask): Promise<Iterable<Uint8Array>> {
  const archive = await task.archive(task.signal)
  return requests(metadataOf(task, archive), archive.bytes)
}

function* requests(metadata: Uint8Array, archive: Buffer): Generator<Uint8Array> {
  yield message((buffer) => writePart(buffer, 1, metadata))
  const size = CHUNK_BYTES * CHUNKS_AT_ONCE
  for (let at = 0; at < archive.length; at += size) {
    const chunk = archive.subarray(at, at + size)
    const file = message((buffer) => writePart(buffer, 1, chunk), chunk.length + 16)
    yield message((buffer) => writePart(buffer, 2, file), file.length + 16)
  }
}

function message(write: (buffer: ReturnType<typeof newBuffer>) => void, size?: number): Uint8Array {
  const buffer = newBuffer(size)
  write(buffer)
  return writtenBytes(buffer)
}

/** ManifestRequestMetadata: appName = 1, appRelPath = 2, checksum = 3, size = 4, env = 5; written from the last to the first. */
function metadataOf({ path, environment }: PluginTask, { bytes, checksum }: Archive): Uint8Array {
  return message((buffer) => {
    for (const entry of environment.toReversed()) writeEntry(buffer, entry)
    writeInteger(buffer, bytes.length)
    writeTag(buffer, 4, 0)
    writeText(buffer, 3, checksum)
    writeText(buffer, 2, path === '' ? '.' : path)
    writeText(buffer, 1, path === '' ? '.' : path.slice(path.lastIndexOf('/') + 1))
  })
}

function writeEntry(buffer: ReturnType<typeof newBuffer>, { name, value }: EnvironmentEntry): void {
  const before = writtenLength(buffer)
  writeText(buffer, 2, value)
  writeText(buffer, 1, name)
  closePart(buffer, 5, before)
}
