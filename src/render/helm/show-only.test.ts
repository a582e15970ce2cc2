// `--show-only`: which documents are shown and in what order.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from './rules.ts'
import { showOnly } from './show-only.ts'

const TEXT = [
  '---\n# Source: app/templates/a.yaml\nkind: A\n',
  '---\n# Source: app/charts/part/templates/b.yaml\nkind: B\n\n',
  '---\n# Source: app/templates/c.yaml\nkind: C\n',
].join('')

test('documents come in the order in which their templates are named', () => {
  assert.equal(
    showOnly(TEXT, ['templates/c.yaml', 'templates/a.yaml']),
    '---\n# Source: app/templates/c.yaml\nkind: C\n\n---\n# Source: app/templates/a.yaml\nkind: A\n',
  )
})

test('wildcards stay within a folder', () => {
  assert.equal(showOnly(TEXT, ['templates/*.yaml']).split('---').length, 3)
  assert.equal(showOnly(TEXT, ['charts/*/templates/*']), '---\n# Source: app/charts/part/templates/b.yaml\nkind: B\n')
})

test('the last document keeps the lines behind it, for helm 3 none does', () => {
  const shown = ['charts/part/templates/b.yaml', 'templates/c.yaml']
  const text = `${TEXT}\n`

  assert.match(showOnly(text, shown), /kind: B\n---[^]*kind: C\n\n\n$/)
  assert.match(showOnly(text, shown, rulesOf('3')), /kind: B\n---[^]*kind: C\n$/)
})

test('a template without a document is an error', () => {
  assert.throws(() => showOnly(TEXT, ['templates/no.yaml']), /could not find template templates\/no\.yaml in chart/)
})
