// What the page costs: its script, the time until it can be used, a list of 5,000 applications, a tree of 3,000 resources.
// oxlint-disable-next-line typescript/triple-slash-reference -- the page's own types of d3-flextree, a script that nobody can import
/// <reference path="../../ui/src/tree/d3-flextree.d.ts" />
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium, type Page } from 'playwright-core'
import { systemClock } from '../../src/base/clock.ts'
import { createClient } from '../../src/kube/client/create-client.ts'
import { httpTransport } from '../../src/kube/client/http-transport.ts'
import { loadKubeConfig } from '../../src/kube/client/kubeconfig.ts'
import type { Application } from '../../src/crds/application.ts'
import type { ResourceNode } from '../../src/crds/tree.ts'
import { buildTree } from '../../ui/src/tree/build.ts'
import { layOut, NODE_HEIGHT, NODE_WIDTH } from '../../ui/src/tree/layout.ts'
import { windowOf } from '../../ui/src/tree/viewport.ts'
import { missingForBrowser } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'
import { inParallel, percentile, type BenchOptions, type Figure } from './measurement.ts'
import { startProgram, untilReady, withFolder } from './program.ts'

const BUILT = new URL('../../dist/ui/', import.meta.url).pathname
const PASSWORD = 'bench-page'
const TREE_NODES = 3000
const HEALTHS = ['Healthy', 'Healthy', 'Healthy', 'Progressing', 'Degraded', 'Missing'] as const

