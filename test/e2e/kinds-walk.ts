// The walk through every kind that people look at: created from files, listed, described, explained.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Step } from './kubectl-walk.ts'

/** Where the manifests of the walks stand. */
export const TESTDATA: string = join(import.meta.dirname, 'testdata')

/** A manifest, for `-f -`. */
export function manifest(name: string): string {
  return readFileSync(join(TESTDATA, name), 'utf8')
}

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? ''
const beforeEvents = (output: string): string => output.replaceAll(/^Events:[\s\S]*?(?=\n\n|$(?![\s\S]))/gm, '')
/** Pods of different clusters have different names and finish in another order. */
const sortedPods = (output: string): string =>
  output
    .replaceAll(/\b(?<owner>agent|rc|work-\d)-[0-9a-z]{5}\b/g, '$<owner>-POD')
    .split('\n')
    .toSorted()
    .join('\n')
/** What depends on when a controller ran is taken out, and endpoints come in any order. */
const sortedLines = (output: string): string => output.split('\n').toSorted().join('\n')
const withoutFigures = (output: string): string => output.replaceAll(/cpu: \S+(?=\/80%)/g, 'cpu: FIGURE')
const withoutSuffixes = (output: string): string =>
  sortedLines(output.replaceAll(/\b(?<owner>db|lb|web)-[0-9a-z]{5}\b/g, '$<owner>-SLICE').replaceAll(/db-\d/g, 'db-N'))
/** kube-controller-manager makes a second slice of the same endpoints where its cache is late to see the first one. */
const slicesOnce = (output: string): string => [...new Set(withoutSuffixes(output).split('\n'))].join('\n')

const ready: readonly Step[] = [
  { words: 'apply -f -', input: manifest('zoo.yaml') },
  { words: 'wait --for=condition=Established crd/widgets.zoo.example.com --timeout=30s' },
  { words: 'apply -f -', input: manifest('widget.yaml') },
  { words: 'rollout status deployment/web -n zoo --timeout=60s', look: lastLine },
  { words: 'rollout status statefulset/db -n zoo --timeout=60s', look: lastLine },
  { words: 'rollout status daemonset/agent -n zoo --timeout=60s', look: lastLine },
  { words: 'wait --for=condition=complete job/work -n zoo --timeout=60s' },
  { words: 'wait --for=jsonpath={.status.readyReplicas}=1 rc/rc -n zoo --timeout=60s' },
  { words: 'wait --for=jsonpath={.status.phase}=Bound pvc/claim -n zoo --timeout=60s' },
]

const TABLES = [
  'nodes',
  'nodes -L kubernetes.io/hostname,x --show-labels',
  'deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs -n zoo --show-kind',
  'deployments,statefulsets,daemonsets,replicasets,jobs,cronjobs -n zoo -o wide',
  'replicationcontrollers -n zoo -o wide',
  'services -n zoo -o wide',
  'ingresses,ingressclasses -n zoo',
  'pv disk -o wide',
  'storageclasses -o wide',
  'pdb -n zoo',
  'resourcequotas,limitranges -n zoo-limits',
  'networkpolicies -n zoo',
  'roles,rolebindings -n zoo -o wide',
  'clusterroles',
  'crd',
  'widgets -n zoo',
  'zw -n zoo -o wide',
  'secrets,configmaps,serviceaccounts -n zoo',
  'priorityclasses',
  'leases -n zoo',
  'runtimeclasses',
  'controllerrevisions -n zoo',
  'namespaces --show-labels',
  'flowschemas',
  'prioritylevelconfigurations',
  'servicecidrs',
  'statefulset db -n zoo --subresource=scale',
  'widget w -n zoo --subresource=scale -o yaml',
  'pods -n zoo -l app=db -L app,statefulset.kubernetes.io/pod-name',
  "pods -n zoo -l app=db -o 'custom-columns=N:.metadata.name,I:.spec.containers[*].image,X:.nope'",
  "pod db-0 -n zoo -o 'jsonpath-as-json={.spec.containers[*].name}'",
  'pods -n zoo --field-selector metadata.name=db-0,status.phase=Running',
  'jobs -n zoo --field-selector status.successful=3',
  'configmaps -n zoo --chunk-size=1 -o name',
  'events -n zoo --field-selector reason=ScalingReplicaSet -o custom-columns=R:.reason,K:.involvedObject.kind,T:.type',
].map((what): Step => ({ words: `get ${what}` }))

