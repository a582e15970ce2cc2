// Every kind that people use, in right and in wrong forms: the embedded API server answers as a real kube-apiserver does.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseYamlDocuments } from '../../src/lang/yaml/read.ts'
import { examineKind, prepareNamespace, type Manifest, type Told } from '../support/kind-examination.ts'
import { embeddedServer, realServer, type AskedServer } from '../support/two-servers.ts'

const MANIFESTS = join(import.meta.dirname, 'testdata/kinds')
/** Of the variants, which are some eleven thousand; every third of a pod's, which are most. */
const EVERY = 3
const PODS_EVERY = 15

/** Share of answers alike that each kind has reached, in percent; it may only rise. */
const REACHED = JSON.parse(readFileSync(join(MANIFESTS, 'reached.json'), 'utf8')) as Readonly<Record<string, number>> // written as such

function manifests(): readonly Manifest[] {
  const files = readdirSync(MANIFESTS).filter((name) => name.endsWith('.yaml'))
  return files.flatMap(
    (name) =>
      parseYamlDocuments(readFileSync(join(MANIFESTS, name), 'utf8')).map(({ value }) => value as unknown as Manifest), // written as such
  )
}

/** `apps/v1 Deployment a` */
function titleOf(manifest: Manifest): string {
  return `${manifest.apiVersion} ${manifest.kind} ${manifest.metadata.name}`
}

async function examineAll(server: AskedServer): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>()
  for (const [index, manifest] of manifests().entries()) {
    const namespace = `kind-under-test-${index}`
    const every = manifest.kind === 'Pod' ? PODS_EVERY : EVERY
    await prepareNamespace(server, namespace)
    told.set(titleOf(manifest), await examineKind(server, { manifest, namespace, every }))
  }
  return told
}

/** Steps whose answers differ; what the real server could not answer is no measure. */
function differences(theirs: Told, ours: Told | undefined): readonly string[] {
  const isMeasure = (answer: unknown): boolean => !JSON.stringify(answer).startsWith('{"status":0')
  return [...theirs].filter(([step, answer]) => isMeasure(answer) && JSON.stringify(answer) !== JSON.stringify(ours?.get(step))).map(([step]) => step) // prettier-ignore
}

describe('kinds', { timeout: 300_000 }, () => {
  test('both servers answer right and wrong manifests alike', async (t) => {
    const [real, embedded] = [await realServer(), await embeddedServer()]
    t.after(() => Promise.all([real.stop(), embedded.stop()]))
    const [theirs, ours] = [await examineAll(real), await examineAll(embedded)]

    const fallen: string[] = []
    const shares: Record<string, number> = {}
    let [alike, total] = [0, 0]
    for (const [title, told] of theirs) {
      const different = differences(told, ours.get(title))
      total += told.size
      alike += told.size - different.length
      const share = Math.floor((100 * (told.size - different.length)) / told.size)
      shares[title] = share
      if (share < (REACHED[title] ?? 100)) fallen.push(`${title}: ${share} %: ${different.slice(0, 12).join('; ')}`)
    }
    t.diagnostic(`${alike} of ${total} answers alike`)
    t.diagnostic(JSON.stringify(shares))
    assert.ok(total > 4000, `${total} answers`)
    assert.deepEqual(fallen, [])
  })
})
