// The walk of somebody who changes things: rights and tokens, every way to write, roll out, delete; on one namespace of its own.
import { join } from 'node:path'
import { manifest, TESTDATA } from './kinds-walk.ts'
import type { Step } from './kubectl-walk.ts'

const KUSTOMIZE = join(TESTDATA, 'kustomize')
const lastLine = (output: string): string => output.trimEnd().split('\n').at(-1) ?? ''
const sortedLines = (output: string): string => output.split('\n').toSorted().join('\n')
const nothing = (): string => ''
/** The sort of token: its signature differs, and its claims are looked at elsewhere. */
const shape = (output: string): string => output.replaceAll(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g, 'TOKEN')
/** Administrators of the two clusters have other names. */
const withoutSelf = (output: string): string => output.replaceAll(/\b(?:admin|capstan)\b/g, 'SELF')

/** Figures of pods and nodes are served by the embedded cluster alone. */
const withoutMetrics = (output: string): string => output.replaceAll(/.*metrics\.k8s\.io.*\n/g, '')

const SERVER: readonly Step[] = [
  { words: 'version' },
  { words: 'api-resources', look: withoutMetrics },
  { words: 'api-resources -o wide --sort-by=kind', look: withoutMetrics },
  { words: 'api-resources --namespaced=false --verbs=list,get -o name', look: withoutMetrics },
  { words: 'api-resources --api-group=apps --categories=all' },
  { words: 'get --raw /healthz?verbose' },
  { words: 'get --raw /livez?verbose' },
  { words: 'get --raw /readyz?verbose&exclude=etcd' },
  { words: 'get --raw /readyz/poststarthook/rbac/bootstrap-roles' },
  { words: 'get --raw /readyz/absent', code: 1 },
  { words: 'get --raw /absent', code: 1 },
  // What a process tells of its own flags and threads is Go's.
  {
    words: 'get --raw /',
    look: (output) => withoutMetrics(output).replaceAll(/.*"\/(?:flagz|statusz|metrics\/slis)".*\n/g, ''),
  },
]

const RIGHTS: readonly Step[] = [
  { words: 'create namespace talk' },
  { words: 'create serviceaccount robot -n talk' },
  { words: 'create role reader --verb=get,list --resource=pods,pods/log -n talk' },
  { words: 'create rolebinding readers --role=reader --user=jane --serviceaccount=talk:robot -n talk' },
  { words: 'set subject rolebinding readers --user=joe --group=devs -n talk' },
  { words: 'create clusterrole checker --verb=get --non-resource-url=/metrics' },
  { words: 'create clusterrolebinding checkers --clusterrole=checker --group=devs' },
  { words: 'auth can-i --list' },
  { words: 'auth can-i --list -n talk --as=system:serviceaccount:talk:robot' },
  { words: 'auth can-i --list -n talk --as=somebody --as-group=devs' },
  { words: 'auth can-i create pods -n talk --as=jane', code: 1 },
  { words: 'auth can-i get pods --subresource=log -n talk --as=jane' },
  { words: 'auth can-i get pods --subresource=exec -n talk --as=jane', code: 1 },
  { words: 'auth can-i get /metrics --as=somebody --as-group=devs' },
  { words: 'auth can-i get /logs --as=somebody --as-group=devs', code: 1 },
  { words: 'auth can-i list pods -A --as=jane', code: 1 },
  { words: "auth can-i '*' '*'" },
  { words: 'auth can-i get nonsense' },
  { words: 'auth whoami --as=jane --as-group=devs --as-uid=7 --as-user-extra=a=b' },
  { words: 'auth whoami -o name', look: nothing },
  { words: 'auth reconcile -f -', input: manifest('roles.yaml') },
  { words: 'auth reconcile --remove-extra-permissions --remove-extra-subjects -f -', input: manifest('roles.yaml') },
  { words: 'get pods -n talk --as=jane' },
  { words: 'get secrets -n talk --as=jane', code: 1 },
  { words: 'get nodes --as=jane', code: 1 },
  { words: 'delete pod web -n talk --as=jane', code: 1 },
  { words: 'create configmap x -n talk --as=jane --as-group=devs', code: 1 },
  { words: 'get pods -n talk --as-group=devs', code: 1, look: withoutSelf },
  { words: 'create token robot -n talk', look: shape },
  { words: 'create token robot -n talk --duration=1h --audience=a --audience=b', look: shape },
  { words: 'create token robot -n talk --duration=1s', code: 1 },
  { words: 'create token absent -n talk', code: 1 },
  { words: 'create secret generic bound -n talk' },
  { words: 'create token robot -n talk --bound-object-kind=Secret --bound-object-name=bound', look: shape },
  {
    words: 'create token robot -n talk --bound-object-kind=Secret --bound-object-name=bound --bound-object-uid=x',
    code: 1,
  },
  { words: 'create token robot -n talk --bound-object-kind=Pod --bound-object-name=absent', code: 1 },
]

