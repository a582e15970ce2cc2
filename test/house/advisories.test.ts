// Every test that docs/reference/advisories.md names is there.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '../..')

test('every advisory has a line with a test that exists, and stands in one line alone', () => {
  const text = readFileSync(join(ROOT, 'docs/reference/advisories.md'), 'utf8')
  const rows = [...text.matchAll(/^\| (?<ids>(?:CVE|GHSA)[^|]+) \|[^|]+\|[^|]+\| (?:`(?<file>[^`]+)`|—) \|$/gm)]
  assert.equal(rows.length, text.split('\n').filter((line) => /^\| (?:CVE|GHSA)/.test(line)).length)
  const missing = rows.map(({ groups }) => groups?.['file'] ?? 'docs').filter((file) => !existsSync(join(ROOT, file)))
  assert.deepEqual(missing, [])
  const ids = rows.flatMap(({ groups }) => (groups?.['ids'] ?? '').split(', '))
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  )
  assert.ok(ids.length >= 60, `${ids.length} advisories`)
})
