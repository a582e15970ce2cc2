// certificate.CertificateService: host keys and TLS certificates that repositories are recognised by (util/db/certificate.go, v3.5.1).
import { CapstanError } from '../../../base/errors.ts'
import { readConfigMap } from '../../../settings/map-reader.ts'
import type { Call, ServiceHandlers } from '../../context.ts'
import { flagField, listField, objectField, textField, type RequestFields } from '../fields.ts'
import { requireAllowed } from '../permissions.ts'
import {
  asksForType,
  assertHost,
  assertHostKey,
  type Certificate,
  describePem,
  fingerprint,
  fitsHost,
  type Query,
  readCertificate,
  splitPem,
} from './certificate.ts'

const KNOWN_HOSTS = 'argocd-ssh-known-hosts-cm'
const KNOWN_HOSTS_KEY = 'ssh_known_hosts'
const TLS = 'argocd-tls-certs-cm'

export const certificateService: ServiceHandlers = {
  ListCertificates: listCertificates,
  CreateCertificate: createCertificates,
  DeleteCertificate: deleteCertificates,
}

/** One line of known_hosts. */
interface HostKey {
  readonly host: string
  readonly subType: string
  /** The key in base64, with what follows it. */
  readonly data: string
}

async function listCertificates(request: RequestFields, call: Call): Promise<object> {
  requireAllowed(call, 'certificates', 'get', '')
  const query = readQuery(request)
  const keys = asksForType(query, 'ssh') ? readHostKeys(call).filter((key) => fits(key, query)) : []
  const hosts = asksForType(query, 'https') ? readTls(call).filter(([host]) => fitsHost(host, query.host)) : []
  return {
    metadata: {},
    items: [
      ...keys.map(({ host, subType, data }) => ({
        serverName: host,
        certType: 'ssh',
        certSubType: subType,
        certInfo: `SHA256:${fingerprint(data)}`,
      })),
      ...hosts.flatMap(([host, text]) =>
        splitPem(text).map((pem) => ({ serverName: host, certType: 'https', ...describePem(pem) })),
      ),
    ],
  }
}

/** POST /api/v1/certificates (004-47): all are checked before any is kept. */
async function createCertificates(request: RequestFields, call: Call): Promise<object> {
  requireAllowed(call, 'certificates', 'create', '')
  const wanted = readCertificates(request)
  const isUpsert = flagField(request, 'upsert') === true
  for (const certificate of wanted) check(certificate)
  const created = await addHostKeys(wanted, isUpsert, call)
  return { metadata: {}, items: [...created, ...(await addTls(wanted, isUpsert, call))] }
}

async function deleteCertificates(request: RequestFields, call: Call): Promise<object> {
  requireAllowed(call, 'certificates', 'delete', '')
  const query = readQuery(request)
  const removed: Certificate[] = []
  if (asksForType(query, 'ssh')) {
    const keys = readHostKeys(call).filter((key) => fits(key, query))
    removed.push(...keys.map(({ host, subType, data }) => describe(host, 'ssh', { subType, data })))
    if (keys.length > 0) await changeHostKeys(call, (all) => all.filter((key) => !fits(key, query)))
  }
  if (asksForType(query, 'https')) {
    const hosts = readTls(call).filter(([host]) => fitsHost(host, query.host))
    removed.push(...hosts.flatMap(([host, text]) => splitPem(text).map((data) => describe(host, 'https', { data }))))
    const values = Object.fromEntries(hosts.map(([host]) => [host, null]))
    if (hosts.length > 0) await call.context.store.change('ConfigMap', TLS, () => ({ values }), call.signal)
  }
  return { metadata: {}, items: removed }
}

function check(certificate: Wanted): void {
  const { host, type, data } = certificate
  if (type === 'https') {
    assertHost(host)
    const pems = splitPem(data)
    if (pems.length === 0) throw new CapstanError('unknown', 'no valid PEM data received')
    for (const pem of pems) readCertificate(pem)
  } else if (type === 'ssh') {
    assertHost(/^\[(?<name>.*)\]:\d+$/.exec(host)?.groups?.['name'] ?? host)
    assertHostKey(data)
  } else throw new CapstanError('unknown', `unknown certificate type: ${type}`)
}

