// The walk of a person through a cluster with kubectl: the same words on every API server.
import type { Kubectl } from '../support/kubectl.ts'
import { normalise } from '../support/kubectl.ts'

export interface Step {
  readonly words: string
  readonly input?: string
  /** Exit code. Default 0. */
  readonly code?: number
  /** What of the output is looked at, where order or number of lines is left to chance. */
  readonly look?: (output: string) => string
}

function settings(color: string, more = ''): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: applied\n  namespace: walk\ndata:\n  color: ${color}\n${more}`
}

const INVALID =
  'apiVersion: v1\nkind: Service\nmetadata:\n  name: Bad_Name\n  namespace: walk\nspec:\n  ports:\n  - port: 99999\n'
const UNKNOWN_FIELD = settings('red', 'extra: 1\n')
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer, minimum: 1}}}}}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
`
const WIDGET = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w, namespace: walk}\nspec: {size: SIZE}\n'

const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? ''
const sortedLines = (output: string): string => output.split('\n').toSorted().join('\n')
/** Events come when they come. */
const beforeEvents = (output: string): string => output.split(/^Events:/m)[0] ?? ''
const nothing = (): string => ''

/** In order; each builds on those before it. */
export const WALK: readonly Step[] = [
  { words: 'create namespace walk' },
  { words: 'get namespace walk -o wide' },
  { words: 'create configmap settings --from-literal=color=red --from-literal=size=1 -n walk' },
  { words: 'create configmap settings -n walk', code: 1 },
  { words: 'create secret generic token --from-literal=password=hidden -n walk' },
  { words: 'create serviceaccount robot -n walk' },
  { words: 'create deployment web --image=nginx:1.29 --replicas=2 -n walk' },
  { words: 'rollout status deployment/web -n walk --timeout=60s', look: lastLine },
  { words: 'wait --for=condition=Available deployment/web -n walk --timeout=60s' },
  { words: 'get deployments -n walk' },
  { words: 'get deployments,replicasets -n walk -o wide' },
  { words: 'get pods -n walk' },
  { words: 'get pods -n walk -o wide --sort-by=.metadata.name' },
  { words: 'get pods -n walk -l app=web -o name' },
  {
    words: 'get pods -n walk --field-selector=status.phase=Running --no-headers -o custom-columns=PHASE:.status.phase',
  },
  { words: 'get configmap settings -n walk -o yaml' },
  { words: 'get configmap settings -n walk -o json' },
  { words: 'get configmap settings -n walk -o name' },
  { words: "get configmap settings -n walk -o 'jsonpath={.data.color}'" },
  { words: "get configmaps -n walk -o 'go-template={{range .items}}{{.metadata.name}} {{end}}'" },
  { words: 'get deployment web -n walk -o yaml --show-managed-fields=false', look: sortedLines },
  { words: 'get configmap missing -n walk', code: 1 },
  { words: 'get nonsense -n walk', code: 1 },
  { words: 'get all -n walk', look: sortedLines },
  { words: 'describe configmap settings -n walk' },
  { words: 'describe secret token -n walk' },
  { words: 'describe namespace walk' },
  { words: 'describe deployment web -n walk', look: beforeEvents },
  { words: 'describe pods -n walk -l app=web', look: beforeEvents },
  { words: 'describe serviceaccount robot -n walk' },
  { words: 'apply -f -', input: settings('red') },
  { words: 'apply -f -', input: settings('red') },
  { words: 'apply -f -', input: settings('green', '  size: "2"\n') },
  { words: 'apply -f - --dry-run=server -o yaml', input: settings('blue') },
  { words: 'diff -f -', input: settings('blue'), code: 1 },
  { words: 'diff -f -', input: settings('green', '  size: "2"\n') },
  { words: 'apply -f -', input: settings('green') },
  { words: 'get configmap applied -n walk -o yaml' },
  { words: 'apply --server-side --field-manager=one -f -', input: settings('red').replace('applied', 'owned') },
  {
    words: 'apply --server-side --field-manager=two -f -',
    input: settings('blue').replace('applied', 'owned'),
    code: 1,
  },
  {
    words: 'apply --server-side --field-manager=two --force-conflicts -f -',
    input: settings('blue').replace('applied', 'owned'),
  },
  { words: 'get configmap owned -n walk -o yaml --show-managed-fields' },
  { words: 'diff --server-side --field-manager=two -f -', input: settings('red').replace('applied', 'owned'), code: 1 },
  { words: 'apply --server-side -f -', input: settings('black'), code: 0 },
  { words: 'get configmap applied -n walk -o yaml --show-managed-fields' },
  { words: 'create -f -', input: INVALID, code: 1 },
  { words: 'apply -f -', input: UNKNOWN_FIELD, code: 1 },
  { words: 'apply --validate=false -f -', input: UNKNOWN_FIELD },
  { words: 'edit configmap settings -n walk' },
  { words: "get configmap settings -n walk -o 'jsonpath={.data}'" },
  { words: 'scale deployment/web --replicas=3 -n walk' },
  { words: 'rollout status deployment/web -n walk --timeout=60s', look: lastLine },
  { words: 'wait --for=jsonpath={.status.readyReplicas}=3 deployment/web -n walk --timeout=60s' },
  { words: 'set image deployment/web nginx=nginx:1.30 -n walk' },
  { words: 'rollout status deployment/web -n walk --timeout=60s', look: lastLine },
  { words: 'rollout history deployment/web -n walk' },
  { words: 'rollout undo deployment/web -n walk' },
  { words: 'rollout status deployment/web -n walk --timeout=60s', look: lastLine },
  { words: "get deployment web -n walk -o 'jsonpath={.spec.template.spec.containers[0].image}'" },
  { words: 'rollout restart deployment/web -n walk' },
  { words: 'rollout status deployment/web -n walk --timeout=60s', look: lastLine },
  { words: 'autoscale deployment/web --min=1 --max=4 --cpu=80% -n walk' },
  { words: 'get hpa -n walk' },
  { words: 'rollout pause deployment/web -n walk' },
  { words: 'rollout resume deployment/web -n walk' },
  { words: 'create pdb keep --min-available=1 --selector=app=web -n walk' },
  { words: 'get pdb -n walk -o wide' },
  { words: "create cronjob tick --image=busybox '--schedule=0 0 1 1 *' -n walk" },
  { words: 'create job now --from=cronjob/tick -n walk' },
  { words: 'wait --for=condition=complete job/now -n walk --timeout=60s' },
  { words: 'get cronjobs,jobs -n walk' },
  { words: 'create ingress web --rule=example.com/*=web:80 -n walk' },
  { words: 'get ingress -n walk' },
  { words: 'create quota few --hard=secrets=50 -n walk' },
  { words: 'delete quota few -n walk' },
  { words: 'cordon node-1' },
  { words: 'uncordon node-1' },
  { words: 'taint nodes node-2 a=b:PreferNoSchedule' },
  { words: 'taint nodes node-2 a-' },
  // Figures of pods and nodes are served by the embedded cluster alone.
  { words: 'api-versions', look: (output) => output.replace('metrics.k8s.io/v1beta1\n', '') },
  { words: 'expose deployment web --port=80 --target-port=8080 -n walk' },
  { words: 'get service web -n walk -o wide' },
  { words: 'describe service web -n walk', look: beforeEvents },
  { words: 'label configmap settings team=web tier=front -n walk' },
  { words: 'label configmap settings team=api -n walk', code: 1 },
  { words: 'label configmap settings team=api tier- --overwrite -n walk' },
  { words: 'annotate configmap settings note=hello -n walk' },
  { words: 'get configmaps -n walk -l team=api --show-labels' },
  { words: `patch configmap settings -n walk --type merge -p '{"data":{"color":"merged"}}'` },
  { words: `patch configmap settings -n walk --type json -p '[{"op":"remove","path":"/data/size"}]'` },
  { words: `patch deployment web -n walk -p '{"spec":{"template":{"metadata":{"labels":{"tier":"front"}}}}}'` },
  {
    words: `patch configmap settings -n walk --type json -p '[{"op":"test","path":"/data/color","value":"x"}]'`,
    code: 1,
  },
  { words: 'replace -f -', input: settings('replaced') },
  { words: 'create job once --image=busybox -n walk -- sh -c true' },
  { words: 'wait --for=condition=complete job/once -n walk --timeout=60s' },
  { words: 'get jobs -n walk' },
  { words: 'create role reader --verb=get,list --resource=pods -n walk' },
  { words: 'create rolebinding readers --role=reader --serviceaccount=walk:robot -n walk' },
  { words: 'describe rolebinding readers -n walk' },
  { words: 'auth can-i create deployments -n walk' },
  { words: 'apply -f -', input: CRD },
  { words: 'wait --for=condition=Established crd/widgets.example.com --timeout=30s' },
  { words: 'apply -f -', input: WIDGET.replace('SIZE', '3') },
  { words: 'apply -f -', input: WIDGET.replace('SIZE', '0'), code: 1 },
  { words: 'apply -f -', input: WIDGET.replace('SIZE', '3, extra: 1'), code: 1 },
  { words: 'apply -f -', input: WIDGET.replace('SIZE', '4') },
  { words: 'get wd -n walk' },
  { words: 'describe widget w -n walk' },
  // Ours has the schema of built-in kinds without its prose.
  { words: 'explain deployment.spec.replicas', look: (output) => output.split('DESCRIPTION:')[0] ?? '' },
  { words: 'explain widget.spec.size' },
  { words: 'get --raw /healthz' },
  { words: 'delete widget w -n walk' },
  { words: 'delete crd widgets.example.com' },
  { words: 'delete configmap settings applied -n walk' },
  { words: 'delete configmap missing -n walk --ignore-not-found' },
  { words: 'delete pods -n walk -l app=web --wait=false', look: nothing },
  { words: 'delete deployment web -n walk --cascade=foreground --timeout=60s' },
  { words: 'get replicasets,pods -n walk -l app=web' },
  { words: 'delete namespace walk --timeout=60s' },
  { words: 'get namespace walk', code: 1 },
]

/** Goes the walk; gives each step's words, exit code and output without what no two clusters share. */
export async function walk(kubectl: Kubectl, steps: readonly Step[] = WALK): Promise<readonly string[]> {
  const told: string[] = []
  for (const { words, input, code = 0, look = (output: string) => output } of steps) {
    const finished = await kubectl.run(words, input)
    const output = normalise(look(finished.stdout + finished.stderr))
    const surprise = finished.code === code ? '' : ` (expected ${code})`
    told.push(`$ kubectl ${words}\nexit ${finished.code}${surprise}\n${output}`)
  }
  return told
}
