// Makes the table of roles and bindings every cluster begins with (node tools/generate-bootstrap-policy.ts).
//
// Takes the lists that k8s.io/kubernetes 1.36.3 checks its own bootstrap policy against, as published in that Go module. What all of
// them carry (the annotation of automatic updates, the label of defaults) is left out and added again where the objects are made.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseYaml } from '../src/lang/yaml/read.ts'

const MODULE = 'k8s.io/kubernetes@v1.36.3'
const LISTS = 'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/testdata'
const TARGET = join(import.meta.dirname, '../src/local-cluster/apiserver/authorization/generated')
const FILES = [
  'cluster-roles',
  'controller-roles',
  'cluster-role-bindings',
  'controller-role-bindings',
  'namespace-roles',
  'namespace-role-bindings',
]
const DEFAULTS_LABEL = 'kubernetes.io/bootstrapping'

interface Listed {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
  }
  readonly aggregationRule?: object
  readonly rules?: readonly Readonly<Record<string, readonly string[]>>[] | null
  readonly roleRef?: Readonly<Record<string, string>>
  readonly subjects?: readonly Readonly<Record<string, string>>[]
}

/** The order in which kube-apiserver writes the fields. */
const RULE_FIELDS = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs']
const SUBJECT_FIELDS = ['kind', 'apiGroup', 'name', 'namespace']

function ordered<T>(value: Readonly<Record<string, T>>, fields: readonly string[]): Record<string, T> {
  return Object.fromEntries(fields.flatMap((field) => (value[field] === undefined ? [] : [[field, value[field]]])))
}

function rowOf({ kind, metadata, aggregationRule, rules, roleRef, subjects }: Listed): object {
  const labels = Object.entries(metadata.labels ?? {}).filter(([name]) => name !== DEFAULTS_LABEL)
  return {
    kind,
    name: metadata.name,
    namespace: metadata.namespace,
    labels: labels.length === 0 ? undefined : Object.fromEntries(labels),
    aggregationRule,
    rules: rules?.map((rule) => ordered(rule, RULE_FIELDS)),
    subjects: subjects?.map((subject) => ordered(subject, SUBJECT_FIELDS)),
    roleRef,
  }
}

const download = spawnSync('go', ['mod', 'download', '-json', MODULE], { encoding: 'utf8' })
if (download.status !== 0) throw new Error(`go mod download ${MODULE}: ${download.stderr}${download.stdout}`)
const { Dir } = JSON.parse(download.stdout) as { Dir: string }
// Rows are texts: small in memory, parsed only where a cluster is new.
const rows = FILES.flatMap((file) => {
  // The lists are of this shape in the version named above.
  const list = parseYaml(readFileSync(join(Dir, LISTS, `${file}.yaml`), 'utf8')) as unknown as {
    readonly items: readonly Listed[]
  }
  return list.items.map((item) => JSON.stringify(JSON.stringify(rowOf(item))))
})
mkdirSync(TARGET, { recursive: true })
writeFileSync(join(TARGET, 'bootstrap-policy.json'), `[\n${rows.join(',\n')}\n]\n`)
