// A folder on disk as a file tree: what is read, what is not there, and links that lead away.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../test/support/git.ts'
import { diskTree } from './disk-tree.ts'
import type { FileTree } from './file-tree.ts'

async function treeFor(t: TestContext): Promise<FileTree> {
  const folder = temporaryFolder(t)
  const root = join(folder, 'root')
  mkdirSync(join(root, 'deep/er'), { recursive: true })
  mkdirSync(join(root, '.git'))
  writeFileSync(join(root, 'a.txt'), 'a')
  writeFileSync(join(root, 'deep/er/b.txt'), 'b')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  symlinkSync('a.txt', join(root, 'link.txt'))
  symlinkSync('deep/er', join(root, 'linked'))
  symlinkSync('../secret.txt', join(root, 'out.txt'))
  symlinkSync('..', join(root, 'above'))
  symlinkSync('nowhere', join(root, 'dangling'))
  return diskTree(root)
}

async function textOf(tree: FileTree, path: string): Promise<string | undefined> {
  const file = await tree.readFile(path)
  return file === undefined ? undefined : Buffer.from(file.bytes).toString()
}

test('files are read, through links inside too; .git is not listed', async (t) => {
  const tree = await treeFor(t)

  assert.equal(await textOf(tree, 'a.txt'), 'a')
  assert.equal(await textOf(tree, 'link.txt'), 'a')
  assert.equal(await textOf(tree, 'linked/b.txt'), 'b')
  assert.deepEqual(
    (await tree.readDirectory(''))?.map(({ name, type }) => `${name} ${type}`),
    [
      'a.txt file',
      'above symlink',
      'dangling symlink',
      'deep directory',
      'link.txt symlink',
      'linked symlink',
      'out.txt symlink',
    ],
  )
})

test('what is not there is nothing: no file, no folder, a path through a file, a link to nowhere', async (t) => {
  const tree = await treeFor(t)

  for (const path of ['none', 'none/x', 'a.txt/x', 'dangling', 'dangling/x', 'deep']) {
    assert.equal(await tree.readFile(path), undefined, path)
  }
  assert.equal(await tree.readDirectory('a.txt'), undefined)
  assert.equal(await tree.readDirectory('none'), undefined)
})

test('paths and links that lead outside are refused', async (t) => {
  const tree = await treeFor(t)

  for (const path of ['out.txt', 'above/secret.txt', '../secret.txt', 'deep/../../secret.txt']) {
    await assert.rejects(tree.readFile(path), /leads outside the folder/, path)
  }
  await assert.rejects(tree.readDirectory('above'), /leads outside the folder/)
})

test('the root of the disk is a folder like others', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'a.txt'), 'a')

  assert.equal(await textOf(await diskTree('/'), join(folder, 'a.txt').slice(1)), 'a')
})
