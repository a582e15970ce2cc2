// Makes the descriptions that `kubectl explain` shows (npm run peers; node tools/generate-descriptions.ts) from a real kube-apiserver 1.36.3.
//
// Takes the OpenAPI v3 documents that the server of .peers/bin publishes: what its definitions and their fields say, and the values
// of enumerations, which the definitions of OpenAPI v2 leave out.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, fetch } from 'undici'
import { startRealCluster } from '../test/support/real-cluster.ts'

const TARGET = join(import.meta.dirname, '../src/local-cluster/kinds/generated/descriptions.json')

interface Schema {
  readonly description?: string
  readonly enum?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
}

/** A text alone, or with the values of an enumeration. */
type Described = string | readonly [text: string, values: readonly string[]]

function described({ description = '', enum: values }: Schema): Described | undefined {
  if (values !== undefined) return [description, values]
  return description === '' ? undefined : description
}

function rowOf(schema: Schema): Record<string, Described> {
  const all: readonly (readonly [string, Schema])[] = [['', schema], ...Object.entries(schema.properties ?? {})]
  return Object.fromEntries(
    all.flatMap(([name, one]) => {
      const text = described(one)
      return text === undefined ? [] : [[name, text]]
    }),
  )
}

const cluster = await startRealCluster()
const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
async function get(path: string): Promise<unknown> {
  const response = await fetch(cluster.server + path, {
    dispatcher,
    headers: { authorization: `Bearer ${cluster.token}` },
  })
  if (!response.ok) throw new Error(`GET ${path}: ${response.status}`)
  return response.json()
}

try {
  // The server's own documents have these shapes.
  const { paths } = (await get('/openapi/v3')) as { readonly paths: Readonly<Record<string, unknown>> }
  const rows = new Map<string, string>()
  for (const path of Object.keys(paths)) {
    const document = (await get(`/openapi/v3/${path}`)) as {
      readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
    }
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      rows.set(name, JSON.stringify(rowOf(schema)))
    }
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
  writeFileSync(TARGET, `{\n${lines.join(',\n')}\n}\n`)
} finally {
  await dispatcher.close()
  await cluster.stop()
}
