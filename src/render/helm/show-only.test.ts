// `--show-only`: which documents are shown and in what order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showOnly } from './show-only.ts'

const TEXT = [
  '---\n# Source: app/templates/a.yaml\nkind: A\n',
  '---\n# Source: app/charts/part/templates/b.yaml\nkind: B\n\n',
  '---\n# Source: app/templates/c.yaml\nkind: C\n',
].join('')

test('documents come in the order in which their templates are named', () => {
  assert.equal(
    showOnly(TEXT, ['templates/c.yaml', 'templates/a.yaml']),
    '---\n# Source: app/templates/c.yaml\nkind: C\n---\n# Source: app/templates/a.yaml\nkind: A\n',
  )
})

test('wildcards stay within a folder', () => {
  assert.equal(showOnly(TEXT, ['templates/*.yaml']).split('---').length, 3)
  assert.equal(showOnly(TEXT, ['charts/*/templates/*']), '---\n# Source: app/charts/part/templates/b.yaml\nkind: B\n')
})

test('a template without a document is an error', () => {
  assert.throws(() => showOnly(TEXT, ['templates/no.yaml']), /could not find template templates\/no\.yaml in chart/)
})
