// Which ServiceAccounts of a namespace get entries.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseAccountSelection } from './account-selection.ts'

describe('the ServiceAccounts that get entries', () => {
  const selects = (text: string, name: string, labels = {}): boolean =>
    parseAccountSelection(text).selects({ metadata: { name, labels } })
  test('[000-14] are default alone, those named, all, or those a selector fits', () => {
    assert.ok(selects('default', 'default'))
    assert.ok(!selects('default', 'builder'))
    assert.ok(selects('default, builder', 'builder'))
    assert.ok(selects('*', 'any'))
    assert.ok(selects('selector: team in (a,b)', 'x', { team: 'b' }))
    assert.ok(!selects('selector:team=a', 'default'))
    assert.ok(selects('', 'default'))
    const broken = parseAccountSelection('selector:a=(')
    assert.match(broken.fault ?? '', /^the selector of ServiceAccounts/)
    assert.ok(broken.selects({ metadata: { name: 'default' } }))
  })
})
