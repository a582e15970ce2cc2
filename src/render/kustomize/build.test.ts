// Whole builds against what the real kustomize made of the same files.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { CapstanError, messageOf } from '../../base/errors.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { RecordingTree } from '../recording.ts'
import { buildKustomization } from './build.ts'
import { discoverFiles } from './discover.ts'
import { warningsBefore } from './fault.ts'

interface Golden {
  readonly name: string
  readonly path: string
  readonly files: Readonly<Record<string, string>>
  readonly output?: string
  readonly error?: string
}

interface Goldens {
  /** Files that every case has besides its own. */
  readonly common: Readonly<Record<string, string>>
  readonly cases: readonly Golden[]
}

async function build(files: Readonly<Record<string, string>>, path: string): Promise<string> {
  const tree = new RecordingTree(memoryTree(files, 'abc'))
  const root = path === '.' ? '' : path
  await discoverFiles(root, { tree })
  const { manifests } = buildKustomization(tree.loaded(), root)
  return manifests.map((manifest) => stringifyYaml(manifest)).join('---\n')
}

describe('a build', () => {
  // The file is made by the recipe beside it.
  const goldens = JSON.parse(readFileSync(join(import.meta.dirname, 'testdata/builds.json'), 'utf8')) as Goldens
  for (const golden of goldens.cases) {
    const files = { ...goldens.common, ...golden.files }
    if (golden.error === undefined) {
      test(`gives what kustomize 5.8.1 gives: ${golden.name}`, async () => {
        assert.equal(await build(files, golden.path), golden.output)
      })
    } else {
      test(`fails where kustomize 5.8.1 fails: ${golden.name}`, async () => {
        await assert.rejects(build(files, golden.path), (error) => {
          assert.ok(error instanceof CapstanError)
          assert.equal(comparable(messageOf(error)), comparable(golden.error ?? ''))
          return true
        })
      })
    }
  }
})

/** Upstream prints the whole object before what is wrong with it, where we name the key. */
function comparable(message: string): string {
  return message
    .replace(/^map\[string\]interface \{\}.*: (?=json: unsupported|yaml: cannot)/s, '')
    .replace(/: the key .* is no string$/, '')
    .trim()
}

describe('warnings of a build that fails', () => {
  const WARNING = /^# Warning: 'commonLabels' is deprecated\. Please use 'labels' instead\./
  const FIELDS = 'commonLabels: {a: b}\nresources: [b]\n'
  const cases: readonly (readonly [string, string, string, number])[] = [
    ['another kind', `kind: Wrong\n${FIELDS}`, 'resources: []\n', 1],
    ['another version', `apiVersion: kustomize.config.k8s.io/v2\n${FIELDS}`, 'resources: []\n', 1],
    ['a base that is no YAML', FIELDS, 'resources: [a\n', 1],
    ['a base of another kind', FIELDS, 'kind: Wrong\ncommonLabels: {a: b}\n', 2],
    ['a file that cannot be decoded, as kustomize has it', `${FIELDS}unknown: 1\n`, 'resources: []\n', 0],
  ]
  for (const [title, top, base, count] of cases) {
    test(`are kept: ${title}`, async () => {
      const error: unknown = await build({ 'kustomization.yaml': top, 'b/kustomization.yaml': base }, '.').catch(
        (caught: unknown) => caught,
      )

      const warnings = warningsBefore(error).map(({ message }) => message)
      assert.equal(warnings.length, count, messageOf(error))
      for (const warning of warnings) assert.match(warning, WARNING)
    })
  }
})
