// Replays probes of the real kustomize 5.8.1.
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'
import { buildFiles } from '../support/kustomize-cases.ts'

interface ProbeCase {
  readonly title: string
  readonly path: string
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>
  readonly args?: readonly string[]
  readonly output?: string
  readonly error?: string
  readonly warnings?: readonly string[]
}

test('builds and fails as the real kustomize', async (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const results: CaseResult[] = []
  for (const item of readCases<ProbeCase>('render/kustomize-probes', 'cases.jsonl')) {
    results.push({ id: item.title, failure: await failureOf(item) })
  }

  compareWithKnownFailures('kustomize-probes', results)
})

async function failureOf(item: ProbeCase): Promise<string | undefined> {
  const files = Object.entries(item.files).map(([path, content]) => [
    path,
    typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'),
  ])
  const unrestricted = item.args?.some((arg) => arg.includes('LoadRestrictionsNone')) === true
  try {
    const { output, warnings } = await buildFiles(Object.fromEntries(files), item.path, { unrestricted })
    if (item.error !== undefined) return `built instead of failing with ${JSON.stringify(item.error)}`
    if (output !== item.output) return `${JSON.stringify(output)} instead of ${JSON.stringify(item.output)}`
    const wanted = (item.warnings ?? []).map((warning) => `# ${warning}`)
    const shown = warnings.filter((warning) => warning.startsWith('#'))
    return shown.join('\n') === wanted.join('\n') ? undefined : `warned ${shown.join(', ')}`
  } catch (error) {
    if (item.error === undefined) return `failed: ${messageOf(error)}`
    const got = comparable(messageOf(error))
    const wanted = comparable(item.error)
    return got === wanted ? undefined : `${got} instead of ${wanted}`
  }
}

/** The folder the files were in is the root of the tree here; the configuration of a plug-in is not repeated word for word. */
function comparable(message: string): string {
  return message
    .replaceAll('<dir>/', '/')
    .replaceAll('<dir>', '/')
    .replace(/merging from generator .*?: id /, 'merging from generator: id ')
    .replace(/ with config: `[^`]*`/g, '')
    .trim()
}
