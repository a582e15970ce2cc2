// Tests of the warnings of kinds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '../../../kube/object.ts'
import { WARNINGS } from './kind-warnings.ts'
import { podWarnings } from './pod-warnings.ts'

const CONTAINER = { name: 'c', image: 'i' }

/** What stands beside a plain container in the spec of a pod, and what is said of it. */
const PODS: readonly (readonly [spec: JsonObject, expected: readonly string[]])[] = [
  [{}, []],
  [
    { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } },
    ['spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead'],
  ],
  [
    {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'g', gitRepo: { repository: 'x' } },
      ],
    },
    ['spec.volumes[1].gitRepo: deprecated in v1.11, and disabled by default in v1.33+'],
  ],
  [
    {
      containers: [
        {
          ...CONTAINER,
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        },
      ],
    },
    ['spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply'],
  ],
  [
    {
      containers: [
        {
          ...CONTAINER,
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '$(A)2' },
          ],
        },
      ],
    },
    [],
  ],
  [
    { containers: [{ ...CONTAINER, resources: { requests: { memory: '100m' }, limits: { memory: '2000m' } } }] },
    ['spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'],
  ],
  [
    { containers: [{ ...CONTAINER, ports: [{ containerPort: 80 }, { containerPort: 80, hostPort: 8080 }] }] },
    ['spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]'],
  ],
  [
    { imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}] },
    ['spec.imagePullSecrets[1].name: duplicate name "a"', 'spec.imagePullSecrets[2].name: invalid empty name ""'],
  ],
  [
    { topologySpreadConstraints: [{ topologyKey: 'zone' }] },
    ['spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod'],
  ],
  [
    { terminationGracePeriodSeconds: -1 },
    ['spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  ],
]

test('a pod is warned of as kube-apiserver does', () => {
  for (const [spec, expected] of PODS) {
    assert.deepEqual(podWarnings({ metadata: {}, spec: { containers: [CONTAINER], ...spec } }), expected)
  }
})

test('a template names its place, and a name with a dot is no host name', () => {
  const template = { spec: { nodeSelector: { 'app.kubernetes.io/created-by': 'x' }, containers: [CONTAINER] } }
  const warnings = WARNINGS['apps/v1/Deployment']?.({ metadata: { name: 'a.b' }, spec: { template } }) ?? []

  assert.equal(warnings.length, 2)
  assert.match(
    warnings[0] ?? '',
    /^metadata\.name: this is used in Pod names and hostnames, .* recommended: \[must not contain dots\]$/,
  )
  assert.equal(warnings[1], 'spec.template.spec.nodeSelector[app.kubernetes.io/created-by]: deprecated since v1.9')
})

test('a service tells of fields that it will not heed', () => {
  const service = { spec: { type: 'ClusterIP', clusterIP: 'None', externalName: 'a', externalIPs: ['192.0.2.1'] } }

  assert.deepEqual(WARNINGS['/v1/Service']?.(service), [
    'spec.externalIPs is ignored for headless services',
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    'spec.externalName is ignored when spec.type is not "ExternalName"',
  ])
})
