// `capstan up` as a child process, with the command line and a client for its cluster.
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import type { KubeClient } from '../../src/kube/client/client.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { KubeObject } from '../../src/kube/object.ts'
import { loggedIn, type CommandLine } from './command-line.ts'
import { ADMIN_PASSWORD } from './control-plane.ts'
import { startCapstan, type RunOptions, type Served } from './processes.ts'

export interface CapstanUp extends Served {
  readonly url: string
  readonly line: CommandLine
  readonly client: KubeClient
  /** The object, once it is as wanted. */
  until(kind: string, place: string, isWanted: (object: KubeObject) => boolean): Promise<KubeObject>
}

export interface UpOptions extends RunOptions {
  /** More flags of `capstan up`. */
  readonly flags?: readonly string[]
}

const READY = /Capstan is ready at (?<url>\S+)/
const PATIENCE_MS = 60_000
const POLL_MS = 20

/** Starts the embedded cluster and the control plane on a data directory; ended with the test at the latest. */
export async function startUp(t: TestContext, dataDir: string, options: UpOptions = {}): Promise<CapstanUp> {
  const env = { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD, ...options.env }
  const served = await startCapstan(t, ['up', '--data-dir', dataDir, '--port', '0', ...(options.flags ?? [])], READY, {
    ...options,
    env,
  })
  const url = served.found.groups?.['url'] ?? ''
  const { transport } = await loadKubeConfig({ path: join(dataDir, 'kubeconfig'), env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'story' })
  t.after(() => client.close())
  return {
    ...served,
    url,
    client,
    line: await loggedIn(t, url),
    until: (kind, place, isWanted) => untilObject(client, [kind, place], isWanted),
  }
}

async function untilObject(
  client: KubeClient,
  [apiKind, place]: readonly [string, string],
  isWanted: (object: KubeObject) => boolean,
): Promise<KubeObject> {
  const [kind = '', group = ''] = apiKind.split('.', 2)
  const [namespace = '', name = ''] = place.split('/')
  const type = await client.resourceOf({ group: group === '' ? '' : apiKind.slice(kind.length + 1), kind })
  if (type === undefined) throw new Error(`the cluster serves no ${apiKind}`)
  const endMs = Date.now() + PATIENCE_MS
  for (;;) {
    const object = await client.get({ type, namespace, name })
    if (object !== undefined && isWanted(object)) return object
    if (Date.now() > endMs) throw new Error(`${apiKind} ${place} stays ${JSON.stringify(object, undefined, 1)}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
