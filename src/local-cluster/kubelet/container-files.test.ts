// Files of a simulated container: mounted ones and written ones.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContainerFiles, MAX_PATH_LENGTH, MAX_WRITTEN_BYTES, MAX_WRITTEN_FILES } from './container-files.ts'

function mounted(): ContainerFiles {
  const files = new ContainerFiles()
  files.mount(new Map([['/etc/config/sub/a', '1']]), ['/etc/config', '/empty'])
  return files
}

test('lists what is mounted, written and made, with the directories on the way', () => {
  const files = mounted()
  files.write('/tmp/x', 'text')
  files.makeDirectory('/data/deep')

  assert.deepEqual(files.list('/etc/config'), ['sub'])
  assert.deepEqual(files.list('/empty'), [])
  assert.deepEqual(files.list('/data'), ['deep'])
  assert.deepEqual(files.list('/tmp'), ['x'])
  assert.equal(files.list('/none'), undefined)
  assert.equal(files.list('/tmp/x'), undefined)
  assert.equal(files.list('/')?.includes('etc'), true)
})

test('refuses to write where something is mounted, or over a directory', () => {
  const files = mounted()

  assert.equal(files.write('/etc/config/new', ''), 'Read-only file system')
  assert.equal(files.write('/tmp', ''), 'Is a directory')
  assert.equal(files.write('/etc/other', 'x'), undefined)
  assert.equal(files.remove('/etc/config/sub/a'), false)
})

test('has room for so many bytes and files, and gets it back', () => {
  const full = mounted()
  const many = mounted()
  full.write('/tmp/all', 'x'.repeat(MAX_WRITTEN_BYTES))
  for (let number = 0; number < MAX_WRITTEN_FILES; number++) many.write(`/tmp/${number}`, '')

  assert.equal(full.write('/tmp/more', 'x'), 'No space left on device')
  assert.equal(many.write('/tmp/more', ''), 'No space left on device')
  assert.equal(many.write('/tmp/0', 'again'), undefined)
  full.remove('/tmp')
  assert.equal(full.write('/tmp2', 'x'), undefined)
})

test('has room for so many directories, and for paths of the usual length', () => {
  const files = new ContainerFiles()
  const deep = '/d'.repeat(MAX_WRITTEN_FILES)

  assert.equal(files.makeDirectory(deep), 'No space left on device')
  assert.equal(files.makeDirectory(`/${'x'.repeat(MAX_PATH_LENGTH)}`), 'File name too long')
  assert.equal(files.write(`/${'x'.repeat(MAX_PATH_LENGTH)}`, ''), 'File name too long')
})
