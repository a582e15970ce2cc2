import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ApplicationSpec } from '../../crds/application.ts'
import { applySpecFlags, type SpecFlags } from './spec-flags.ts'

const base: ApplicationSpec = {
  project: 'default',
  source: { repoURL: 'https://git.example/a.git', path: 'web' },
  destination: { server: 'https://kubernetes.default.svc', namespace: 'web' },
}

const cases: readonly [string, ApplicationSpec, SpecFlags, Partial<ApplicationSpec>][] = [
  ['changes nothing without flags', base, {}, base],
  [
    'sets source and destination',
    { project: '', destination: {} },
    { repo: 'r', path: 'p', revision: 'v1', destName: 'prod', destNamespace: 'n', project: 'x' },
    {
      project: 'x',
      source: { repoURL: 'r', path: 'p', targetRevision: 'v1' },
      destination: { name: 'prod', namespace: 'n' },
    },
  ],
  [
    'merges Helm parameters by name',
    {
      ...base,
      source: {
        repoURL: 'r',
        helm: {
          parameters: [
            { name: 'a', value: '1' },
            { name: 'b', value: '2' },
          ],
        },
      },
    },
    { parameter: ['a=9'], helmSetString: ['c=07'], values: ['values-dev.yaml'] },
    {
      source: {
        repoURL: 'r',
        helm: {
          parameters: [
            { name: 'a', value: '9' },
            { name: 'b', value: '2' },
            { name: 'c', value: '07', forceString: true },
          ],
          valueFiles: ['values-dev.yaml'],
        },
      },
    },
  ],
  [
    'replaces the Kustomize image of the same name',
    { ...base, source: { repoURL: 'r', kustomize: { images: ['nginx:1.0', 'redis=valkey:8'] } } },
    { kustomizeImage: ['nginx:2.0', 'redis=valkey:9'] },
    { source: { repoURL: 'r', kustomize: { images: ['nginx:2.0', 'redis=valkey:9'] } } },
  ],
  [
    'turns automation on with its options',
    base,
    { syncPolicy: 'automated', autoPrune: true, selfHeal: true },
    { syncPolicy: { automated: { prune: true, selfHeal: true } } },
  ],
  [
    'turns automation off and keeps the options',
    { ...base, syncPolicy: { automated: {}, syncOptions: ['A=true'] } },
    { syncPolicy: 'none', syncOption: ['B=true', '!A=true'] },
    { syncPolicy: { syncOptions: ['B=true'] } },
  ],
]
for (const [name, spec, flags, wanted] of cases) {
  test(name, () => {
    const applied = applySpecFlags(spec, flags)

    for (const [key, value] of Object.entries(wanted)) {
      assert.deepEqual(applied[key as keyof ApplicationSpec], value, key)
    }
  })
}

const refused: readonly [string, SpecFlags, RegExp][] = [
  [
    'refuses automation options without automation',
    { autoPrune: true },
    /not configured with automatic sync; add --sync-policy automated/,
  ],
  [
    'refuses an unknown policy',
    { syncPolicy: 'sometimes' },
    /Invalid sync-policy: sometimes; one of manual\|automated\|none/,
  ],
  ['refuses a parameter without a value', { parameter: ['a'] }, /a: write key=value/],
]
for (const [name, flags, message] of refused) {
  test(name, () => {
    assert.throws(() => applySpecFlags(base, flags), message)
  })
}

test('leaves several sources alone', () => {
  const spec = { ...base, sources: [{ repoURL: 'a' }, { repoURL: 'b' }] }

  assert.deepEqual(applySpecFlags(spec, { revision: 'v2' }).sources, spec.sources)
})
