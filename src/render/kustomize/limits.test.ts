// Each limit of a build is reached once.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FileTree } from '../../source/file-tree.ts'
import type { MemoryFile } from '../../../test/support/memory-tree.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { RecordingTree } from '../recording.ts'
import { loadCrdConfig } from './crd-config.ts'
import { MAX_KUSTOMIZATIONS, discoverFiles } from './discover.ts'
import { buildKustomization } from './build.ts'
import { customMergeSchema } from './merge-schema.ts'
import { nodeOfValue } from './node.ts'
import { MAX_LIST_DEPTH, readResources } from './read-resources.ts'
import { newResource } from './resource.ts'
import { MAX_RESOURCES, ResourceSet } from './resource-set.ts'
import { MAX_DEPTH, MAX_TOTAL_SIZE, SourceFiles } from './source-files.ts'
import { DEFAULT_CONFIG } from './transformer-config.ts'

function discover(files: Readonly<Record<string, MemoryFile>>): Promise<unknown> {
  return discoverFiles('', { tree: memoryTree(files, 'abc') })
}

describe('limits of a build', () => {
  test('bases nested too deep', async () => {
    const files: Record<string, string> = {}
    for (let i = 0; i <= MAX_DEPTH + 1; i++) files[`${'d/'.repeat(i)}kustomization.yaml`] = 'resources: [d]'

    await assert.rejects(discover(files), { code: 'limit', message: /nested deeper than/ })
  })

  test('bases nested too deep in what was loaded', () => {
    const text = new TextEncoder().encode('resources: [d]')
    const files = new Map<string, { id: string; bytes: Uint8Array }>()
    for (let i = 0; i <= MAX_DEPTH + 1; i++) files.set(`${'d/'.repeat(i)}kustomization.yaml`, { id: 'x', bytes: text })

    assert.throws(() => buildKustomization({ files, directories: new Map(), missing: [] }, ''), { code: 'limit' })
  })

  test('too many kustomizations', async () => {
    const names = Array.from({ length: MAX_KUSTOMIZATIONS }, (_name, i) => `d${i}`)
    const top = new TextEncoder().encode(`resources: [${names.join(', ')}]`)
    const below = new TextEncoder().encode('namePrefix: a')
    const tree: FileTree = {
      revision: 'abc',
      readFile: (path) => {
        if (!path.endsWith('kustomization.yaml')) return Promise.resolve(undefined)
        return Promise.resolve({ id: path, bytes: path === 'kustomization.yaml' ? top : below })
      },
      readDirectory: () => Promise.resolve(undefined),
    }

    await assert.rejects(discoverFiles('', { tree }), { code: 'limit', message: /kustomizations in one build/ })
  })

  test('too many bytes, when loading and when the same file is read again and again', async () => {
    const half = new Uint8Array(MAX_TOTAL_SIZE / 2)
    const generator = 'configMapGenerator: [{name: a, files: [a, b, c]}]'
    const tree = new RecordingTree(memoryTree({ a: half }, 'abc'))
    await tree.readFile('a')
    const files = new SourceFiles(tree.loaded())
    files.bytes('a')
    files.bytes('a')

    await assert.rejects(discover({ 'kustomization.yaml': generator, a: half, b: half, c: half }), { code: 'limit' })
    assert.throws(() => files.bytes('a'), { code: 'limit' })
  })

  test('too many resources', () => {
    const set = new ResourceSet()
    const add = (i: number): void => {
      const node = nodeOfValue({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${i}` } })
      if (node.kind === 'mapping') set.append(newResource(node))
    }
    for (let i = 0; i < MAX_RESOURCES; i++) add(i)

    assert.throws(() => add(MAX_RESOURCES), { code: 'limit' })
  })

  test('lists nested too deep', () => {
    let text = '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}'
    for (let i = 0; i <= MAX_LIST_DEPTH + 1; i++) text = `{apiVersion: v1, kind: AList, items: [${text}]}`

    assert.throws(() => readResources(text), { code: 'limit' })
  })

  test('definitions that refer to themselves', async () => {
    const properties = '{kind: {}, apiVersion: {}, metadata: {}, self: {$ref: Loop}}'
    const tree = new RecordingTree(memoryTree({ 'crd.yaml': `Loop: {Schema: {properties: ${properties}}}` }, 'abc'))
    await tree.readFile('crd.yaml')
    const loader = { files: new SourceFiles(tree.loaded()), root: '', referrer: undefined, unrestricted: false }
    const gvk = [{ group: 'x', version: 'v1', kind: 'A' }]
    const definitions = {
      A: { 'x-kubernetes-group-version-kind': gvk, $ref: '#/definitions/B' },
      B: { $ref: '#/definitions/A' },
    }

    assert.throws(() => loadCrdConfig(DEFAULT_CONFIG, ['crd.yaml'], loader), { code: 'limit' })
    assert.throws(() => customMergeSchema({ definitions }, false)('x/v1', 'A'), { code: 'bad-input' })
  })
})
