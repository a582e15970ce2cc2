// Tests of the generators: parameters as upstream's rules give them, in both template modes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jsonOf } from '../lang/go/json.ts'
import type { GeneratorServices } from './contract.ts'
import { createGenerators } from './table.ts'
import { applicationSetOf, clusterSecret, contextOf, treeOf } from '../../test/support/application-sets.ts'
import { requeueAfterMs, transform } from './transform.ts'

const TABLE = createGenerators()

async function generated(
  generator: object,
  spec: object = {},
  services: Partial<GeneratorServices> = {},
): Promise<unknown> {
  const set = applicationSetOf([generator], spec)
  const [entry] = set.spec.generators
  assert.ok(entry !== undefined)
  const results = await transform(entry, TABLE, contextOf(set, services))
  return JSON.parse(JSON.stringify(results.flatMap(({ parameters }) => parameters.map((one) => jsonOf(one)))))
}

const GO = { goTemplate: true }
const FILES = {
  'apps/guestbook/app.yaml': 'x',
  'apps/Ünder_score/app.yaml': 'x',
  'apps/skipped/app.yaml': 'x',
  'apps/.hidden/app.yaml': 'x',
  'config/eu/prod/config.json': '{"cluster":{"name":"prod","ports":[80,443]},"replicas":3,"on":true}',
  'config/eu/dev/config.yaml': '- name: a\n- name: b\n',
  'config/empty.yaml': '',
}
const GIT = { openTree: async () => treeOf(FILES) }
const git = (more: object): object => ({ git: { repoURL: 'https://git.example.com/r.git', revision: 'HEAD', ...more } })
const list = (...elements: object[]): object => ({ list: { elements } })

const CLUSTERS = {
  clusterSecrets: () => [
    clusterSecret('Staging_01', 'https://staging', { labels: { env: 'staging' }, annotations: { 'x/y': 'z' } }),
    clusterSecret('prod', 'https://prod', { labels: { env: 'prod' } }),
  ],
}

interface Case {
  readonly it: string
  readonly generator: object
  readonly spec?: object
  readonly services?: Partial<GeneratorServices>
  readonly gives: unknown
}

