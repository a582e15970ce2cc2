// Which right an action asks for, and that nothing is done without it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Call } from '../../context.ts'
import { listResourceActions, runResourceAction } from './actions.ts'

const REQUEST = { name: 'web', kind: 'Deployment', group: 'apps', resourceName: 'web', namespace: 'web' }

/** Only what is asked before the right is known; everything else would throw. */
function callOf(asked: string[]): Call {
  const application = { metadata: { name: 'web', namespace: 'argocd' }, spec: { project: 'team' } }
  const context = {
    namespace: 'argocd',
    applications: { get: () => application },
    isAllowed(_identity: unknown, resource: string, action: string, object: string) {
      asked.push(`${resource}, ${action}, ${object}`)
      return false
    },
  }
  return { context, identity: { username: 'dev' }, signal: AbortSignal.abort() } as unknown as Call
}

test('running an action needs the right to that very action', async () => {
  const asked: string[] = []
  const run = runResourceAction({ ...REQUEST, action: 'restart' }, callOf(asked))

  await assert.rejects(run, { code: 'forbidden', message: 'permission denied' })
  assert.deepEqual(asked, ['applications, action/apps/Deployment/restart, team/web'])
})

test('the group of a core kind is empty in the right', async () => {
  const asked: string[] = []
  const request = { ...REQUEST, group: '', kind: 'Pod', action: 'evict' }

  await assert.rejects(runResourceAction(request, callOf(asked)), { code: 'forbidden' })
  assert.deepEqual(asked, ['applications, action//Pod/evict, team/web'])
})

test('listing actions needs to see the application', async () => {
  const asked: string[] = []

  await assert.rejects(listResourceActions(REQUEST, callOf(asked)), { code: 'forbidden' })
  assert.deepEqual(asked, ['applications, get, team/web'])
})

test('an action has a name', async () => {
  await assert.rejects(runResourceAction(REQUEST, callOf([])), { code: 'bad-input', message: 'action: required' })
})
