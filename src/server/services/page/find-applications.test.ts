// Tests what the list of the page finds, counts, sorts and leaves out.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Application } from '../../../crds/application.ts'
import { createRowReader } from './application-row.ts'
import { arrange, MAX_FACET_VALUES, MAX_PAGE_SIZE, readQuery } from './find-applications.ts'
import { MAX_TERMS, readSearch } from './search-words.ts'

interface Wanted {
  readonly name: string
  readonly health?: 'Healthy' | 'Degraded' | 'Progressing'
  readonly sync?: 'Synced' | 'OutOfSync'
  readonly labels?: Readonly<Record<string, string>>
  readonly finishedAt?: string
}

function application({ name, health = 'Healthy', sync = 'Synced', labels = {}, finishedAt }: Wanted): Application {
  const startedAt = finishedAt ?? ''
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', labels: { ...labels } },
    spec: {
      project: '',
      source: { repoURL: `https://git.example.com/${name}`, path: 'deploy', helm: { values: 'x'.repeat(1000) } },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
      ...(name.endsWith('auto') ? { syncPolicy: { automated: {} } } : {}),
    },
    status: {
      health: { status: health },
      sync: { status: sync },
      ...(finishedAt === undefined
        ? {}
        : { operationState: { phase: 'Succeeded', operation: {}, startedAt, finishedAt } }),
    },
  }
}

const rowOf = createRowReader()
const rows = [
  { name: 'b-web', health: 'Degraded' as const, labels: { team: 'shop', tier: 'front' } },
  { name: 'a-web', sync: 'OutOfSync' as const, labels: { team: 'shop' }, finishedAt: '2026-11-01T00:00:00Z' },
  { name: 'c-auto', labels: { team: 'pay' }, finishedAt: '2026-11-02T00:00:00Z' },
]
  .map(application)
  .map(rowOf)

function find(request: object): { readonly names: readonly (string | undefined)[]; readonly total: number } {
  const { items, total } = arrange(rows, readQuery({ ...request }))
  return { names: items.map(({ metadata }) => metadata.name), total }
}

test('words and fields narrow the list, in any letters', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['', ['a-web', 'b-web', 'c-auto']],
    ['WEB', ['a-web', 'b-web', 'c-auto']],
    ['name:web', ['a-web', 'b-web']],
    ['health:degraded', ['b-web']],
    ['!health:Degraded', ['a-web', 'c-auto']],
    ['label:team=shop', ['a-web', 'b-web']],
    ['label:tier', ['b-web']],
    ['label:te', []],
    ['!label:team=shop', ['c-auto']],
    ['sync:OutOfSync label:team=shop', ['a-web']],
    ['autosync:automatic', ['c-auto']],
    ['project:default cluster:in-cluster ns:web', ['a-web', 'b-web', 'c-auto']],
    ['repo:git.example.com/a-', ['a-web']],
    ['https://git.example.com/c', ['c-auto']],
    ['"a-web"', ['a-web']],
    ['health:', ['a-web', 'b-web', 'c-auto']],
    ['!', []],
  ]

  for (const [q, names] of cases) assert.deepEqual(find({ q }).names, names, q)
  assert.equal(find({ q: 'nothing' }).total, 3)
  assert.equal(readSearch('x '.repeat(MAX_TERMS + 5)).length, MAX_TERMS)
})

test('a facet counts what matches everything else, and tells what is chosen also where there is none', () => {
  const { facets, matching } = arrange(rows, readQuery({ health: ['Degraded'], label: ['team=pay'] }))

  assert.equal(matching, 0)
  assert.deepEqual(facets.health, [
    { value: 'Degraded', count: 0 },
    { value: 'Healthy', count: 1 },
  ])
  assert.deepEqual(facets.label, [
    { value: 'team=pay', count: 0 },
    { value: 'team=shop', count: 1 },
    { value: 'tier=front', count: 1 },
  ])
  assert.deepEqual(facets.sync, [])
})

test('values of one facet are either, values of several are both', () => {
  assert.deepEqual(find({ health: ['Degraded', 'Healthy'], sync: ['Synced'] }).names, ['b-web', 'c-auto'])
})

test('orders: by name, by what needs somebody, by the last operation; favourites first', () => {
  assert.deepEqual(find({ order: 'attention' }).names, ['b-web', 'a-web', 'c-auto'])
  assert.deepEqual(find({ order: 'recent' }).names, ['c-auto', 'a-web', 'b-web'])
  assert.deepEqual(find({ favourite: ['argocd/c-auto'] }).names, ['c-auto', 'a-web', 'b-web'])
  assert.deepEqual(find({ favourite: ['argocd/c-auto'], onlyFavourites: true }).names, ['c-auto'])
  assert.throws(() => readQuery({ order: 'size' }), /order: one of name, attention, recent/)
})

test('a page is a part of the list, never more than the limit', () => {
  assert.deepEqual(find({ offset: 1, limit: 1 }).names, ['b-web'])
  assert.equal(readQuery({ limit: 100_000 }).limit, MAX_PAGE_SIZE)
  assert.throws(() => readQuery({ offset: -1 }), /offset and limit/)
})

test('a facet tells its most frequent values', () => {
  const many = Array.from({ length: MAX_FACET_VALUES + 50 }, (_, index) =>
    rowOf(application({ name: `x-${index}`, labels: { id: String(index), team: 'shop' } })),
  )

  const { facets } = arrange(many, readQuery({ limit: 1 }))

  assert.equal(facets.label.length, MAX_FACET_VALUES)
  assert.deepEqual(facets.label.at(-1), { value: 'team=shop', count: MAX_FACET_VALUES + 50 })
})

test('an item holds what the list shows and nothing large', () => {
  const [item] = arrange(rows, readQuery({ limit: 1 })).items

  assert.equal(item?.spec.source?.repoURL, 'https://git.example.com/a-web')
  assert.ok(JSON.stringify(item).length < 700)
})

test('a state is read once', () => {
  const one = application({ name: 'once' })

  assert.equal(rowOf(one), rowOf(one))
})
