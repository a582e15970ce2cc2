// `capstan render` of folders that are not what they are said to be, or hold nothing.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { commandLine } from '../support/command-line.ts'
import { temporaryFolder } from '../support/git.ts'

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n'

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

describe('rendering a folder', () => {
  for (const more of [[], ['--explain']]) {
    test(`that is no chart names its path on disk, as helm does ${more.join('')}`, async (t) => {
      const folder = folderWith(t, { 'app/readme.md': 'hi' })

      const { code, stdout, stderr } = await commandLine(t).run([
        'render',
        '--kind',
        'helm',
        join(folder, 'app'),
        ...more,
      ])

      assert.deepEqual([code, stdout], [1, ''])
      assert.doesNotMatch(stderr, /cached source/)
      assert.match(
        stderr,
        /^Error: .*unable to detect chart at \/.*\/app\/Chart\.yaml: open \/.*\/app\/Chart\.yaml: no such/m,
      )
    })
  }

  test('whose kustomization fails tells what is deprecated first, as kustomize does', async (t) => {
    const folder = folderWith(t, { 'kustomization.yaml': 'commonLabels: {a: b}\nresources: [absent.yaml]\n' })

    const { code, stdout, stderr } = await commandLine(t).run(['render', folder])

    assert.deepEqual([code, stdout], [1, ''])
    assert.match(stderr, /^# Warning: 'commonLabels' is deprecated\.[^\n]*\nError: .*absent\.yaml/)
  })

  test('without manifests is no error, and says so', async (t) => {
    const folder = folderWith(t, { 'readme.md': 'hi', 'below/a.yaml': CONFIG_MAP })
    const line = commandLine(t)

    const shallow = await line.run(['render', folder])
    const deep = await line.run(['render', '--recurse', folder])

    assert.deepEqual([shallow.code, shallow.stdout], [0, ''])
    assert.match(
      shallow.stderr,
      /^warning: \/.*: no manifests in this directory; --recurse reads the folders below it too$/m,
    )
    assert.deepEqual([deep.code, deep.stdout], [0, CONFIG_MAP])
    assert.doesNotMatch(deep.stderr, /no manifests/)
  })
})
