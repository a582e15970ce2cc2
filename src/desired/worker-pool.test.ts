// Rendering workers: results, errors, limits, deadlines and their end.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { renderOverAndOver } from '../../test/support/render-load.ts'
import { jsonText } from '../kube/json-digits.ts'
import { ManualClock, systemClock } from '../base/clock.ts'
import { memoryTree } from '../../test/support/memory-tree.ts'
import { loadSource } from '../render/render-source.ts'
import type { RenderRequest } from '../render/renderer.ts'
import type { PoolJob, WorkerPoolOptions } from './worker-pool.ts'
import { RenderWorkerPool } from './worker-pool.ts'

const ENTRY = moduleOf(`
  import { parentPort } from 'node:worker_threads'
  import { serveRenderJobs } from ${JSON.stringify(import.meta.resolve('./worker.ts'))}
  serveRenderJobs(parentPort)
`)

function poolFor(t: TestContext, options: Partial<WorkerPoolOptions> = {}): RenderWorkerPool {
  const pool = new RenderWorkerPool({ entry: ENTRY, clock: systemClock, maximum: 1, ...options })
  t.after(() => pool.close())
  return pool
}

async function jobFor(text: string, name = 'a.yaml'): Promise<PoolJob> {
  const request: RenderRequest = {
    application: { name: 'app', namespace: 'argocd', project: 'default', destinationNamespace: 'default' },
    source: { repoURL: 'https://git.example.com/repo', path: '' },
    revision: 'abc',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  }
  const tree = memoryTree({ [name]: text }, 'abc')
  const loaded = await loadSource('Directory', request, { tree, references: new Map() })
  return { key: 'repo/', sourceType: 'Directory', request, loaded }
}

const MANIFEST = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {big: 9007199254740993}\n'

/** A thread that answers nothing: what a rendering without end looks like from outside. */
const SILENT = moduleOf('setInterval(() => {}, 1000)')

function moduleOf(source: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}

describe('RenderWorkerPool', () => {
  test('renders in a thread, integers stay exact, the files stay usable', async (t) => {
    const pool = poolFor(t)
    const job = await jobFor(MANIFEST)

    const [rendered] = await Promise.all([pool.render(job), pool.render(job)])

    assert.match(jsonText(rendered.manifests[0]), /9007199254740993/)
    assert.equal(job.loaded.files.files.get('a.yaml')?.bytes.length, MANIFEST.length)
    assert.equal(pool.running, 1)
  })

  test('a Jsonnet program that does not end is ended at the deadline, and the next job has a new thread', async (t) => {
    const clock = new ManualClock()
    const pool = poolFor(t, { clock, deadlineMs: 1000 })
    const program =
      'local loop(f) = std.foldl(f, std.range(1, 100000), 0); loop(function(a, b) a + loop(function(c, d) c + d))'
    const runaway = await jobFor(program, 'a.jsonnet')

    const ended = assert.rejects(pool.render(runaway), {
      code: 'timeout',
      message: /took longer than 1 s and was ended/,
    })
    clock.advance(1000)
    await ended
    const { manifests } = await pool.render(await jobFor(MANIFEST))

    assert.equal(manifests.length, 1)
  })

  test('passes on what the renderer throws, with its code', async (t) => {
    const pool = poolFor(t)

    await assert.rejects(pool.render(await jobFor(`${MANIFEST}x: {`)), {
      code: 'bad-input',
      message: /^Failed to unmarshal/,
    })
    assert.equal((await pool.render(await jobFor(MANIFEST))).manifests.length, 1)
  })

  test('refuses more output than allowed', async (t) => {
    const pool = poolFor(t, { maxOutputLength: 50 })

    await assert.rejects(pool.render(await jobFor(MANIFEST)), { code: 'limit' })
  })

  test('ends a thread at the deadline, and goes on with the next job in a new one', async (t) => {
    const clock = new ManualClock()
    const pool = poolFor(t, { clock, entry: SILENT, deadlineMs: 5000 })
    const first = pool.render(await jobFor(MANIFEST))
    const second = pool.render(await jobFor(MANIFEST))
    const refused = [first, second].map((promise) =>
      assert.rejects(promise, { code: 'timeout', message: 'rendering took longer than 5 s and was ended' }),
    )

    clock.advance(5000)
    await refused[0]
    while (pool.running === 0) await new Promise(setImmediate)
    clock.advance(5000)
    await refused[1]
  })

  test('ends a thread that was idle for long', async (t) => {
    const clock = new ManualClock()
    const pool = poolFor(t, { clock, idleMs: 1000 })
    await pool.render(await jobFor(MANIFEST))
    assert.equal(pool.running, 1)

    clock.advance(1000)

    assert.equal(pool.running, 0)
    assert.equal((await pool.render(await jobFor(MANIFEST))).manifests.length, 1)
  })

  test('gives a job up when its caller does', async (t) => {
    const pool = poolFor(t, { entry: SILENT })
    const controller = new AbortController()
    const given = pool.render({ ...(await jobFor(MANIFEST)), signal: controller.signal })

    controller.abort(new Error('no longer wanted'))

    await assert.rejects(given, { message: 'no longer wanted' })
  })

  test('rejects what is left when it closes', async (t) => {
    const pool = poolFor(t, { entry: SILENT })
    const left = assert.rejects(pool.render(await jobFor(MANIFEST)), { code: 'unavailable' })

    await pool.close()

    await left
    await assert.rejects(pool.render(await jobFor(MANIFEST)), { code: 'unavailable' })
  })
})

test('renderings with ever new values leave no memory behind', async () => {
  const { before, after } = await renderOverAndOver({ warmUp: 100, renderings: 300 })

  // A rendering that kept its values, texts or files would add up to hundreds; heaps breathe by some ten.
  assert.ok(after - before < 48, `grew from ${before.toFixed(0)} to ${after.toFixed(0)} MiB`)
})
