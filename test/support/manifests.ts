// Small manifests for stories, as JSON text.

export interface Marks {
  readonly namespace?: string
  /** Sync wave. */
  readonly wave?: string
  /** Hook types. */
  readonly hook?: string
  readonly deletePolicy?: string
}

export function configMap(name: string, value: string, marks: Marks = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata(name, marks), data: { value } })
}

export function service(name: string, marks: Marks = {}): string {
  const spec = { selector: { app: name }, ports: [{ port: 80 }] }
  return JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: metadata(name, marks), spec })
}

export function deployment(name: string, image: string, marks: Marks = {}): string {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image }] } }
  const spec = { selector: { matchLabels: labels }, template }
  return JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: metadata(name, marks), spec })
}

export function job(name: string, marks: Marks = {}): string {
  const spec = { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } } }
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: metadata(name, marks), spec })
}

/** A custom kind whose objects may hold anything. */
export const GADGETS: string = JSON.stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
})

function metadata(name: string, { namespace, wave, hook, deletePolicy }: Marks): unknown {
  const annotations = {
    ...(wave === undefined ? {} : { 'argocd.argoproj.io/sync-wave': wave }),
    ...(hook === undefined ? {} : { 'argocd.argoproj.io/hook': hook }),
    ...(deletePolicy === undefined ? {} : { 'argocd.argoproj.io/hook-delete-policy': deletePolicy }),
  }
  return { name, ...(namespace === undefined ? {} : { namespace }), annotations }
}
