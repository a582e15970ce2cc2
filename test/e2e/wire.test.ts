// Argo CD's own Go types read what we write and we read what they write: random messages, both ways.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { describe, test, type TestContext } from 'node:test'
import { decodeMessage } from '../../src/api/wire/decode.ts'
import { encodeMessage } from '../../src/api/wire/encode.ts'
import { planOf, type FieldPlan, type MessagePlan } from '../../src/api/wire/plan.ts'
import type { JsonObject, JsonValue } from '../../src/kube/object.ts'
import { peer } from '../support/real-cluster.ts'

const TYPES = [
  'v1alpha1.Application',
  'v1alpha1.ApplicationList',
  'v1alpha1.ApplicationWatchEvent',
  'v1alpha1.ApplicationTree',
  'v1alpha1.ApplicationSet',
  'v1alpha1.AppProject',
  'v1alpha1.Cluster',
  'v1alpha1.Repository',
  'v1alpha1.RepositoryCertificateList',
  'v1alpha1.RevisionMetadata',
  'application.ApplicationSyncRequest',
  'application.ApplicationQuery',
  'application.ApplicationPodLogsQuery',
  'application.LogEntry',
  'application.ManagedResourcesResponse',
  'applicationset.ApplicationSetCreateRequest',
  'cluster.ClusterQuery',
  'cluster.ClusterUpdateRequest',
  'project.DetailedProjectsResponse',
  'repository.RepoAppDetailsQuery',
] as const
const ROUNDS = 60
const MAX_DEPTH = 6
/** Generators hold generators: most of what could be there is left out further down. */
const CHANCE = 0.45

interface Told {
  readonly json?: JsonObject
  readonly bytes?: string
  readonly error?: string
}

type Ask = (request: Readonly<Record<string, unknown>>) => Promise<Told>

function startOracle(t: TestContext): Ask {
  const child = spawn(peer('wire'), { stdio: ['pipe', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  const waiting: ((told: Told) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()?.(JSON.parse(line)))
  return (request) => {
    const { promise, resolve } = Promise.withResolvers<Told>()
    waiting.push(resolve)
    child.stdin.write(`${JSON.stringify(request)}\n`)
    return promise
  }
}

/** Numbers of a sequence that its seed decides (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const TEXTS = ['', 'a', 'web-app', 'ünïcode ✓', 'line\nbreak', 'x'.repeat(300), '"quoted"']
const NUMBERS = [0, 1, -1, 127, 128, 300, 2 ** 31 - 1, -(2 ** 31)]
const TIMES = ['2026-01-02T03:04:05Z', '1969-12-31T23:59:59Z', '2106-02-07T06:28:15Z']

class Generator {
  readonly #random: () => number

  constructor(seed: number) {
    this.#random = randomOf(seed)
  }

  message(plan: MessagePlan, depth = 0): JsonObject {
    const value: Record<string, JsonValue> = {}
    for (const field of plan.descending) {
      if (!field.isRequired && (depth > MAX_DEPTH || this.#random() > CHANCE / (1 + depth / 4))) continue
      if (field.isInline) Object.assign(value, this.message(field.message(), depth + 1))
      else value[field.name] = this.#field(field, depth)
    }
    return value
  }

  #field(field: FieldPlan, depth: number): JsonValue {
    const count = 1 + Math.floor(this.#random() * 2)
    if (field.isList) return Array.from({ length: count }, () => this.#value(field, depth))
    if (!field.isMap) return this.#value(field, depth)
    return Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, this.#value(field, depth)]))
  }

  #value(field: FieldPlan, depth: number): JsonValue {
    switch (field.kind) {
      case 'string':
        return this.#one(TEXTS)
      case 'bool':
        return this.#random() < 0.5
      case 'int32':
        return this.#one(NUMBERS)
      case 'int64':
        return this.#one([...NUMBERS, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      case 'bytes':
        // Go tells empty bytes from none, its JSON does not.
        return Buffer.from(`-${this.#one(TEXTS)}`).toString('base64')
      case 'message':
        return this.message(field.message(), depth + 1)
      case 'IntOrString':
        return this.#random() < 0.5 ? this.#one(NUMBERS) : '25%'
      case 'json':
        return { any: [1, 'b', null, true], nested: { deep: this.#one(TEXTS) } }
      default:
        return this.#one(TIMES)
    }
  }

  #one<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T // there is at least one
  }
}

describe('messages on the wire', { timeout: 240_000 }, () => {
  for (const type of TYPES) {
    test(`${type} means the same to us and to Argo CD's own types`, async (t) => {
      const ask = startOracle(t)
      const [packageName = '', name = ''] = type.split('.')
      const plan = planOf(packageName, name)
      for (let seed = 1; seed <= ROUNDS; seed++) {
        const value = new Generator(seed).message(plan)
        const theirs = await ask({ type, json: value })
        assert.equal(theirs.error, undefined, `seed ${seed}: ${JSON.stringify(value)}`)
        const canonical = await ask({ type, bytes: theirs.bytes ?? '' })

        const ours = Buffer.from(encodeMessage(plan, value)).toString('base64')
        const read = await ask({ type, bytes: ours })
        assert.deepEqual(read, canonical, `seed ${seed}: what we write is read otherwise`)

        const decoded = decodeMessage(plan, Buffer.from(theirs.bytes ?? '', 'base64'))
        const again = await ask({ type, json: decoded })
        assert.equal(again.bytes, theirs.bytes, `seed ${seed}: what we read is not what was written`)
      }
    })
  }
})
