// The guide to notifications, with the whole program: a webhook by annotation, mail by the project, the standard triggers.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { Metrics } from '../../src/base/metrics.ts'
import type { JsonObject, KubeObject } from '../../src/kube/object.ts'
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { NOTIFIED_ANNOTATION } from '../../src/notifications/notified-state.ts'
import { startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { serviceFixture } from '../support/service-fixture.ts'
import { loopbackIdentity } from '../support/tls-identity.ts'

const CATALOGUE = join(import.meta.dirname, '../../examples/notifications/install.yaml')
const NOTIFICATIONS = 'notification.NotificationService'
const SUBSCRIBE = 'notifications.argoproj.io/subscribe'
const PATIENCE_MS = 45_000

interface Mail {
  readonly to: string
  readonly text: string
}

interface MailServer {
  readonly port: number
  readonly mails: readonly Mail[]
  /** PEM of who signed its certificate. */
  readonly authority: string
}

/** A mail server with TLS by STARTTLS and a login. */
async function mailServer(t: TestContext): Promise<MailServer> {
  const mails: Mail[] = []
  const { authority, server: own } = loopbackIdentity()
  const server = new SMTPServer({
    key: own.key,
    cert: own.certificate,
    onAuth: ({ username, password }, _session, done) =>
      username === 'me' && password === 'mail password' ? done(null, { user: 'me' }) : done(new Error('wrong login')),
    onData(stream, session, done) {
      const to = session.envelope.rcptTo.map(({ address }) => address).join()
      stream.on('end', () => done())
      void textOf(stream).then((text) => mails.push({ to, text }))
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => new Promise<void>((resolve) => server.close(resolve)))
  const { port } = server.server.address() as AddressInfo // of a server that listens
  return { port, mails, authority }
}

function catalogue(): JsonObject {
  const value = parseYaml(readFileSync(CATALOGUE, 'utf8'))
  assert.ok(typeof value === 'object' && value !== null && 'data' in value)
  return value.data as JsonObject // of a config map
}

async function patch({ client }: StoryPlane, kind: string, name: string, change: JsonObject): Promise<void> {
  const type = await client.resourceOf({ group: kind === 'AppProject' ? 'argoproj.io' : '', kind })
  assert.ok(type)
  await client.patch({ type, namespace: 'argocd', name }, 'merge', change)
}

async function createSecret({ client }: StoryPlane, stringData: Readonly<Record<string, string>>): Promise<void> {
  const type = await client.resourceOf({ group: '', kind: 'Secret' })
  assert.ok(type)
  const metadata = { name: 'argocd-notifications-secret', namespace: 'argocd' }
  await client.create(type, { apiVersion: 'v1', kind: 'Secret', metadata, stringData } as KubeObject)
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error(`${what} did not come`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

test('a sync is told to a webhook and by mail, once each, and what was sent can be seen', async (t) => {
  const metrics = new Metrics()
  const story = await startStoryPlane(t, { metrics })
  const [hook, mail] = await Promise.all([serviceFixture(t), mailServer(t)])
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const revision = repository.commit({ 'web/one.json': configMap('one', 'a') })
  await createSecret(story, { 'hook-token': 'hook secret', 'mail-password': 'mail password' })
  await patch(story, 'ConfigMap', 'argocd-tls-certs-cm', { data: { '127.0.0.1': mail.authority } })
  await patch(story, 'ConfigMap', 'argocd-notifications-cm', {
    data: {
      ...catalogue(),
      'service.webhook.deploys': JSON.stringify({
        url: hook.url,
        headers: [{ name: 'X-Token', value: '$hook-token' }],
      }),
      'service.email': JSON.stringify({
        host: '127.0.0.1',
        port: mail.port,
        username: 'me',
        password: '$mail-password',
        from: 'capstan@example.com',
      }),
      'template.told': JSON.stringify({
        webhook: {
          deploys: {
            method: 'POST',
            path: '/{{.app.metadata.name}}',
            body: '{{(call .repo.GetCommitMetadata .app.status.sync.revision).Author}}',
          },
        },
      }),
      'trigger.on-told': JSON.stringify([
        {
          when: "app.status.operationState?.phase in ['Succeeded'] and app.status.sync.status == 'Synced'",
          send: ['told'],
          oncePer: 'app.status.sync.revision',
        },
      ]),
    },
  })
  await patch(story, 'AppProject', 'default', {
    metadata: { annotations: { [`${SUBSCRIBE}.on-sync-succeeded.email`]: 'ada@example.com; bob@example.com' } },
  })

  await story.api.call('application.ApplicationService/Create', {
    application: {
      metadata: { name: 'web', annotations: { [`${SUBSCRIBE}.on-told.deploys`]: '' } },
      spec: {
        project: 'default',
        source: { repoURL: repository.url, path: 'web', targetRevision: 'main' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
        syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
      },
    },
  })
  await until('the deliveries', () => hook.asked.length > 0 && mail.mails.length > 1)
  const noted = await story.application('web', ({ metadata }) => {
    return Object.keys(JSON.parse(metadata.annotations?.[NOTIFIED_ANNOTATION] ?? '{}')).length === 3
  })

  assert.deepEqual(
    hook.asked.map(({ method, path, headers, body }) => [method, path, headers['x-token'], /<.+@.+>/.test(body)]),
    [['POST', '/web', 'hook secret', true]],
  )
  assert.deepEqual(mail.mails.map(({ to }) => to).toSorted(), ['ada@example.com', 'bob@example.com'])
  assert.match(mail.mails[0]?.text ?? '', /^Subject: Application web was synced\r$/m)
  const state = noted.metadata.annotations?.[NOTIFIED_ANNOTATION] ?? ''
  assert.match(state, new RegExp(`"${revision}:on-told:\\[0\\]\\.[\\w-]{27}:deploys:":\\d+`))
  const { items } = await story.api.call<{ items: { name: string }[] }>(`${NOTIFICATIONS}/ListTriggers`, {})
  assert.equal(items.filter(({ name }) => /^on-(?:created|deleted|deployed|health|sync)/.test(name)).length, 8)
  const services = await story.api.call<{ items: { name: string }[] }>(`${NOTIFICATIONS}/ListServices`, {})
  assert.deepEqual(services.items, [{ name: 'email' }, { name: 'deploys' }])
  assert.match(
    metrics.text(),
    /^argocd_notifications_deliveries_total\{trigger="on-sync-succeeded",service="email",succeeded="true"\} 2$/m,
  )
  const type = await story.client.resourceOf({ group: '', kind: 'Event' })
  assert.ok(type)
  await until('the event', async () => {
    const events = await story.client.list(type, { namespace: 'argocd' })
    return events.items.some((event) => JSON.stringify(event).includes('Sent the notification of on-told to deploys'))
  })
})
