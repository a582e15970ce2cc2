// What controllers are asked by annotations, and what becomes of it when objects change or go.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type KubeClient, KubeError } from '../../kube/client/client.ts'
import { annotateApplicationSet, annotateRefresh } from './annotate.ts'

const { signal } = new AbortController()
const set = { namespace: 'argocd', name: 'set' }

/** A client that answers patches one after the other; the last answer stays. */
function clientOf(answers: readonly (KubeError | undefined)[]): { client: KubeClient; patches: unknown[] } {
  const patches: unknown[] = []
  const client = {
    resourceOf: async ({ kind }: { kind: string }) => (kind === 'Gone' ? undefined : { kind }),
    async patch(ref: { type: { kind: string }; namespace: string; name: string }, _type: string, patch: object) {
      patches.push([ref.type.kind, `${ref.namespace}/${ref.name}`, patch])
      const answer = answers[Math.min(patches.length, answers.length) - 1]
      if (answer !== undefined) throw answer
      return {}
    },
  }
  return { client: client as unknown as KubeClient, patches } // what is called of it
}

const conflict = new KubeError(409, 'Conflict', 'changed meanwhile')

describe('annotations', () => {
  test('of an application ask for a refresh, and for its hydration', async () => {
    const { client, patches } = clientOf([undefined])
    await annotateRefresh({ namespace: 'team', name: 'web', isHydrated: false }, { client, signal })
    await annotateRefresh({ namespace: 'team', name: 'web', isHydrated: true }, { client, signal })
    const refresh = { 'argocd.argoproj.io/refresh': 'normal' }
    assert.deepEqual(patches, [
      ['Application', 'team/web', { metadata: { annotations: refresh } }],
      [
        'Application',
        'team/web',
        { metadata: { annotations: { ...refresh, 'argocd.argoproj.io/hydrate': 'normal' } } },
      ],
    ])
  })

  test('of an ApplicationSet ask for a run', async () => {
    const { client, patches } = clientOf([undefined])
    await annotateApplicationSet(set, { client, signal })
    const annotations = { 'argocd.argoproj.io/application-set-refresh': 'true' }
    assert.deepEqual(patches, [['ApplicationSet', 'argocd/set', { metadata: { annotations } }]])
  })

  const cases: readonly (readonly [string, readonly (KubeError | undefined)[], number, RegExp | undefined])[] = [
    ['are written again after a conflict', [conflict, conflict, undefined], 3, undefined],
    ['are given up after five', [conflict], 5, /changed meanwhile/],
    ['of what is gone are done', [new KubeError(404, 'NotFound', 'gone')], 1, undefined],
    ['that are refused are not tried again', [new KubeError(403, 'Forbidden', 'no right')], 1, /no right/],
  ]
  for (const [name, answers, attempts, failure] of cases) {
    test(name, async () => {
      const { client, patches } = clientOf(answers)
      const written = annotateApplicationSet(set, { client, signal })
      if (failure === undefined) await written
      else await assert.rejects(written, failure)
      assert.equal(patches.length, attempts)
    })
  }
})
