// Replays kustomize's own end-to-end tests (api/krusty at v5.8.1).
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'
import { buildFiles } from '../support/kustomize-cases.ts'

interface KrustyCase {
  readonly test: string
  readonly path: string
  readonly files: Readonly<Record<string, string>>
  readonly options?: {
    readonly fs?: string
    readonly reorder?: string
    readonly loadRestrictor?: string
    readonly addManagedByLabel?: boolean
  }
  readonly output?: string
  readonly error?: string
}

test('builds what kustomize builds', async (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const results: CaseResult[] = []
  const seen = new Map<string, number>()
  for (const item of readCases<KrustyCase>('render/krusty', 'cases.jsonl')) {
    const count = (seen.get(item.test) ?? 0) + 1
    seen.set(item.test, count)
    results.push({ id: count === 1 ? item.test : `${item.test}#${count}`, failure: await failureOf(item) })
  }

  compareWithKnownFailures('krusty', results)
})

async function failureOf(item: KrustyCase): Promise<string | undefined> {
  const files = Object.entries(item.files).map(([path, text]) => [path, fileOf(item, text)])
  const { reorder, loadRestrictor, addManagedByLabel } = item.options ?? {}
  try {
    const { output } = await buildFiles(Object.fromEntries(files), item.path, {
      unrestricted: loadRestrictor === 'none',
      defaultOrder: reorder === undefined ? 'fifo' : 'legacy',
      managedByLabel: addManagedByLabel === true,
    })
    if (item.error !== undefined) return `built instead of failing with ${JSON.stringify(item.error)}`
    return output === item.output ? undefined : `${JSON.stringify(output)} instead of ${JSON.stringify(item.output)}`
  } catch (error) {
    if (item.error === undefined) return `failed: ${messageOf(error)}`
    return sameMessage(messageOf(error), item.error) ? undefined : `${messageOf(error)} instead of ${item.error}`
  }
}

/** The corpus has the byte 0xff of binary files as a replacement character. */
function fileOf(item: KrustyCase, text: string): string | Buffer {
  return item.options?.fs === 'memory+binary' ? Buffer.from(text.replaceAll('\ufffd', '\xff'), 'latin1') : text
}

/** What upstream's tests see of a file system in memory and of pointers is not part of the message. */
function sameMessage(got: string, wanted: string): boolean {
  const [one, other] = [comparable(got), comparable(wanted)]
  // A refusal may say more.
  return one === other || one.startsWith(`${other}: `)
}

function comparable(message: string): string {
  return message
    .replace(/merging from generator .*?: id /, 'merging from generator: id ')
    .replace(/ with config: `[^`]*`/g, '')
    .replaceAll(
      /evalsymlink failure on (?<path>'[^']*') : lstat [^:']*: no such file or directory/g,
      "$<path> doesn't exist",
    )
    .trim()
}
