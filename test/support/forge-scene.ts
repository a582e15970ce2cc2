// A forge's API on loopback, and generators that ask it as they ask a real one.
import type { TestContext } from 'node:test'
import { Secret } from '../../src/base/secret.ts'
import type { GeneratorServices, HttpClient } from '../../src/generators/contract.ts'
import { createForgeGenerators } from '../../src/generators/scm/forge-generators.ts'
import type { ForgeOptions } from '../../src/generators/scm/scm-provider.ts'
import { transform } from '../../src/generators/transform.ts'
import { jsonOf } from '../../src/lang/go/json.ts'
import { applicationSetOf, contextOf, secretContent } from './application-sets.ts'
import { type Asked, type JsonServer, type Reply, startJsonServer } from './json-server.ts'

export interface ForgeScene extends JsonServer {
  /** What a generator gives, as JSON; `spec` stands over the ApplicationSet's. */
  generate(generator: object, more?: SceneOptions): Promise<unknown>
}

export interface SceneOptions {
  readonly spec?: object
  readonly services?: Partial<GeneratorServices>
  readonly forges?: Partial<ForgeOptions>
}

/** The Secret every scene has. */
export const TOKEN_REF = { secretName: 'forge', key: 'token' }

/** Answers by path and query; what it does not know is 404 with the message `Not Found`. */
export async function startForge(
  t: TestContext,
  answers: Readonly<Record<string, unknown>> | ((asked: Asked) => Reply | undefined),
): Promise<ForgeScene> {
  const server = await startJsonServer(
    t,
    typeof answers === 'function' ? answers : ({ path }) => replyOf(answers, path),
  )
  return {
    ...server,
    async generate(generator, { spec = {}, services = {}, forges = {} } = {}) {
      const table = createForgeGenerators({
        githubTokens: async () => new Secret('installation-token'),
        aws: { env: {}, now: Date.now, credentials: async () => ({ accessKeyId: 'AKIA', secretAccessKey: new Secret('k') }) }, // prettier-ignore
        ...forges,
      })
      const set = applicationSetOf([generator], spec)
      const context = contextOf(set, { http: fetchHttp, readSecret: forgeSecret, ...services })
      const [entry] = set.spec.generators
      const results = entry === undefined ? [] : await transform(entry, table, context)
      return JSON.parse(JSON.stringify(results.flatMap(({ parameters }) => parameters.map((one) => jsonOf(one)))))
    },
  }
}

/** A page of a list: its answer's headers beside it. */
export class Page {
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly status: number

  constructor(body: unknown, headers: Readonly<Record<string, string>> = {}, status = 200) {
    this.body = body
    this.headers = headers
    this.status = status
  }
}

function replyOf(answers: Readonly<Record<string, unknown>>, path: string): Reply {
  const answer = answers[path]
  if (answer === undefined) return { status: 404, body: { message: 'Not Found' } }
  return answer instanceof Page ? answer : { body: answer }
}

const forgeSecret: GeneratorServices['readSecret'] = async (_namespace, name) =>
  name === TOKEN_REF.secretName ? secretContent({ token: 's3cret\n' }) : undefined

/** To loopback alone. */
const fetchHttp: HttpClient = async ({ method, url, headers, body, signal }) => {
  const answer = await fetch(url, { method, ...(headers === undefined ? {} : { headers }), ...(body === undefined ? {} : { body }), signal, redirect: 'manual' }) // prettier-ignore
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() }
}
