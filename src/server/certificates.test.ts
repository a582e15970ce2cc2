import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { request } from 'node:https'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { ManualClock } from '../base/clock.ts'
import { silentLog } from '../base/log.ts'
import type { KubeObject } from '../kube/object.ts'
import { createCertificates, type Certificates } from './certificates.ts'
import type { ServerContext } from './context.ts'
import { startFront } from './front.ts'
import type { TlsIdentity } from './http2-servers.ts'
import type { SettingsStore, StoredChange } from './settings-store.ts'

const NOW_MS = Date.now()

type Values = Record<string, string>

/** Secrets by name, in memory. */
class Secrets {
  readonly values = new Map<string, Values>([['argocd-secret', {}]])
  writes = 0

  get store(): SettingsStore {
    const store = {
      find: (_kind: string, name: string) => this.#secret(name),
      change: async (_kind: string, name: string, edit: (object: KubeObject) => StoredChange | undefined) => {
        const secret = this.#secret(name)
        const change = secret === undefined ? undefined : edit(secret)
        if (change === undefined) return
        this.writes++
        Object.assign(this.values.get(name) ?? {}, change.values)
      },
    }
    return store as unknown as SettingsStore
  }

  #secret(name: string): (KubeObject & { readonly stringData: Values }) | undefined {
    const stringData = this.values.get(name)
    return stringData && { apiVersion: 'v1', kind: 'Secret', metadata: { name, resourceVersion: '1' }, stringData }
  }
}

function certificatesOf(secrets: Secrets, isInsecure = false): Certificates {
  const clock = new ManualClock(NOW_MS)
  return createCertificates({ store: secrets.store, namespace: 'argocd', clock, log: silentLog, isInsecure: () => isInsecure }) // prettier-ignore
}

/** Of another server: what somebody may put into argocd-server-tls. */
async function another(): Promise<Values> {
  const identity = await certificatesOf(new Secrets()).current()
  return { 'tls.crt': identity?.certificate ?? '', 'tls.key': identity?.key ?? '' }
}

const textOf = (identity: TlsIdentity | undefined): string => identity?.certificate ?? 'none'

describe('the certificate of the server', () => {
  test('is made once, for the names of its service, and kept', async () => {
    const secrets = new Secrets()
    const certificates = certificatesOf(secrets)
    const [first, second] = await Promise.all([certificates.current(), certificates.current()])

    const made = new X509Certificate(textOf(first))
    assert.equal(made.subject, 'O=Argo CD')
    assert.ok(made.checkHost('argocd-server.argocd.svc'))
    assert.ok(made.checkIP('127.0.0.1'))
    assert.equal(textOf(second), textOf(first))
    assert.equal(secrets.writes, 1)
    // Another process finds it.
    assert.equal(textOf(await certificatesOf(secrets).current()), textOf(first))
    assert.equal(secrets.writes, 1)
  })

  test('comes from argocd-server-tls where that has one that can be used', async () => {
    const secrets = new Secrets()
    const certificates = certificatesOf(secrets)
    const own = await certificates.current()

    const given = await another()
    secrets.values.set('argocd-server-tls', given)
    assert.equal(textOf(await certificates.current()), given['tls.crt'])

    secrets.values.set('argocd-server-tls', { ...given, 'tls.key': own?.key ?? '' })
    assert.equal(textOf(await certificates.current()), textOf(own))
    secrets.values.set('argocd-server-tls', { 'tls.crt': 'nonsense', 'tls.key': 'nonsense' })
    assert.equal(textOf(await certificates.current()), textOf(own))
  })

  test('is not shown where TLS is switched off', async () => {
    assert.equal(await certificatesOf(new Secrets(), true).current(), undefined)
  })

  test('a changed one acts on the next connection, for HTTP/1.1 and HTTP/2', async (t) => {
    const page = { answer: () => assert.fail('no page is asked for') }
    const front = await startFront({ page, port: 0, address: '127.0.0.1', log: silentLog })
    t.after(() => front.close())
    const secrets = new Secrets()
    const certificates = certificatesOf(secrets)
    front.serve({ log: silentLog } as unknown as ServerContext, { certificates })
    const url = front.url.replace('http:', 'https:')

    const shown = async (): Promise<string | undefined> => {
      const asked = request(`${url}/healthz`, { rejectUnauthorized: false, agent: false }).end()
      const [response] = await once(asked, 'response')
      response.resume()
      await once(response, 'end')
      return (asked.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256
    }
    const before = await shown()
    secrets.values.set('argocd-server-tls', await another())
    const after = await shown()
    assert.equal(before, new X509Certificate(secrets.values.get('argocd-secret')?.['tls.crt'] ?? '').fingerprint256)
    assert.equal(after, new X509Certificate(secrets.values.get('argocd-server-tls')?.['tls.crt'] ?? '').fingerprint256)

    const session = connect(url, { rejectUnauthorized: false })
    t.after(() => session.destroy())
    const stream = session.request({ ':path': '/healthz' })
    const [headers] = await once(stream, 'response')
    assert.equal(headers[':status'], 200)
    assert.equal(session.alpnProtocol, 'h2')
  })
})
