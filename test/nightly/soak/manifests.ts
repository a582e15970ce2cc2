// What an application of the soak consists of: a service with a pod, and for every tenth a hook that counts its runs.
import type { Manifests } from '../../bench/fleet.ts'

const EVERY = 10

/** Whether the application of this name has the hook. */
export function hasHook(name: string): boolean {
  return Number(name.slice(name.lastIndexOf('-') + 1)) % EVERY === 0
}

/** The first file is the one that a push changes: its text is the number of the push. */
export const serviceWithHook: Manifests = (name, text) => {
  const labels = { app: name }
  const container = { name: 'main', image: 'nginx:1.29' }
  return {
    'config.json': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { text } },
    'service.json': {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: labels, ports: [{ port: 80 }] },
    },
    'deployment.json': {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    ...(hasHook(name) ? { 'hook.json': hook(name) } : {}),
  }
}

/** Each run leaves a Job of its own, named after the revision and the beginning of its sync. */
function hook(name: string): ReturnType<Manifests>[string] {
  const container = { name: 'main', image: 'busybox', command: ['sh', '-c', 'sleep 0.2'] }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      generateName: `${name}-`,
      labels: { soak: 'hook' },
      annotations: { 'argocd.argoproj.io/hook': 'PreSync' },
    },
    spec: { template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  }
}