const CASES: readonly Case[] = [
  {
    it: 'list: values become flat texts',
    generator: list({ a: 'x', values: { b: 'y' } }),
    gives: [{ a: 'x', 'values.b': 'y' }],
  },
  {
    it: 'list: goTemplate keeps forms',
    generator: list({ a: { b: [1, true] } }),
    spec: GO,
    gives: [{ a: { b: [1, true] } }],
  },
  {
    it: 'list: elementsYaml',
    generator: { list: { elements: [], elementsYaml: '- a: 1\n- b: x\n' } },
    gives: [{ a: 1 }, { b: 'x' }],
  },
  {
    it: 'selector: filters what a generator gives, values may be URLs',
    generator: { ...list({ a: 'x' }, { a: 'https://y' }), selector: { matchLabels: { a: 'https://y' } } },
    gives: [{ a: 'https://y' }],
  },
  {
    it: 'selector: sees nested parameters of goTemplate',
    generator: {
      ...list({ a: { b: '1' } }, { a: { b: '2' } }),
      selector: { matchExpressions: [{ key: 'a.b', operator: 'In', values: ['2'] }] },
    },
    spec: GO,
    gives: [{ a: { b: '2' } }],
  },
  {
    it: 'clusters: all, the local one last',
    generator: { clusters: {} },
    services: CLUSTERS,
    gives: [
      {
        name: 'Staging_01',
        nameNormalized: 'staging-01',
        server: 'https://staging',
        project: '',
        'metadata.annotations.x/y': 'z',
        'metadata.labels.argocd.argoproj.io/secret-type': 'cluster',
        'metadata.labels.env': 'staging',
      },
      {
        name: 'prod',
        nameNormalized: 'prod',
        server: 'https://prod',
        project: '',
        'metadata.labels.argocd.argoproj.io/secret-type': 'cluster',
        'metadata.labels.env': 'prod',
      },
      { name: 'in-cluster', nameNormalized: 'in-cluster', server: 'https://kubernetes.default.svc', project: '' },
    ],
  },
  {
    it: 'clusters: a selector leaves the local one out; values are templates; goTemplate nests',
    generator: {
      clusters: {
        selector: { matchLabels: { env: 'prod' } },
        values: { at: '{{ .name }}/{{ index .metadata.labels "env" }}' },
      },
    },
    spec: GO,
    services: CLUSTERS,
    gives: [
      {
        name: 'prod',
        nameNormalized: 'prod',
        server: 'https://prod',
        project: '',
        metadata: { labels: { 'argocd.argoproj.io/secret-type': 'cluster', env: 'prod' } },
        values: { at: 'prod/prod' },
      },
    ],
  },
  {
    it: 'clusters: flatList gives one set; a Secret for the local cluster takes its place',
    generator: { clusters: { flatList: true } },
    spec: GO,
    services: { clusterSecrets: () => [clusterSecret('here', 'https://kubernetes.default.svc')] },
    gives: [
      {
        clusters: [
          {
            name: 'here',
            nameNormalized: 'here',
            server: 'https://kubernetes.default.svc',
            project: '',
            metadata: { labels: { 'argocd.argoproj.io/secret-type': 'cluster' } },
          },
        ],
      },
    ],
  },
  {
    it: 'git: directories, excluded and hidden ones left out',
    generator: git({
      directories: [{ path: 'apps/*' }, { path: 'apps/skipped', exclude: true }],
      values: { it: '{{path.basename}}-{{path[0]}}' },
    }),
    services: GIT,
    gives: [
      {
        path: 'apps/guestbook',
        'path.basename': 'guestbook',
        'path.basenameNormalized': 'guestbook',
        'path[0]': 'apps',
        'path[1]': 'guestbook',
        'values.it': 'guestbook-apps',
      },
      {
        path: 'apps/Ünder_score',
        'path.basename': 'Ünder_score',
        'path.basenameNormalized': 'nder-score',
        'path[0]': 'apps',
        'path[1]': 'Ünder_score',
        'values.it': 'Ünder_score-apps',
      },
    ],
  },
  {
    it: 'git: directories under a prefix with goTemplate',
    generator: git({ directories: [{ path: 'config/*/prod' }], pathParamPrefix: 'my' }),
    spec: GO,
    services: GIT,
    gives: [
      {
        my: {
          path: {
            path: 'config/eu/prod',
            basename: 'prod',
            basenameNormalized: 'prod',
            segments: ['config', 'eu', 'prod'],
          },
        },
      },
    ],
  },
  {
    it: 'git: files flattened; `*` crosses directories; lists give a set each',
    generator: git({ files: [{ path: 'config/*/config.*' }] }),
    services: GIT,
    gives: [
      ...['a', 'b'].map((name) => ({
        name,
        path: 'config/eu/dev',
        'path.basename': 'dev',
        'path.basenameNormalized': 'dev',
        'path.filename': 'config.yaml',
        'path.filenameNormalized': 'config.yaml',
        'path[0]': 'config',
        'path[1]': 'eu',
        'path[2]': 'dev',
      })),
      {
        'cluster.name': 'prod',
        'cluster.ports.0': '80',
        'cluster.ports.1': '443',
        replicas: '3',
        on: 'true',
        path: 'config/eu/prod',
        'path.basename': 'prod',
        'path.basenameNormalized': 'prod',
        'path.filename': 'config.json',
        'path.filenameNormalized': 'config.json',
        'path[0]': 'config',
        'path[1]': 'eu',
        'path[2]': 'prod',
      },
    ],
  },
  {
    it: 'git: an empty file is a set of its path alone',
    generator: git({ files: [{ path: 'config/empty.yaml' }] }),
    spec: GO,
    services: GIT,
    gives: [
      {
        path: {
          path: 'config',
          basename: 'config',
          filename: 'empty.yaml',
          basenameNormalized: 'config',
          filenameNormalized: 'empty.yaml',
          segments: ['config'],
        },
      },
    ],
  },
  {
    it: 'git: files excluded, doublestar where asked for',
    generator: git({ files: [{ path: 'config/**/*.{json,yaml}' }, { path: '**/*.yaml', exclude: true }] }),
    spec: GO,
    services: { ...GIT, git: { isGlobbingStrict: true } },
    gives: [
      {
        cluster: { name: 'prod', ports: [80, 443] },
        replicas: 3,
        on: true,
        path: {
          path: 'config/eu/prod',
          basename: 'prod',
          filename: 'config.json',
          basenameNormalized: 'prod',
          filenameNormalized: 'config.json',
          segments: ['config', 'eu', 'prod'],
        },
      },
    ],
  },
  {
    it: 'matrix: every pair, the second with parameters of the first',
    generator: { matrix: { generators: [list({ a: '1' }, { a: '2' }), list({ b: '{{a}}x' })] } },
    gives: [
      { a: '1', b: '1x' },
      { a: '2', b: '2x' },
    ],
  },
  {
    it: 'matrix: goTemplate joins maps, the first generator wins',
    generator: { matrix: { generators: [list({ m: { a: 1, c: 3 } }), list({ m: { a: 2, b: 2 }, t: '{{.m.c}}' })] } },
    spec: GO,
    gives: [{ m: { a: 1, b: 2, c: 3 }, t: '3' }],
  },
  {
    it: 'matrix: values that speak of later parameters wait for them',
    generator: {
      matrix: {
        generators: [
          list({ env: 'prod' }),
          { clusters: { selector: { matchLabels: { env: '{{.env}}' } }, values: { a: '{{.env}}', b: '{{.name}}' } } },
        ],
      },
    },
    spec: { ...GO, goTemplateOptions: ['missingkey=error'] },
    services: CLUSTERS,
    gives: [
      {
        env: 'prod',
        name: 'prod',
        nameNormalized: 'prod',
        server: 'https://prod',
        project: '',
        metadata: { labels: { 'argocd.argoproj.io/secret-type': 'cluster', env: 'prod' } },
        values: { a: 'prod', b: 'prod' },
      },
    ],
  },
  {
    it: 'matrix in matrix, with a selector within',
    generator: {
      matrix: {
        generators: [
          {
            matrix: {
              generators: [
                { ...list({ a: '1' }, { a: '2' }), selector: { matchLabels: { a: '2' } } },
                list({ b: 'x' }),
              ],
            },
          },
          list({ c: 'y' }),
        ],
      },
    },
    gives: [{ a: '2', b: 'x', c: 'y' }],
  },
  {
    it: 'merge: later generators override by key; what the first lacks is left out',
    generator: {
      merge: {
        mergeKeys: ['k'],
        generators: [list({ k: '1', v: 'a' }, { k: '2', v: 'b' }), list({ k: '2', v: 'c', w: 'd' }, { k: '3' })],
      },
    },
    gives: [
      { k: '1', v: 'a' },
      { k: '2', v: 'c', w: 'd' },
    ],
  },
  {
    it: 'merge: goTemplate merges deeply',
    generator: {
      merge: {
        mergeKeys: ['k'],
        generators: [list({ k: 1, m: { a: 1, l: [1, 2] } }), list({ k: 1, m: { b: 2, l: [] } })],
      },
    },
    spec: GO,
    gives: [{ k: 1, m: { a: 1, b: 2, l: [] } }],
  },
  {
    it: 'clusterDecisionResource: clusters another controller names',
    generator: { clusterDecisionResource: { configMapRef: 'placement', name: 'p', values: { v: '{{name}}' } } },
    services: {
      clusters: () => [{ name: 'prod', server: 'https://prod' }],
      readConfigMap: async () => ({
        apiVersion: 'apps.example.com/v1',
        kind: 'placements',
        statusListKey: 'decisions',
        matchKey: 'clusterName',
      }),
      listObjects: async () => [
        {
          apiVersion: 'apps.example.com/v1',
          kind: 'Placement',
          metadata: { name: 'p' },
          status: { decisions: [{ clusterName: 'prod', n: 2 }, { clusterName: 'gone' }, {}] },
        } as never,
      ],
    },
    gives: [{ name: 'prod', server: 'https://prod', clusterName: 'prod', n: '2', 'values.v': '{{name}}' }],
  },
]

