// Writers that change pods and config maps at the same time, and go on through restarts of the server.
import { setTimeout as pause } from 'node:timers/promises'
import { CapstanError } from '../../src/base/errors.ts'
import type { KubeClient, ResourceType } from '../../src/kube/client/client.ts'
import type { KubeObject } from '../../src/kube/object.ts'

export interface ChangeLoad {
  readonly client: KubeClient
  readonly namespace: string
  readonly writers: number
  /** Changes of all writers together. */
  readonly changes: number
  /** Called after each change with the number of changes so far. */
  readonly onChange: (done: number) => void
}

/** Objects a writer has at most: each of them is created, changed and deleted many times. */
const OBJECTS_PER_WRITER = 40
/** How long a writer waits for a server that is away. */
const RETRY_MS = 50
const GIVE_UP_MS = 30_000

/** Makes the changes; resolves when all are done. Rejects where the server refuses one or stays away. */
export async function makeChanges(load: ChangeLoad): Promise<void> {
  const [pods, configMaps] = await Promise.all([typeOf(load.client, 'Pod'), typeOf(load.client, 'ConfigMap')])
  let done = 0
  const each = Math.floor(load.changes / load.writers)
  const write = async (writer: number): Promise<void> => {
    const present = new Set<string>()
    for (let step = 0; step < each; step++) {
      const type = step % 5 === 4 ? pods : configMaps
      const name = `writer-${writer}-${(step * 7) % OBJECTS_PER_WRITER}`
      await persist(() => change({ ...load, type, name, step }, present))
      load.onChange(++done)
    }
  }
  await Promise.all(Array.from({ length: load.writers }, (_, writer) => write(writer)))
}

async function typeOf(client: KubeClient, kind: string): Promise<ResourceType> {
  const type = await client.resourceOf({ group: '', kind })
  if (type === undefined) throw new Error(`the server serves no ${kind}`)
  return type
}

interface Change {
  readonly client: KubeClient
  readonly namespace: string
  readonly type: ResourceType
  readonly name: string
  readonly step: number
}

/** Creates what is absent; of what is there, every sixth is deleted and the rest changed. */
async function change({ client, namespace, type, name, step }: Change, present: Set<string>): Promise<void> {
  const ref = { type, namespace, name }
  const key = `${type.kind} ${name}`
  if (!present.has(key)) {
    await client.create(type, objectOf(type, namespace, name)).catch(unless('already-exists'))
    present.add(key)
  } else if (step % 6 === 5) {
    await client.delete(ref)
    present.delete(key)
  } else {
    await client.patch(ref, 'merge', { metadata: { labels: { step: `${step}` } } }).catch(unless('not-found'))
  }
}

/** A change whose answer was lost with the connection may have happened: the second try finds it done. */
function unless(code: CapstanError['code']): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof CapstanError) || error.code !== code) throw error
  }
}

function objectOf({ kind }: ResourceType, namespace: string, name: string): KubeObject {
  const rest =
    kind === 'Pod'
      ? { spec: { containers: [{ name: 'main', image: 'busybox' }] } }
      : { data: { text: 'x'.repeat(200) } }
  return { apiVersion: 'v1', kind, metadata: { name, namespace }, ...rest }
}

async function persist(run: () => Promise<void>): Promise<void> {
  const endMs = performance.now() + GIVE_UP_MS
  for (;;) {
    try {
      return await run()
    } catch (error) {
      const isAway = error instanceof CapstanError && (error.code === 'unavailable' || error.code === 'timeout')
      if (!isAway || performance.now() > endMs) throw error
      await pause(RETRY_MS)
    }
  }
}