async function addHostKeys(wanted: readonly Wanted[], isUpsert: boolean, call: Call): Promise<readonly Certificate[]> {
  const ours = wanted.filter(({ type }) => type === 'ssh')
  if (ours.length === 0) return []
  let created: readonly Certificate[] = []
  await changeHostKeys(call, (known) => {
    const keys = [...known]
    created = ours.flatMap(({ host, subType, data }) => {
      const at = keys.findIndex((key) => key.host === host && key.subType === subType)
      const old = keys[at]
      if (old?.data === data) return []
      if (old !== undefined && !isUpsert) {
        throw new CapstanError(
          'unknown',
          `key for '${host}' (subtype: '${subType}') already exists, and upsert was not specified`,
        )
      }
      keys.splice(at < 0 ? keys.length : at, at < 0 ? 0 : 1, { host, subType, data })
      return [{ ...describe(host, 'ssh', { subType, data }), certInfo: fingerprint(data) }]
    })
    return created.length === 0 ? undefined : keys
  })
  return created
}

async function addTls(wanted: readonly Wanted[], isUpsert: boolean, call: Call): Promise<readonly Certificate[]> {
  const ours = wanted.filter(({ type }) => type === 'https')
  if (ours.length === 0) return []
  let created: readonly Certificate[] = []
  await call.context.store.change(
    'ConfigMap',
    TLS,
    (map) => {
      const known = readConfigMap(map)
      const fresh = ours.filter(({ host, data }) => known.text(host) !== data)
      const taken = fresh.find(({ host }) => known.text(host) !== undefined)
      if (taken !== undefined && !isUpsert) {
        throw new CapstanError(
          'unknown',
          `TLS certificate for server '${taken.host}' already exists, and upsert was not specified`,
        )
      }
      created = fresh.flatMap(({ host, data }) => splitPem(data).map((pem) => describe(host, 'https', { data: pem })))
      const values = Object.fromEntries(fresh.map(({ host, data }) => [host, data]))
      return fresh.length === 0 ? undefined : { values }
    },
    call.signal,
  )
  return created
}

interface Wanted extends HostKey {
  readonly type: string
}

function readCertificates(request: RequestFields): readonly Wanted[] {
  const list = objectField(request, 'certificates')
  if (list === undefined) throw new CapstanError('bad-input', 'certificates: required')
  return listField(list, 'items').map((item): Wanted => {
    const fields: RequestFields = Object(item)
    return {
      host: textField(fields, 'serverName'),
      type: textField(fields, 'certType'),
      subType: textField(fields, 'certSubType'),
      data: Buffer.from(textField(fields, 'certData'), 'base64').toString('utf8'),
    }
  })
}

function readQuery(request: RequestFields): Query {
  return {
    host: textField(request, 'hostNamePattern'),
    type: textField(request, 'certType'),
    subType: textField(request, 'certSubType'),
  }
}

function fits({ host, subType }: HostKey, query: Query): boolean {
  return fitsHost(host, query.host) && ['', '*', subType].includes(query.subType)
}

function readHostKeys(call: Call): readonly HostKey[] {
  const map = call.context.store.find('ConfigMap', KNOWN_HOSTS)
  return map === undefined ? [] : parseHostKeys(readConfigMap(map).text(KNOWN_HOSTS_KEY) ?? '')
}

/** Lines of three fields; comments and anything shorter are passed over, as upstream does. */
function parseHostKeys(text: string): readonly HostKey[] {
  return text.split('\n').flatMap((line) => {
    const trimmed = line.trim()
    const [, host, subType, data] = /^(\S+) (\S+) (.+)$/.exec(trimmed) ?? []
    if (trimmed.startsWith('#') || host === undefined || subType === undefined || data === undefined) return []
    return [{ host, subType, data }]
  })
}

/** Writes the list anew, a line each. */
function changeHostKeys(call: Call, edit: (keys: readonly HostKey[]) => readonly HostKey[] | undefined): Promise<void> {
  return call.context.store.change(
    'ConfigMap',
    KNOWN_HOSTS,
    (map) => {
      const keys = edit(parseHostKeys(readConfigMap(map).text(KNOWN_HOSTS_KEY) ?? ''))
      const text = keys?.map(({ host, subType, data }) => `${host} ${subType} ${data}\n`).join('')
      return text === undefined ? undefined : { values: { [KNOWN_HOSTS_KEY]: text } }
    },
    call.signal,
  )
}

function readTls(call: Call): readonly (readonly [host: string, text: string])[] {
  const map = call.context.store.find('ConfigMap', TLS)
  if (map === undefined) return []
  const reader = readConfigMap(map)
  return reader.keys().map((host) => [host, reader.text(host) ?? ''] as const)
}

function describe(
  serverName: string,
  certType: string,
  { subType = '', data }: { readonly subType?: string; readonly data: string },
): Certificate {
  return { serverName, certType, certSubType: subType, certData: Buffer.from(data).toString('base64') }
}
