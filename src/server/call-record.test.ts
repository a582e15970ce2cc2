// The line of a call: nothing of a login in an address comes into it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import { CapstanError } from '../base/errors.ts'
import { recordCall } from './call-record.ts'
import type { ServerContext } from './context.ts'

test('a login in the address of a repository is not written, even with an @ in its password', () => {
  const lines: object[] = []
  const info = (_text: string, fields: object): void => void lines.push(fields)
  const context = { clock: new ManualClock(), log: { info } } as unknown as ServerContext // what a record looks at
  const call = { service: 'repository.RepositoryService', method: 'CreateRepository' }
  const record = recordCall(context, call, { protocol: 'rest', address: '', forwardedFor: '' })
  record.asked({ repo: { repo: 'https://bob:p@ss@host/x@y' } })
  record.ended(new CapstanError('not-found', 'no https://bob:p@ss@host/x, nor ssh://git@other/y'))

  const [line] = lines
  assert.deepEqual(
    { ...line },
    { ...line, name: 'https://***@host/x@y', error: 'no https://***@host/x, nor ssh://***@other/y' },
  )
})