for (const { it, generator, spec, services, gives } of CASES) {
  test(it, async () => {
    assert.deepEqual(await generated(generator, spec, services), gives)
  })
}

const FAULTS: readonly (readonly [object, object, RegExp])[] = [
  [list({ a: 1 }), {}, /^error parsing value as string/],
  [list({ values: 'x' }), {}, /^error parsing values map$/],
  [
    { list: { elementsYaml: 'a: b' } },
    {},
    /^error unmarshling decoded ElementsYaml .*cannot unmarshal object into Go value of type \[\]map/,
  ],
  [
    { ...list(), selector: { matchExpressions: [{ key: 'a', operator: 'Of' }] } },
    {},
    /^error parsing label selector: "Of" is not a valid pod selector operator$/,
  ],
  [{ matrix: { generators: [list()] } }, {}, /^found less than two generators, Matrix support only two$/],
  [
    { matrix: { generators: [list(), list(), list()] } },
    {},
    /^found more than two generators, Matrix support only two$/,
  ],
  [
    { matrix: { generators: [list({ a: '1' }), list({ a: '2' })] } },
    {},
    /found duplicate key a with different value, a: 1 ,b: 2$/,
  ],
  [{ matrix: { generators: [{}, list()] } }, {}, /: child generator generated no parameters$/],
  [
    { matrix: { generators: [{ ...list(), clusters: {} }, list()] } },
    {},
    /: found more than one generator in matrix.Generators$/,
  ],
  [
    { merge: { mergeKeys: ['a'], generators: [list()] } },
    {},
    /^found less than two generators, Merge requires two or more$/,
  ],
  [
    { merge: { mergeKeys: [], generators: [list(), list()] } },
    {},
    /no merge keys were specified, Merge requires at least one$/,
  ],
  [
    { merge: { mergeKeys: ['b', 'a'], generators: [list({ a: '1' }, { a: '1' }), list()] } },
    {},
    /were not unique by the given mergeKeys.* Duplicate key was {"a":"1","b":null}$/,
  ],
  [git({}), {}, /^ApplicationSet is empty$/],
  [
    git({ files: [{ path: 'apps/guestbook/app.yaml' }] }),
    {},
    /^error generating params from git: unable to process file 'apps\/guestbook\/app.yaml' from repository 'https:\/\/git.example.com\/r.git': unable to parse file: /,
  ],
  [
    { clusterDecisionResource: { configMapRef: 'c', name: 'x' } },
    {},
    /^error reading configMapRef: configmaps "c" not found$/,
  ],
  [
    { plugin: { configMapRef: { name: 'c' } } },
    {},
    /^error getting plugin from generator: error fetching ConfigMap: ConfigMap "c" not found$/,
  ],
]

