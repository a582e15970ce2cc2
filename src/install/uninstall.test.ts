// Resource types of the whole cluster stay where somebody else has objects of them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../base/clock.ts'
import type { KubeObject } from '../kube/object.ts'
import type { InstallPlace } from './place.ts'
import type { UninstallPlan } from './uninstall.ts'
import { uninstall } from './uninstall.ts'

const WISH = { deletesCrds: true, deletesNamespace: false, givesBack: false }
const KINDS = ['Application', 'ApplicationSet', 'AppProject']

/** A cluster with objects of these kinds, each in a namespace of its name; nothing else can be asked of it. */
function placeWith(kinds: Set<string>, onPods: () => void = () => undefined): InstallPlace {
  const client = {
    resourceOf: ({ kind }: { kind: string }) => Promise.resolve({ kind }),
    list({ kind }: { kind: string }) {
      if (kind === 'Pod') onPods()
      const namespaces = KINDS.includes(kind) ? ['argocd', ...(kinds.has(kind) ? [`of-${kind}`] : [])] : []
      return Promise.resolve({ items: namespaces.map((namespace): object => ({ metadata: { name: 'x', namespace } })) })
    },
  }
  const place = { client, namespace: 'argocd', clock: new ManualClock(), signal: AbortSignal.timeout(30_000), say: () => undefined } // prettier-ignore
  return { ...place, isDryRun: false } as unknown as InstallPlace // what uninstalling comes to before it deletes
}

const PLAN = {
  record: { objects: [] as KubeObject[], stopped: [] },
  applications: new Map(),
} as unknown as UninstallPlan // of nothing

for (const kind of KINDS) {
  const refusal = {
    code: 'precondition',
    message: new RegExp(`^there are ${kind}s in other namespaces \\(of-${kind}\\)`),
  }

  test(`an ${kind} of another namespace keeps its resource type, also one that is made meanwhile`, async () => {
    const podsAsked: string[] = []
    const before = placeWith(new Set([kind]), () => podsAsked.push('asked'))
    await assert.rejects(uninstall(before, PLAN, WISH), refusal)
    assert.deepEqual(podsAsked, [])

    const kinds = new Set<string>()
    const meanwhile = placeWith(kinds, () => kinds.add(kind))
    await assert.rejects(uninstall(meanwhile, PLAN, WISH), refusal)
  })
}
