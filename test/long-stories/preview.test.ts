// `capstan preview` as a program: exit codes and forms of output.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreviewReport } from '../../src/preview/contract.ts'
import { application, object, repositoryOf, told } from '../support/previewed.ts'
import { capstan } from '../support/processes.ts'

test('the command ends with 0, 1 and 2 as diff does, and prints for a person, a pull request or a program', async (t) => {
  const repository = repositoryOf(t, {
    'web.json': application('web', 'web'),
    'web/one.json': object('ConfigMap', 'one', { data: { a: '1' } }),
  })
  const { folder } = repository
  const same = await capstan(['preview', folder])
  repository.commit({ 'web/one.json': object('ConfigMap', 'one', { data: { a: '2' } }) })
  const changed = await capstan(['preview', folder, '--base', 'HEAD~1'])
  const json = await capstan(['preview', folder, '--base=HEAD~1', '-o=json'])
  const comment = await capstan(['preview', folder, '--base', 'HEAD~1', '-o', 'markdown'])
  const wrong = await capstan(['preview', folder, '-o', 'xml'])
  repository.commit({ 'web.json': application('web', 'absent') })
  const failed = await capstan(['preview', folder, '--base', 'HEAD~1'])

  assert.deepEqual([same.code, same.stdout], [0, '1 application: 1 unchanged\n'], same.stderr)
  assert.equal(changed.code, 1)
  assert.match(
    changed.stdout,
    /^===== web \(changed; web\.json\)\n--- ConfigMap one changed\n@@ .* @@\n[^]*\n- {2}a: "1"\n\+ {2}a: "2"\n/,
  )
  assert.deepEqual([json.code, comment.code, failed.code], [1, 1, 2])
  assert.deepEqual(told(JSON.parse(json.stdout) as PreviewReport), ['web changed changed ConfigMap/one'])
  assert.match(comment.stdout, /<summary><b>web<\/b> changed/)
  assert.match(failed.stdout, /===== web \(failed; web\.json\)\nhead: .*absent/)
  assert.deepEqual(
    [wrong.code, wrong.stderr],
    [20, 'capstan: unknown output format: xml; one of text|markdown|json|yaml\n'],
  )
})