test('says what is wrong in the words of upstream', async () => {
  for (const [generator, spec, text] of FAULTS) {
    await assert.rejects(
      generated(generator, spec, GIT),
      (error) => text.test(String(Object(error).message)),
      String(text),
    )
  }
})

test('a generator that gives too much is stopped by name', async () => {
  const elements = Array.from({ length: 100_000 }, () => ({ a: 'x' }))
  const some = list(...elements.slice(0, 300))

  await assert.rejects(
    generated(list(...elements)),
    /the list generator gives more than the 20000 parameter sets allowed/,
  )
  await assert.rejects(
    generated({ matrix: { generators: [some, some] } }, GO),
    /the matrix generator gives more than the 20000/,
  )
})

test('asks again at the shortest time a generator names', () => {
  const entries = (generators: readonly object[]): number | undefined =>
    requeueAfterMs(applicationSetOf(generators).spec.generators, TABLE)

  assert.equal(entries([list()]), undefined)
  assert.equal(entries([list(), git({})]), 180_000)
  assert.equal(entries([git({}), git({ requeueAfterSeconds: 20 })]), 20_000)
  assert.equal(entries([{ plugin: { configMapRef: { name: 'c' } } }]), 1_800_000)
  assert.equal(
    entries([{ matrix: { generators: [list(), { merge: { mergeKeys: ['a'], generators: [git({}), list()] } }] } }]),
    180_000,
  )
})
