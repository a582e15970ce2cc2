// What the API servers are measured with: a small object, one as people write them, and a large custom one.
import type { GroupVersionKind, KubeObject } from '../../src/kube/object.ts'

/** A kind, how its objects are made, and a merge patch that changes one. */
export interface Sample {
  readonly title: string
  /** Requests of each kind; large objects take longer. */
  readonly times: number
  readonly gvk: GroupVersionKind
  readonly make: (place: { readonly namespace: string; readonly name: string }, text: string) => Made
  readonly mergePatch: (text: string) => Readonly<Record<string, unknown>>
  /** To be created before objects of the kind can be. */
  readonly definition?: Made
}

type Made = KubeObject & Readonly<Record<string, unknown>>

const LABELS = {
  'app.kubernetes.io/name': 'bench',
  'app.kubernetes.io/part-of': 'bench',
  'app.kubernetes.io/version': '1.2.3',
}

/** Ten keys, some 1 KB of JSON. */
const configMap: Sample = {
  title: 'ConfigMap of 1 KB',
  times: 1500,
  gvk: { group: '', version: 'v1', kind: 'ConfigMap' },
  make: (place, text) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...place, labels: { app: 'bench' } },
    data: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key-${index}`, `${text} ${index}`.repeat(8)])),
  }),
  mergePatch: (text) => ({ data: { round: text } }),
}

/** Two containers with probes, resources and volumes: some 3 KB as people write it. */
const deployment: Sample = {
  title: 'Deployment of 3 KB',
  times: 1000,
  gvk: { group: 'apps', version: 'v1', kind: 'Deployment' },
  make: (place, text) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...place, labels: LABELS, annotations: { 'example.com/team': 'bench' } },
    spec: {
      replicas: 3,
      revisionHistoryLimit: 3,
      selector: { matchLabels: { 'app.kubernetes.io/name': 'bench' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: LABELS, annotations: { 'example.com/scrape': 'true' } },
        spec: {
          serviceAccountName: 'default',
          terminationGracePeriodSeconds: 30,
          containers: [container('web', text), container('sidecar', text)],
          volumes: [
            { name: 'config', configMap: { name: 'settings' } },
            { name: 'data', emptyDir: {} },
          ],
        },
      },
    },
  }),
  mergePatch: (text) => ({ metadata: { annotations: { 'example.com/round': text } } }),
}

function container(name: string, text: string): unknown {
  return {
    name,
    image: `registry.example.com/team/${name}:1.2.3`,
    imagePullPolicy: 'IfNotPresent',
    args: ['--listen=:8080', '--log-level=info', `--text=${text}`],
    env: Array.from({ length: 8 }, (_, index) => ({ name: `SETTING_${index}`, value: `${text} ${index}` })),
    envFrom: [{ configMapRef: { name: 'settings' } }],
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
    ],
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '256Mi' } },
    readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 5 },
    livenessProbe: { httpGet: { path: '/live', port: 'http' }, initialDelaySeconds: 10 },
    securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/config' },
      { name: 'data', mountPath: '/var/lib/data' },
    ],
  }
}

const TEXT = { type: 'string' }

/** A list of 120 parts that merge by name: some 15 KB. */
const widget: Sample = {
  title: 'custom resource of 15 KB',
  times: 500,
  gvk: { group: 'bench.example.com', version: 'v1', kind: 'Widget' },
  definition: {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.bench.example.com' },
    spec: {
      group: 'bench.example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    size: { type: 'integer', minimum: 0 },
                    mode: { type: 'string', default: 'auto' },
                    parts: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['name'],
                      items: {
                        type: 'object',
                        required: ['name'],
                        properties: {
                          name: TEXT,
                          image: TEXT,
                          text: TEXT,
                          weight: { type: 'integer' },
                          options: { type: 'object', additionalProperties: TEXT },
                        },
                      },
                    },
                  },
                },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
        },
      ],
    },
  },
  make: (place, text) => ({
    apiVersion: 'bench.example.com/v1',
    kind: 'Widget',
    metadata: { ...place, labels: { app: 'bench' } },
    spec: {
      size: 3,
      parts: Array.from({ length: 120 }, (_, index) => ({
        name: `part-${index}`,
        image: `registry.example.com/part/${index}:v1`,
        text: `${text} ${index}`,
        weight: index,
        options: { a: 'one', b: 'two', c: 'three' },
      })),
    },
  }),
  mergePatch: (text) => ({ metadata: { annotations: { 'example.com/round': text } } }),
}

export const SAMPLES: readonly Sample[] = [configMap, deployment, widget]
