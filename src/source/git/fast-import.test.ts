import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commitStream, plainMessage } from './fast-import.ts'

test("paths out of the tree and into Git's own files are refused", () => {
  for (const path of ['../x', 'a/../../x', '.git/config', 'a/.GIT/hooks/x', '/etc/x', 'a//b', './a', '']) {
    assert.throws(
      () => commitStream({ author: { name: '', email: '' }, message: '', atMs: 0, files: new Map([[path, '']]) }),
      { code: 'bad-input' },
      path,
    )
  }
})

test('a message is cleaned as git cleans one, and a name cannot end its header', () => {
  assert.equal(plainMessage('\n\na  \n\n\n\nb\n\n'), 'a\n\nb\n')
  assert.equal(plainMessage(' \n'), '')
  const author = { name: 'Eve> 0 +0000\ndata <', email: 'e@x>\nfrom' }
  const text = commitStream({ author, message: 'm', atMs: 1_500 }).toString()
  assert.match(text, /^committer Eve 0 \+0000data <e@xfrom> 1 \+0000$/m)
})
