import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTable } from './table.ts'

const cases: readonly [string, readonly (readonly string[])[], string][] = [
  [
    'pads all but the last column',
    [
      ['NAME', 'STATUS'],
      ['web', 'Synced'],
    ],
    'NAME  STATUS\nweb   Synced\n',
  ],
  [
    'gives an empty column no width',
    [
      ['', 'a'],
      ['', 'b'],
    ],
    'a\nb\n',
  ],
  [
    'counts characters',
    [
      ['é', 'x'],
      ['ab', 'y'],
    ],
    'é   x\nab  y\n',
  ],
  ['prints nothing for no rows', [], ''],
]
for (const [name, rows, wanted] of cases) {
  test(name, () => {
    assert.equal(formatTable(rows), wanted)
  })
}
