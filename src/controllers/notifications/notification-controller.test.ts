import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { LruCache } from '../../base/lru.ts'
import { Metrics } from '../../base/metrics.ts'
import { Secret } from '../../base/secret.ts'
import type { AppProject } from '../../crds/app-project.ts'
import { type Application, API_VERSION } from '../../crds/application.ts'
import { KubeError, type KubeClient } from '../../kube/client/client.ts'
import type { ChangeHandler, Informer } from '../../kube/client/informer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { NOTIFIED_ANNOTATION } from '../../notifications/notified-state.ts'
import { NotificationController } from './notification-controller.ts'
import { Notifiers } from './notifiers.ts'

const NAMESPACE = 'argocd'
const SETTINGS: KubeObject & { readonly data: Readonly<Record<string, string>> } = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: NAMESPACE, name: 'argocd-notifications-cm' },
  data: {
    'template.hello': 'message: hello',
    'trigger.always': '- when: "true"\n  send: [hello]',
    'trigger.author': '- when: repo.GetCommitMetadata("abc").Author == "Ada"\n  send: [hello]',
  },
}
const SUBSCRIPTION = 'notifications.argoproj.io/subscribe.'

/** A cache of applications that tells of what the test does to it. */
class Applications {
  readonly type = { resource: 'applications' }
  readonly #objects = new Map<string, Application>()
  readonly #handlers = new Set<ChangeHandler<Application>>()

  put(application: Application): void {
    this.#objects.set(application.metadata.name ?? '', application)
    for (const handler of this.#handlers) handler({ type: 'MODIFIED', object: application, old: undefined })
  }

  remove(application: Application): void {
    this.#objects.delete(application.metadata.name ?? '')
    for (const handler of this.#handlers) handler({ type: 'DELETED', object: application, old: application })
  }

  get(_namespace: string, name: string): Application | undefined {
    return this.#objects.get(name)
  }

  list(): IterableIterator<Application> {
    return this.#objects.values()
  }

  onChange(handler: ChangeHandler<Application>): () => void {
    this.#handlers.add(handler)
    return () => this.#handlers.delete(handler)
  }
}

interface Scene {
  readonly applications: Applications
  readonly clock: ManualClock
  readonly controller: NotificationController
  /** Recipients of what was sent. */
  readonly sent: string[]
  /** How often the author of a commit was asked for. */
  readonly asked: () => number
}

/** A running controller; `patch` answers what it writes, and commits cannot be looked up for a fault of the program. */
async function scene(t: TestContext, patch: (applications: Applications, value: string) => void): Promise<Scene> {
  const applications = new Applications()
  const clock = new ManualClock()
  const sent: string[] = []
  let asked = 0
  const notifiers = new Notifiers({
    namespace: NAMESPACE,
    isSelfService: false,
    clock,
    log: silentLog,
    find: (kind) => (kind === 'ConfigMap' ? SETTINGS : undefined),
    memory: new LruCache({ maxSize: 10 }),
    githubToken: async () => new Secret(''),
    certificatesOf: () => undefined,
    environment: {},
  })
  notifiers.of(NAMESPACE)[0]?.addService('chat', {
    send: async (_notification, { recipient }) => {
      sent.push(recipient)
    },
  })
  const scripted = {
    patch: async (_ref: object, _type: string, change: { metadata: { annotations: Record<string, string> } }) =>
      patch(applications, change.metadata.annotations[NOTIFIED_ANNOTATION] ?? ''),
  }
  const controller = new NotificationController({
    client: scripted as unknown as KubeClient, // only what is asked for
    applications: applications as unknown as Informer<Application>, // the controller uses no more of it
    projects: { get: () => undefined, onChange: () => () => undefined } as unknown as Informer<AppProject>, // there are none
    notifiers,
    onConfigChange: () => () => undefined,
    sourcesOf: () => ({
      commit: () => {
        asked++
        return Promise.reject(new TypeError('a fault of this program'))
      },
      details: () => Promise.reject(new TypeError('not asked for')),
    }),
    events: { record: () => undefined, flush: async () => undefined },
    metrics: new Metrics(),
    clock,
    log: silentLog,
    namespace: NAMESPACE,
  })
  controller.start()
  t.after(() => controller.stop())
  return { applications, clock, controller, sent, asked: () => asked }
}

function application(...triggers: readonly string[]): Application {
  const annotations = Object.fromEntries(triggers.map((trigger) => [`${SUBSCRIPTION}${trigger}.chat`, trigger]))
  const source = { repoURL: 'https://git.example.com/r.git' }
  return {
    apiVersion: API_VERSION,
    kind: 'Application',
    metadata: { namespace: NAMESPACE, name: 'web', uid: 'u1', annotations },
    spec: { project: 'default', destination: {}, source },
  } as unknown as Application // only what is looked at
}

function gone(): never {
  throw new KubeError(404, 'NotFound', 'applications "web" not found')
}

describe('what was sent', () => {
  test('is noted and not sent again where a later trigger breaks', async (t) => {
    const written: string[] = []
    const { applications, clock, controller, sent, asked } = await scene(t, (_all, value) => written.push(value))

    applications.put(application('always', 'author'))
    await controller.idle()
    assert.deepEqual([sent, written.length, asked()], [['always'], 1, 1])
    assert.match(written[0] ?? '', /^\{"always:\[0\]\.[^"]+:chat:always":\d+\}$/)

    // The round is tried again, as it failed.
    clock.advance(60_000)
    await controller.idle()
    assert.ok(asked() > 1)
    assert.deepEqual([sent, written.length], [['always'], 1])
  })

  test('is forgotten where the application has gone before it could be noted', async (t) => {
    const { applications, controller, sent } = await scene(t, (all) => {
      all.remove(application('always'))
      gone()
    })

    applications.put(application('always'))
    await controller.idle()
    applications.put(application('always'))
    await controller.idle()

    assert.deepEqual(sent, ['always', 'always'])
  })

  test('stays known as long as the cache still has an application that is gone', async (t) => {
    const { applications, controller, sent } = await scene(t, gone)

    applications.put(application('always'))
    await controller.idle()
    applications.put(application('always'))
    await controller.idle()
    assert.deepEqual(sent, ['always'])

    applications.remove(application('always'))
    applications.put(application('always'))
    await controller.idle()
    assert.deepEqual(sent, ['always', 'always'])
  })
})
