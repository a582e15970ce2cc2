// Tests of where other Applications may stand.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../base/clock.ts'
import { createClient } from '../kube/client/create-client.ts'
import type { Transport } from '../kube/client/transport.ts'
import { readApplicationNamespaces } from './application-namespaces.ts'

/** Nothing is asked of the cluster where a flag or the environment says it. */
const unasked: Transport = {
  send: () => Promise.reject(new Error('asked')),
  close: async () => undefined,
}

test('a flag wins over the environment, and names match as globs and expressions', async () => {
  const client = createClient(unasked, { clock: systemClock })
  const place = { client, namespace: 'argocd', signal: AbortSignal.timeout(60_000) }
  const environment = { ARGOCD_APPLICATION_NAMESPACES: 'team-*' }

  const told = await readApplicationNamespaces({ ...place, applicationNamespaces: ['apps', '/^x[0-9]$/'] }, environment)
  const fromEnvironment = await readApplicationNamespaces(place, environment)

  const names = ['apps', 'x1', 'x10', 'team-a']
  assert.deepEqual(
    names.filter((name) => told?.(name)),
    ['apps', 'x1'],
  )
  assert.deepEqual(
    names.filter((name) => fromEnvironment?.(name)),
    ['team-a'],
  )
})
