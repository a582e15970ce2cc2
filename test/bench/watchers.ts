// Fan-out of watches: 100 changes a second to 200 watchers, on the embedded API server and on the real kube-apiserver.
import { existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { Transport } from '../../src/kube/client/transport.ts'
import { REAL, startEmbedded, startReal, type Server } from './api-server.ts'
import { percentile, type BenchOptions, type Figure } from './measurement.ts'
import { cpuSeconds } from './process-cost.ts'
import { withFolder } from './program.ts'

const WATCHERS = 200
const CHANGES_PER_SECOND = 100
const NAMESPACE = 'default'
const NAME = 'followed'
const COLLECTION = `/api/v1/namespaces/${NAMESPACE}/configmaps`
/** What a person takes for "at once"; the machine's own noise is some tens of milliseconds. */
const LAG_BUDGET_MS = 250
/** Changes still on their way when the last was sent. */
const SETTLE_MS = 2_000

interface FanOut {
  /** Milliseconds from the sending of a change to its arrival, for every watcher. */
  readonly lags: readonly number[]
  readonly expected: number
  /** CPU seconds of the server a second. */
  readonly cpu: number
}

export async function measureWatchers({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const seconds = isQuick ? 3 : 10
  const figures = figuresOf(
    'embedded',
    await withFolder(async (folder) => fanOut(await startEmbedded(folder), seconds)),
  )
  if (!existsSync(REAL)) return figures
  return [...figures, ...figuresOf('kube-apiserver + etcd', await fanOut(await startReal(), seconds))]
}

function figuresOf(server: string, { lags, expected, cpu }: FanOut): readonly Figure[] {
  const note = `${CHANGES_PER_SECOND} changes/s to ${WATCHERS} watchers; ${lags.length} of ${expected} events arrived`
  const budget = server === 'embedded' ? { budget: LAG_BUDGET_MS } : {}
  return [
    { name: `watch lag p50, ${server}`, value: percentile(lags, 0.5), unit: 'ms', note },
    { name: `watch lag p99, ${server}`, value: percentile(lags, 0.99), unit: 'ms', note, ...budget },
    { name: `watch CPU, ${server}`, value: cpu * 100, unit: '%', note: 'of one processor, writes included' },
  ]
}

async function fanOut(server: Server, seconds: number): Promise<FanOut> {
  const { transport: config } = await loadKubeConfig({ path: server.kubeconfig, env: {} })
  const transport = httpTransport(config)
  const closing = new AbortController()
  const lags: number[] = []
  try {
    await create(transport)
    const following = await Promise.all(
      Array.from({ length: WATCHERS }, () => follow(transport, closing.signal, (lag) => lags.push(lag))),
    )
    const cpu = cpuSeconds(server.pids)
    const startMs = performance.now()
    const count = await change(transport, seconds)
    await arrived(lags, count * WATCHERS)
    const elapsed = (performance.now() - startMs) / 1000
    const used = cpuSeconds(server.pids) - cpu
    closing.abort(new Error('measured'))
    await Promise.all(following.map((one) => one.ended))
    return { lags, expected: count * WATCHERS, cpu: used / elapsed }
  } finally {
    closing.abort(new Error('measured'))
    await transport.close()
    await server.client.close()
    await server.stop()
  }
}

const JSON_BODY = { accept: 'application/json', 'content-type': 'application/json' }

async function create(transport: Transport): Promise<void> {
  const data = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key-${index}`, 'text '.repeat(20)]))
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME }, data }
  const body = JSON.stringify(object)
  const { status } = await transport.send({ method: 'POST', path: COLLECTION, headers: JSON_BODY, body })
  if (status !== 201) throw new Error(`the server answered ${status}`)
}

/** Follows the collection; resolves when the stream is open, `ended` when it is over. */
async function follow(
  transport: Transport,
  signal: AbortSignal,
  onLag: (lagMs: number) => void,
): Promise<{ readonly ended: Promise<void> }> {
  const path = `${COLLECTION}?watch=1&resourceVersion=0&fieldSelector=metadata.name%3D${NAME}`
  const { body } = await transport.send({ method: 'GET', path, headers: { accept: 'application/json' }, signal })
  if (typeof body === 'string' || body instanceof Uint8Array) throw new Error('the server does not stream')
  return { ended: read(body, onLag).catch((error: unknown) => ignoreAbort(error, signal)) }
}

/** Every event carries when its change was sent. */
async function read(body: AsyncIterable<string | Uint8Array>, onLag: (lagMs: number) => void): Promise<void> {
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + Buffer.from(chunk).toString('latin1')).split('\n')
    rest = lines.pop() ?? ''
    const nowMs = performance.now()
    for (const line of lines) {
      const sentMs = /"sent-ms":"(?<ms>[\d.]+)"/.exec(line)?.groups?.['ms']
      if (sentMs !== undefined) onLag(nowMs - Number(sentMs))
    }
  }
}

function ignoreAbort(error: unknown, signal: AbortSignal): void {
  if (!signal.aborted) throw error
}

/** Sends changes at their times, whatever the answers do; gives their number. */
async function change(transport: Transport, seconds: number): Promise<number> {
  const headers = { ...JSON_BODY, 'content-type': 'application/merge-patch+json' }
  const count = seconds * CHANGES_PER_SECOND
  const startMs = performance.now()
  const answers: Promise<unknown>[] = []
  for (let round = 0; round < count; round++) {
    const dueMs = startMs + (round * 1000) / CHANGES_PER_SECOND
    if (dueMs > performance.now()) await pause(dueMs - performance.now())
    const body = JSON.stringify({ data: { 'sent-ms': String(performance.now()) } })
    answers.push(transport.send({ method: 'PATCH', path: `${COLLECTION}/${NAME}`, headers, body }))
  }
  await Promise.all(answers)
  return count
}

async function arrived(lags: readonly number[], expected: number): Promise<void> {
  const endMs = performance.now() + SETTLE_MS
  while (lags.length < expected && performance.now() < endMs) await pause(20)
}
