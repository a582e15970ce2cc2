import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { backupTool, MAX_BACKUP_BYTES } from './admin-backup.ts'
import { replaceFile } from './replace-file.ts'
import { readInputFile, readStandardInput } from './standard-input.ts'

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'capstan-replace-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

async function* parts(...texts: readonly (string | Error)[]): AsyncGenerator<string> {
  for (const text of texts) {
    if (text instanceof Error) throw text
    yield await Promise.resolve(text)
  }
}

async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for await (const text of parts(...texts)) yield Buffer.from(text)
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

describe('a file with secrets', () => {
  test('is readable by its owner alone, also in place of one that others could read', async (t) => {
    const path = join(await folder(t), 'backup.yaml')
    await writeFile(path, 'old', { mode: 0o644 })

    await replaceFile(path, parts('a\n', 'b\n'))

    assert.deepEqual([await readFile(path, 'utf8'), await modeOf(path)], ['a\nb\n', 0o600])
    assert.deepEqual(await readdir(join(path, '..')), ['backup.yaml'])
  })

  test('that breaks off leaves the old one whole and nothing beside it', async (t) => {
    const path = join(await folder(t), 'backup.yaml')
    await writeFile(path, 'old')

    await assert.rejects(replaceFile(path, parts('new', new Error('cluster is gone'))), /cluster is gone/)

    assert.equal(await readFile(path, 'utf8'), 'old')
    assert.deepEqual(await readdir(join(path, '..')), ['backup.yaml'])
  })

  test('is not written through what stands where its draft goes', async (t) => {
    const home = await folder(t)
    const path = join(home, 'backup.yaml')
    await writeFile(join(home, 'other'), 'other')
    await symlink('other', `${path}.new`)

    await replaceFile(path, parts('new'))

    assert.equal(await readFile(join(home, 'other'), 'utf8'), 'other')
    assert.deepEqual(await readdir(home), ['backup.yaml', 'other'])
    assert.equal(await modeOf(path), 0o600)
  })

  test('goes where a link leads, and into a device as it is', async (t) => {
    const home = await folder(t)
    await writeFile(join(home, 'target'), 'old', { mode: 0o644 })
    await symlink('target', join(home, 'link'))

    await replaceFile(join(home, 'link'), parts('new'))
    await replaceFile('/dev/null', parts('nothing'))

    assert.deepEqual([await readFile(join(home, 'target'), 'utf8'), await modeOf(join(home, 'target'))], ['new', 0o600])
    assert.deepEqual(await readdir(home), ['link', 'target'])
    assert.equal((await stat('/dev/null')).isCharacterDevice(), true)
  })

  test('is given up where somebody else has begun the same meanwhile, whose draft stays', async (t) => {
    const path = join(await folder(t), 'backup.yaml')
    async function* overtaken(): AsyncGenerator<string> {
      yield 'mine'
      await rm(`${path}.new`)
      // Another inode, as long as the first one is open.
      await writeFile(`${path}.new`, 'theirs')
    }

    await assert.rejects(replaceFile(path, overtaken()), { code: 'conflict' })

    assert.deepEqual(await readdir(join(path, '..')), ['backup.yaml.new'])
  })
})

describe('what is handed to a command', () => {
  test('is read whole up to the bound, and no further', async (t) => {
    const path = join(await folder(t), 'input')
    await writeFile(path, '123456')

    assert.equal(Buffer.from(await readStandardInput(6, bytes('123', '456'))).toString(), '123456')
    assert.equal(Buffer.from(await readInputFile(path, 6)).toString(), '123456')
    const tooLarge = { code: 'limit', message: /is larger than 5 bytes/ }
    await assert.rejects(readStandardInput(5, bytes('123', '456', '789')), tooLarge)
    await assert.rejects(readInputFile(path, 5), tooLarge)
  })

  test('is refused as a backup by its size alone, before any cluster is asked', async (t) => {
    const path = join(await folder(t), 'backup.yaml')
    await writeFile(path, '')
    await truncate(path, MAX_BACKUP_BYTES + 1)

    const asked = backupTool(new AbortController().signal).import({ namespace: 'argocd' }, path, () => undefined)
    await assert.rejects(asked, { code: 'limit', message: new RegExp(`^${path} is larger than ${MAX_BACKUP_BYTES}`) })
  })
})