export async function measurePage({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const missing = missingForBrowser()
  if (missing !== undefined) throw new Error(missing)
  const count = isQuick ? 500 : 5000
  const inBrowser = await withFolder((folder) => measureInBrowser(folder, count))
  return [
    { name: 'script of the first view', value: firstScriptBytes() / 1024, unit: 'KiB', budget: 170, note: 'gzip' },
    ...inBrowser,
    ...measureTree(),
  ]
}

/** Everything that index.html loads before it shows something. */
function firstScriptBytes(): number {
  const index = readFileSync(join(BUILT, 'index.html'), 'utf8')
  const files = new Set(Array.from(index.matchAll(/assets\/[^"]+\.js/g), ([file]) => file))
  let sum = 0
  for (const file of files) sum += gzipSync(readFileSync(join(BUILT, file))).length
  return sum
}

async function measureInBrowser(folder: string, count: number): Promise<readonly Figure[]> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const dataDir = join(folder, 'data')
  const program = startProgram(['up', '--data-dir', dataDir, '--port', String(port)], {
    CAPSTAN_ADMIN_PASSWORD: PASSWORD,
  })
  try {
    await untilReady(program, `${url}/readyz`)
    await createApplications(join(dataDir, 'kubeconfig'), count)
    return await look(url, count)
  } finally {
    await program.stop()
  }
}

/** Applications that nobody reconciles: what is measured is the list. */
async function createApplications(kubeconfig: string, count: number): Promise<void> {
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'bench' })
  const type = await client.resourceOf({ group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' })
  if (type === undefined) throw new Error('the cluster has no Applications')
  await inParallel(count, 8, (index) => client.create(type, { ...application(index) }))
}

function application(index: number): Application {
  const name = `app-${String(index).padStart(5, '0')}`
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: 'argocd',
      labels: { team: `team-${index % 40}` },
      annotations: { 'argocd.argoproj.io/skip-reconcile': 'true' },
    },
    spec: {
      project: 'default',
      source: {
        repoURL: `https://git.example.com/team-${index % 40}/deploy`,
        path: `apps/${name}`,
        targetRevision: 'main',
      },
      destination: { server: 'https://kubernetes.default.svc', namespace: name },
    },
    status: {
      sync: { status: index % 7 === 0 ? 'OutOfSync' : 'Synced' },
      health: { status: HEALTHS[index % HEALTHS.length] ?? 'Healthy' },
    },
  }
}

async function look(url: string, count: number): Promise<readonly Figure[]> {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  try {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1360, height: 860 } })
    const page = await context.newPage()
    const answer = await context.request.post('/api/v1/session', { data: { username: 'admin', password: PASSWORD } })
    if (!answer.ok()) throw new Error(`log in: ${answer.status()}`)
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (document.querySelector('.item') === null) return
      window.firstRowMs = performance.now()
      observer.disconnect()
    }).observe(document, { childList: true, subtree: true })`)
    // The first visit warms the server; the browser's cache is that of a person who comes again.
    await visit(page, count)
    const visits = [await visit(page, count), await visit(page, count), await visit(page, count)]
    const frames = await scroll(page)
    return [
      {
        name: 'until the list can be used',
        value: median(visits, 'firstRowMs'),
        unit: 'ms',
        budget: 1000,
        note: `${count} applications`,
      },
      {
        name: 'first rows after the data',
        value: median(visits, 'afterDataMs'),
        unit: 'ms',
        budget: 300,
        note: `${count} applications`,
      },
      { name: 'a page of the list', value: median(visits, 'answerMs'), unit: 'ms', note: `100 of ${count}, counted` },
      {
        name: 'a frame while scrolling',
        value: percentile(frames, 0.5),
        unit: 'ms',
        note: `median of ${frames.length}`,
      },
    ]
  } finally {
    await browser.close()
  }
}

interface Visit {
  readonly firstRowMs: number
  readonly afterDataMs: number
  readonly answerMs: number
}

async function visit(page: Page, count: number): Promise<Visit> {
  await page.goto('/applications')
  await page.getByText(`${count} of ${count}`).waitFor()
  await page.locator('.item').first().waitFor()
  const { firstRowMs, startMs, endMs } = await page.evaluate<{
    firstRowMs: number
    startMs: number
    endMs: number
  }>(`(() => {
    const [entry] = performance.getEntriesByType('resource').filter(({ name }) => name.includes('/capstan/applications'))
    return { firstRowMs: window.firstRowMs, startMs: entry.startTime, endMs: entry.responseEnd }
  })()`)
  return { firstRowMs, afterDataMs: Math.max(0, firstRowMs - endMs), answerMs: endMs - startMs }
}

function median(visits: readonly Visit[], name: keyof Visit): number {
  return percentile(
    visits.map((one) => one[name]),
    0.5,
  )
}

/** Milliseconds of each frame while the whole list goes by. */
async function scroll(page: Page): Promise<readonly number[]> {
  return page.evaluate<number[]>(`new Promise((resolve) => {
    const times = []
    let last = performance.now()
    const step = (now) => {
      times.push(now - last)
      last = now
      scrollBy(0, 400)
      if (times.length < 240) requestAnimationFrame(step)
      else resolve(times.slice(1))
    }
    requestAnimationFrame(step)
  })`)
}

/** Layout alone, as the page does it once for each tree, and what of it is drawn. */
function measureTree(): readonly Figure[] {
  const nodes = treeOf(TREE_NODES)
  const app = application(0)
  const times = Array.from({ length: 9 }, () => {
    // Time on a busy machine says how busy it is.
    const start = process.cpuUsage()
    layOut(buildTree(app, { nodes: [...nodes] }))
    return process.cpuUsage(start).user / 1000
  })
  const layout = layOut(buildTree(app, { nodes: [...nodes] }))
  const drawn = windowOf(
    layout,
    { width: NODE_WIDTH, height: NODE_HEIGHT },
    { left: 0, top: 0, width: 1360, height: 700, zoom: 1 },
  )
  return [
    {
      name: `layout of ${layout.nodes.length} resources`,
      value: percentile(times, 0.5),
      unit: 'ms',
      budget: 200,
      note: 'CPU',
    },
    { name: 'boxes drawn of them', value: drawn.nodes.length, unit: '×', budget: 100 },
  ]
}

/** Deployments of three pods each; their names differ in health, so that they are not bundled. */
function treeOf(count: number): readonly ResourceNode[] {
  const common = { namespace: 'bench', version: 'v1' }
  return Array.from({ length: Math.floor(count / 5) }, (_, index): readonly ResourceNode[] => {
    const deployment = { ...common, group: 'apps', kind: 'Deployment', name: `d-${index}` }
    const set = { ...common, group: 'apps', kind: 'ReplicaSet', name: `d-${index}-1` }
    const pods = ['a', 'b', 'c'].map((name) => ({
      ...common,
      kind: 'Pod',
      name: `${set.name}-${name}`,
      parentRefs: [set],
    }))
    return [deployment, { ...set, parentRefs: [deployment] }, ...pods]
  }).flat()
}