const WRITES: readonly Step[] = [
  { words: 'create deployment web --image=nginx:1.29 --replicas=2 --port=80 -n talk --dry-run=client -o yaml' },
  { words: 'create deployment web --image=nginx:1.29 --replicas=2 --port=80 -n talk --dry-run=server' },
  { words: 'create deployment web --image=nginx:1.29 --replicas=2 --port=80 -n talk' },
  { words: 'rollout status deployment/web -n talk --timeout=60s', look: lastLine },
  { words: 'expose deployment web --type=NodePort --name=out -n talk' },
  { words: 'run one --image=busybox -n talk --restart=Never --labels=a=b --env=X=y --command -- sleep 1000' },
  { words: 'run three --image=nginx -n talk --expose --port=80' },
  { words: 'run Bad_name --image=nginx -n talk', code: 1 },
  { words: 'wait --for=condition=Ready pod/one pod/three -n talk --timeout=30s' },
  { words: 'set env deployment/web A=b -n talk' },
  { words: 'set env deployment/web --list -n talk' },
  { words: 'set resources deployment/web --limits=cpu=100m --requests=cpu=10m -n talk' },
  { words: 'set serviceaccount deployment web robot -n talk' },
  { words: 'set image deployment/web absent=nginx -n talk', code: 1 },
  { words: 'create service clusterip picked --tcp=80:8080 -n talk' },
  { words: 'set selector service picked app=web -n talk' },
  { words: 'create service clusterip outside --clusterip=1.2.3.4 --tcp=80 -n talk', code: 1 },
  { words: 'create service nodeport low --tcp=80 --node-port=80 -n talk', code: 1 },
  { words: 'create deployment a.b --image=nginx -n talk', look: (output) => output },
  { words: 'create cronjob bad --image=busybox --schedule=nonsense -n talk', code: 1 },
  { words: 'create secret generic bad --type=kubernetes.io/tls -n talk', code: 1 },
  { words: 'create configmap settings --from-literal=color=red -n talk' },
  { words: 'patch configmap settings -n talk -p \'{"data":{"color":"blue"}}\'' },
  {
    words: 'patch configmap settings -n talk --type=json -p \'[{"op":"replace","path":"/data/more","value":"x"}]\'',
  },
  { words: "patch configmap settings -n talk --type=json -p 'nonsense'", code: 1 },
  { words: 'patch deployment web -n talk -p \'{"spec":{"replicas":"x"}}\'', code: 1 },
  { words: 'patch deployment web -n talk -p \'{"spec":{"template":{"spec":{"containers":"x"}}}}\'', code: 1 },
  { words: 'patch deployment web -n talk -p \'{"spec":{"template":{"spec":"x"}}}\'', code: 1 },
  { words: 'patch deployment web -n talk -p \'{"spec":{"selector":{"matchLabels":{"app":"x"}}}}\'', code: 1 },
  { words: 'patch deployment web -n talk --subresource=scale --type=merge -p \'{"spec":{"replicas":1}}\'' },
  { words: "label deployment web 'bad key=x' -n talk", code: 1 },
  { words: 'label nodes --all zone=a' },
  { words: 'label nodes --all zone-' },
  { words: 'annotate configmap settings a=1 -n talk --resource-version=1', code: 1 },
  { words: 'apply --server-side -f -', input: manifest('applied.yaml') },
  {
    words: 'apply --server-side --field-manager=other -f -',
    input: manifest('applied.yaml').replace('nginx:1', 'nginx:2'),
    code: 1,
  },
  {
    words: 'apply --server-side --field-manager=other --force-conflicts -f -',
    input: manifest('applied.yaml').replace('nginx:1', 'nginx:2'),
  },
  { words: 'apply -f -', input: manifest('applied.yaml') },
  { words: 'apply view-last-applied deployment/applied -n talk' },
  // The rollout of the image before is whole: its last pod would otherwise leave the status between the two reads of a diff.
  { words: 'rollout status deployment/applied -n talk --timeout=60s', look: lastLine },
  { words: 'wait --for=jsonpath={.status.terminatingReplicas}=0 deployment/applied -n talk --timeout=60s' },
  { words: 'diff --server-side --force-conflicts -f -', input: manifest('applied.yaml'), code: 1 },
  { words: `apply -k ${KUSTOMIZE}` },
  { words: `diff -k ${KUSTOMIZE}` },
  { words: `delete -k ${KUSTOMIZE}` },
]

