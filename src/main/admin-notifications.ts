// What `capstan admin notifications` does: configurations from files or the cluster, tried on an application.
import { readFile, stat } from 'node:fs/promises'
import { text as textOfStream } from 'node:stream/consumers'
import { systemClock } from '../base/clock.ts'
import { CapstanError, messageOf } from '../base/errors.ts'
import { LruCache } from '../base/lru.ts'
import type { NotificationFlags, NotificationTool } from '../cli/admin/notifications.ts'
import { API_GROUP } from '../crds/application.ts'
import { createClient } from '../kube/client/create-client.ts'
import { httpTransport } from '../kube/client/http-transport.ts'
import { loadKubeConfig } from '../kube/client/kubeconfig.ts'
import type { GroupKind, KubeObject } from '../kube/object.ts'
import { parseYamlDocuments } from '../lang/yaml/read.ts'
import { stringifyYaml } from '../lang/yaml/write.ts'
import { CONFIG_MAP, parseNotificationsConfig, SECRET } from '../notifications/config.ts'
import { parseDestination } from '../notifications/destinations.ts'
import { Facts } from '../notifications/facts.ts'
import { fieldsOf, textMapOf } from '../notifications/options.ts'
import { Notifier } from '../notifications/notifier.ts'
import { createSubject, type Subject } from '../notifications/variables.ts'
import { RepositoryLogins } from '../source/tokens/repository-login.ts'
import { signJwt } from './json-web-tokens.ts'

export function notificationTool(signal: AbortSignal): NotificationTool {
  return {
    async templates(flags) {
      return Object.fromEntries((await openNotifier(flags)).config.templates)
    },
    async triggers(flags) {
      const { triggers } = (await openNotifier(flags)).config
      return Object.fromEntries(
        [...triggers].map(([name, conditions]) => [
          name,
          conditions.map(({ oncePer, when, description, send }) => ({
            ...(oncePer === '' ? {} : { oncePer }),
            ...(when === '' ? {} : { when }),
            ...(description === '' ? {} : { description }),
            ...(send.length === 0 ? {} : { send }),
          })),
        ]),
      )
    },
    async run(flags, trigger, resource) {
      const notifier = await openNotifier(flags)
      if (!notifier.config.triggers.has(trigger)) {
        const names = [...notifier.config.triggers.keys()].join(', ')
        throw new CapstanError('not-found', `trigger with name '${trigger}' does not exist (found ${names})`)
      }
      return notifier.runTrigger(trigger, await openSubject(flags, resource))
    },
    async notify(flags, { template, resource, recipients }, write) {
      const notifier = await openNotifier(flags)
      notifier.addService('console', {
        async send({ message, blocks }) {
          write(stringifyYaml({ ...(message === '' ? {} : { message }), ...blocks }))
        },
      })
      const subject = await openSubject(flags, resource)
      for (const recipient of recipients) {
        try {
          await notifier.send([template], subject, parseDestination(recipient), signal)
        } catch (error) {
          throw new CapstanError('unavailable', `failed to notify '${recipient}': ${messageOf(error)}`, {
            cause: error,
          })
        }
      }
    },
  }
}

async function openNotifier(flags: NotificationFlags): Promise<Notifier> {
  const configMap = await openMap(flags, flags.configMap, 'ConfigMap', CONFIG_MAP)
  const secret = flags.secret === ':empty' ? undefined : await openMap(flags, flags.secret, 'Secret', SECRET)
  const config = parseNotificationsConfig(configMap, secret, flags.namespace)
  const [fault] = config.faults
  if (fault !== undefined) throw new CapstanError('bad-input', `${CONFIG_MAP}: ${fault[0]}: ${fault[1]}`)
  const clock = systemClock
  const logins = new RepositoryLogins({ clock, sign: signJwt, environment: process.env })
  return new Notifier({
    config,
    clock,
    hidesSecrets: false,
    memory: new LruCache({ maxSize: 100 }),
    githubToken: (app, repoURL) => logins.githubToken(app, repoURL, () => ({})),
    certificatesOf: () => undefined,
    environment: process.env,
  })
}

async function openSubject(flags: NotificationFlags, resource: string): Promise<Subject> {
  const object = await openApplication(flags, resource)
  return createSubject({ object, facts: new Facts(), nowMs: () => systemClock.now() })
}

/** A file, or the name of an application in the cluster. */
async function openApplication(flags: NotificationFlags, resource: string): Promise<KubeObject> {
  const isFile = await stat(resource).then(
    (found) => found.isFile(),
    () => false, // then it is a name
  )
  if (!isFile) return required(await readLive(flags, { group: API_GROUP, kind: 'Application' }, resource), resource)
  return required((await readObjects(resource))[0], resource)
}

function required(object: KubeObject | undefined, name: string): KubeObject {
  if (object === undefined) throw new CapstanError('not-found', `failed to load resource: ${name} is not there`)
  return object
}

async function openMap(
  flags: NotificationFlags,
  path: string | undefined,
  kind: 'ConfigMap' | 'Secret',
  name: string,
): Promise<KubeObject | undefined> {
  if (path === undefined) return readLive(flags, { group: '', kind }, name)
  const found = (await readObjects(path)).find((object) => object.kind === kind && object.metadata.name === name)
  if (found === undefined) throw new CapstanError('not-found', `file '${path}' does not have '/${kind}/${name}'`)
  return withPlainTexts(found)
}

/** `stringData` of a Secret in a file counts, as the API server has it. */
function withPlainTexts(object: KubeObject): KubeObject {
  const fields = fieldsOf(object)
  const plain = Object.entries(textMapOf(fields, 'stringData'))
  if (plain.length === 0) return object
  const encoded = plain.map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  const data = { ...textMapOf(fields, 'data'), ...Object.fromEntries(encoded) }
  return { ...object, data } as KubeObject // with a Secret's own field
}

async function readObjects(path: string): Promise<readonly KubeObject[]> {
  const text = path === '-' ? await textOfStream(process.stdin) : await readFile(path, 'utf8')
  return parseYamlDocuments(text)
    .map(({ value }) => value as unknown)
    .filter((value): value is KubeObject => fieldsOf(value)['metadata'] !== undefined)
}

async function readLive(flags: NotificationFlags, kind: GroupKind, name: string): Promise<KubeObject | undefined> {
  const loaded = await loadKubeConfig({
    env: process.env,
    ...(flags.kubeconfig === undefined ? {} : { path: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
  })
  const client = createClient(httpTransport(loaded.transport), { clock: systemClock })
  try {
    const type = await client.resourceOf(kind)
    return type === undefined ? undefined : await client.get({ type, namespace: flags.namespace, name })
  } finally {
    await client.close()
  }
}