const SORTED: readonly Step[] = [
  // Figures of pods are served by the embedded cluster alone.
  { words: 'get hpa -n zoo', look: withoutFigures },
  { words: 'get all -n zoo', look: (output) => sortedPods(withoutFigures(output)) },
  { words: 'get endpoints -n zoo -o name' },
  { words: 'get endpointslices -n zoo', look: slicesOnce },
  // Definitions make API services of their own on a real server alone.
  { words: 'get apiservices', look: (output) => output.replaceAll(/^v1\.zoo\..*\n/gm, '') },
  { words: 'get pods -n zoo --field-selector spec.foo=bar', code: 1 },
  { words: "get pods -n zoo -l 'app=(x'", code: 1 },
]

const YAML = [
  'deployment/web statefulset/db daemonset/agent cronjob/tick',
  'services,ingresses,networkpolicies',
  'pvc/claim pdb/web',
  'crd/widgets.zoo.example.com widget/w',
  'serviceaccount/robot lease/lease rc/rc',
  'flowschema/exempt prioritylevelconfiguration/workload-low servicecidr/kubernetes apiservice/v2.autoscaling',
].map((what): Step => ({ words: `get ${what} -n zoo -o yaml`, look: sortedLines }))

const LIMITS: Step = { words: 'get limitranges,resourcequotas -n zoo-limits -o yaml' }

const DESCRIBED: readonly Step[] = [
  'pods -n zoo -l app=web',
  'deployment web -n zoo',
  'replicasets -n zoo',
  'statefulset db -n zoo',
  'daemonset agent -n zoo',
  'job work -n zoo',
  'cronjob tick -n zoo',
  'services -n zoo',
  'ingress -n zoo',
  'ingressclass nginx',
  'pvc claim -n zoo',
  'pv disk',
  'storageclasses',
  'pdb -n zoo',
  'resourcequotas,limitranges -n zoo-limits',
  'namespace zoo',
  'networkpolicies -n zoo',
  'roles,rolebindings -n zoo',
  'clusterrole admin',
  'clusterrolebindings zoo-crb cluster-admin',
  'crd widgets.zoo.example.com',
  'widget w -n zoo',
  'secret/s1 configmap/cm -n zoo',
  'serviceaccounts -n zoo',
  'priorityclasses',
  'replicationcontrollers -n zoo',
  'leases -n zoo',
  'runtimeclasses',
  'apiservice v1.apps',
  'flowschema probes',
].map((what): Step => ({ words: `describe ${what}`, look: (output) => sortedPods(beforeEvents(output)) }))

const EXPLAINED: readonly Step[] = [
  'pods',
  'pod.spec.containers --recursive',
  'deployment.spec.strategy.rollingUpdate.maxSurge',
  'hpa --api-version=autoscaling/v1',
  'widgets',
  'widgets --recursive',
  'widgets.spec.list.a',
].map((what): Step => ({ words: `explain ${what}` }))

/** In order; each builds on those before it. */
export const KINDS_WALK: readonly Step[] = [
  ...ready,
  ...TABLES,
  ...SORTED,
  ...YAML,
  LIMITS,
  ...DESCRIBED,
  ...EXPLAINED,
  { words: 'explain pods.nope', code: 1 },
  { words: 'apply -f -', input: manifest('warned.yaml') },
  { words: 'apply -f -', input: manifest('rare.yaml') },
  { words: 'get -f -', input: manifest('rare.yaml') },
  { words: 'delete --wait=false -f -', input: manifest('rare.yaml') },
]