const LIFE: readonly Step[] = [
  { words: 'rollout status deployment/web -n talk --timeout=60s', look: lastLine },
  { words: 'rollout history deployment/web -n talk' },
  { words: 'rollout history deployment/web -n talk --revision=2' },
  { words: 'rollout history deployment/web -n talk --revision=99', code: 1 },
  { words: 'rollout undo deployment/web -n talk --to-revision=1' },
  { words: 'rollout pause deployment/web -n talk' },
  { words: 'rollout pause deployment/web -n talk', code: 1 },
  { words: 'rollout restart deployment/web -n talk', code: 1 },
  { words: 'rollout resume deployment/web -n talk' },
  { words: 'scale deployment/web --replicas=2 --current-replicas=9 -n talk', code: 1 },
  { words: 'scale deployment/web --replicas=2 -n talk' },
  { words: 'rollout status deployment/web -n talk --timeout=60s', look: lastLine },
  { words: 'wait --for=create configmap/settings -n talk --timeout=5s' },
  { words: 'wait --for=create configmap/absent -n talk --timeout=1s', code: 1 },
  { words: 'wait --for=condition=Absent pod/one -n talk --timeout=1s', code: 1 },
  { words: 'create -f -', input: manifest('requests.yaml') },
  { words: 'get csr', look: withoutSelf },
  { words: 'certificate approve first' },
  { words: 'certificate deny second' },
  { words: 'describe csr first', look: withoutSelf },
  { words: 'get csr', look: withoutSelf },
  { words: 'delete csr first second' },
  { words: 'cordon node-1' },
  { words: 'drain node-1 --ignore-daemonsets --delete-emptydir-data --force --timeout=30s --pod-selector=a=none' },
  { words: 'uncordon node-1' },
  { words: 'taint nodes node-1 k=v:Bad', code: 1 },
  { words: 'delete pod one -n talk --grace-period=0 --force' },
  { words: 'delete pod three -n talk --now' },
  { words: 'delete deployment web -n talk --cascade=orphan' },
  {
    words: 'get replicasets,pods -n talk -l app=web -o custom-columns=K:.kind,O:.metadata.ownerReferences[*].kind',
    look: sortedLines,
  },
  { words: 'delete replicasets -n talk -l app=web --cascade=background', look: nothing },
  { words: 'wait --for=delete pods -l app=web -n talk --timeout=30s', look: nothing },
  { words: 'delete deployment applied -n talk --cascade=foreground --timeout=30s' },
  { words: 'delete configmaps settings absent -n talk', code: 1 },
  { words: 'delete service out -n talk --dry-run=server' },
  { words: 'delete namespace talk --wait=false' },
  { words: 'wait --for=delete namespace/talk --timeout=60s', look: nothing },
  { words: 'delete namespace default', code: 1 },
  { words: 'delete clusterrole checker' },
  { words: 'delete clusterrolebinding checkers' },
]

/** In order; each builds on those before it. */
export const CHANGES_WALK: readonly Step[] = [...SERVER, ...RIGHTS, ...WRITES, ...LIFE]
