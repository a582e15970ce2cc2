import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../../../base/clock.ts'
import { API_VERSION, type Application } from '../../../crds/application.ts'
import type { ServerContext } from '../../context.ts'
import { goneApplications, rememberDeletion } from './deleted.ts'

const spec = { project: 'default', destination: {} }
const web: Application = { apiVersion: API_VERSION, kind: 'Application', metadata: { name: 'web', namespace: 'argocd' }, spec } // prettier-ignore

test('an application is told as gone for a minute after its deletion, once it is', () => {
  const clock = new ManualClock()
  const cached = new Map([['web', web]])
  const applications = { get: (_namespace: string, name: string) => cached.get(name) }
  const context = { clock, applications } as unknown as ServerContext
  const gone = (name: string): number => goneApplications(context, name).length

  assert.equal(gone('web'), 0)
  rememberDeletion(context, web)
  assert.equal(gone('web'), 0)
  cached.delete('web')
  assert.deepEqual([gone('web'), gone('other')], [1, 0])
  clock.advance(60_001)
  assert.equal(gone('web'), 0)
})
