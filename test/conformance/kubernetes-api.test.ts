// Replays recorded requests of a real kube-apiserver against ours, scenario by scenario, and compares the answers.
import { test } from 'node:test'
import { ManualClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { ApiRequest, ApiResponse } from '../../src/kube/client/transport.ts'
import { authenticate } from '../../src/local-cluster/apiserver/authentication.ts'
import type { TokenIssuer } from '../../src/local-cluster/apiserver/hooks.ts'
import { createApiServer, type ApiServer } from '../../src/local-cluster/apiserver/server.ts'
import { ApiError } from '../../src/local-cluster/apiserver/status.ts'
import type { UserInfo } from '../../src/local-cluster/apiserver/user.ts'
import { openMemoryStore } from '../../src/local-cluster/storage/open-store.ts'
import { bootstrapCluster } from '../../src/local-cluster/start-bootstrap.ts'
import { builtinCatalogue } from '../../src/local-cluster/start-catalogue.ts'
import { openTokenKeys } from '../../src/local-cluster/start-token-keys.ts'
import { createTokenIssuer } from '../../src/local-cluster/start-tokens.ts'
import { compareWithKnownFailures, corpusFolder, CORPUS_ABSENT, readCases, type CaseResult } from '../support/corpus.ts'
import { AnswerMatcher } from '../support/kubernetes-answers.ts'

interface Case {
  readonly scenario: string
  readonly step: number
  readonly name: string
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: unknown
    readonly bodyText?: string
    readonly bodyBase64?: string
  }
  readonly waitBeforeMs?: number
  readonly waitAfterMs?: number
  readonly unstable?: boolean
  readonly response: {
    readonly code: number
    readonly body?: unknown
    readonly text?: string
    readonly stream?: readonly unknown[]
  }
}

interface Scene {
  readonly server: ApiServer
  readonly tokens: TokenIssuer
}

const ADMIN: UserInfo = { name: 'admin', uid: 'u1', groups: ['system:masters', 'system:authenticated'] }

test('answers recorded requests as kube-apiserver 1.36.3 does', async (t) => {
  if (corpusFolder() === undefined) {
    t.skip(CORPUS_ABSENT)
    return
  }
  const scenarios = Map.groupBy(readCases<Case>('kubernetes-api', 'cases.jsonl'), (one) => one.scenario)
  const results: CaseResult[] = []
  for (const [name, cases] of scenarios) {
    const found = await replayScenario(cases)
    results.push(...found)
    const passed = found.filter((result) => result.failure === undefined).length
    t.diagnostic(`${name}: ${passed}/${found.length}`)
  }
  const passed = results.filter((result) => result.failure === undefined).length
  const codes = results.filter((result) => result.failure?.startsWith('code') !== true).length
  t.diagnostic(
    `bodies ${percent(passed, results.length)}, codes ${percent(codes, results.length)} of ${results.length}`,
  )

  compareWithKnownFailures('kubernetes-api', results)
})

function percent(part: number, whole: number): string {
  return `${part} (${((100 * part) / whole).toFixed(1)} %)`
}

async function replayScenario(cases: readonly Case[]): Promise<readonly CaseResult[]> {
  const clock = new ManualClock()
  const store = openMemoryStore()
  const tokens = createTokenIssuer({ keys: openTokenKeys(undefined), clock, store })
  const server = createApiServer({ store, catalogue: builtinCatalogue(), clock, log: silentLog, tokens })
  await bootstrapCluster(server, 6443)
  store.compact(store.revision)
  const matcher = new AnswerMatcher()
  const results: CaseResult[] = []
  try {
    for (const one of cases) {
      await settle(clock, one.waitBeforeMs)
      const id = `${one.scenario}#${one.step}`
      results.push({ id, failure: await replay({ server, tokens }, clock, one, matcher) })
      await settle(clock, one.waitAfterMs)
    }
  } finally {
    await server.close()
    await store.close()
  }
  return results
}

/** Pauses of the recording: time moves on, and what was set going comes to rest. */
async function settle(clock: ManualClock, ms = 0): Promise<void> {
  if (ms === 0) return
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve))
  clock.advance(ms)
}

async function replay(
  server: Scene,
  clock: ManualClock,
  one: Case,
  matcher: AnswerMatcher,
): Promise<string | undefined> {
  const { request, response: expected } = one
  const path = matcher.fill(request.path)
  const apiRequest = { method: request.method, path, headers: request.headers ?? {}, ...bodyOf(one, matcher) }
  // The recording has HEAD and OPTIONS too, which a transport does not send.
  const answer = await answerOf(server, apiRequest as ApiRequest)
  const body = await textOf(answer, clock)
  matcher.remember(one.name, body)
  if (answer.status !== expected.code) return `code ${answer.status} instead of ${expected.code}: ${body.slice(0, 160)}`
  if (one.unstable === true) return undefined
  if (expected.stream !== undefined) return matcher.compareStream(expected.stream, body)
  if (expected.body !== undefined) return matcher.compareBody(expected.body, body)
  return expected.text === undefined ? undefined : matcher.compareText(expected.text, body)
}

/** Who sends a request is found out where connections come in; the recording's own sender is an administrator. */
async function answerOf({ server, tokens }: Scene, request: ApiRequest): Promise<ApiResponse> {
  const { authorization } = request.headers
  if (authorization === undefined) return server.handle(request, ADMIN)
  try {
    return await server.handle(
      request,
      await authenticate({ headers: request.headers, certificate: undefined }, tokens),
    )
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { status: error.code, headers: error.headers, body: JSON.stringify(error.toStatus()) }
  }
}

function bodyOf(one: Case, matcher: AnswerMatcher): { readonly body?: string | Uint8Array } {
  const { body, bodyText, bodyBase64 } = one.request
  if (bodyBase64 !== undefined) return { body: Buffer.from(bodyBase64, 'base64') }
  if (bodyText !== undefined) return { body: matcher.fill(bodyText) }
  return body === undefined ? {} : { body: matcher.fill(JSON.stringify(body)) }
}

async function textOf(answer: ApiResponse, clock: ManualClock): Promise<string> {
  const { body } = answer
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8')
  let text = ''
  // Every watch of the recording asks for a second.
  setImmediate(() => clock.advance(1_000))
  for await (const chunk of body) text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
  return text
}
