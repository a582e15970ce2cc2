// Tests of what becomes of parameters: templates in both modes, overrides, patches, finalizers, limits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applicationSetOf, contextOf } from '../../test/support/application-sets.ts'
import { generateApplications } from './applications.ts'
import { GenerationError } from './generation-error.ts'
import { branchSlug, makeSlug, sanitizeName } from './names.ts'
import { createGenerators } from './table.ts'

const TABLE = createGenerators()
const GO = { goTemplate: true, goTemplateOptions: ['missingkey=error'] }

function template(metadata: object, spec: object = {}): object {
  return { template: { metadata, spec: { project: 'default', destination: { name: 'in-cluster' }, ...spec } } }
}

async function generated(
  elements: readonly object[],
  spec: object,
  own: object = {},
): Promise<readonly Record<string, never>[]> {
  const set = applicationSetOf([{ list: { elements, ...own } }], spec)
  const applications = await generateApplications(TABLE, contextOf(set))
  // Read as JSON by the assertions.
  return applications as never
}

/** The text a template gives in the name of an Application. */
async function rendered(text: string, element: object, spec: object = GO): Promise<unknown> {
  const [application] = await generated([element], { ...spec, ...template({ name: text }) })
  return (application?.['metadata'] as Record<string, unknown> | undefined)?.['name']
}

const TEXTS: readonly (readonly [string, object, string])[] = [
  ['{{.a}}', { a: 'x' }, 'x'],
  ['{{.n}}', { n: 3 }, '3'],
  ['{{.n}}', { n: 1e21 }, '1e+21'],
  ['{{ index .l 1 }}', { l: ['a', 'b'] }, 'b'],
  ['{{ .a | upper | trunc 2 }}', { a: 'xyz' }, 'XY'],
  ['{{ normalize .a }}', { a: 'Feature/Some_Thing.' }, 'feature-some-thing'],
  [
    '{{ slugify .a }}',
    { a: 'feat/a_really+long_pull_request_name_to_test_argo_slugification_and_more' },
    'feat-a-really-long-pull-request-name-to-test-argo',
  ],
  ['{{ slugify 23 .a }}', { a: 'feat/areallylongpullrequestname' }, 'feat'],
  ['{{ slugify 23 false .a }}', { a: 'feat/areallylongpullrequestname' }, 'feat-areallylongpullreq'],
  ['{{ toYaml .a }}', { a: { c: 1, b: ['x'] } }, 'b:\n- x\nc: 1'],
  ['{{ (fromYaml .a).b }}', { a: 'b: 2' }, '2'],
  ['{{ index (fromYamlArray .a) 1 }}', { a: '[1, two]' }, 'two'],
  ['{{ if .on }}yes{{ else }}no{{ end }}', { on: true }, 'yes'],
  ['{{ dig "a" "b" "none" . }}', { a: { b: 'found' } }, 'found'],
]

test('renders goTemplate with Sprig and upstream’s own functions', async () => {
  for (const [text, element, expected] of TEXTS) assert.equal(await rendered(text, element), expected, text)
})

const FAULTS: readonly (readonly [string, object, RegExp])[] = [
  [
    '{{.b}}',
    GO,
    /^failed to execute go template {{\.b}}: template: base:1:2: executing "base" at <\.b>: map has no entry for key "b"$/,
  ],
  ['{{.b', GO, /^failed to parse template {{\.b: template: base:1: unclosed action$/],
  ['{{ env "HOME" }}', GO, /function "env" not defined$/],
  ['{{ expandenv "x" }}', GO, /function "expandenv" not defined$/],
  ['{{ getHostByName "x" }}', GO, /function "getHostByName" not defined$/],
  ['{{ slugify "x" .a }}', GO, /error calling slugify: interface conversion: interface {} is string, not int$/],
  [
    '{{ fromYaml .a }}',
    GO,
    /error calling fromYaml: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal string into Go value of type map\[string\]interface {}$/,
  ],
  ['x', { goTemplate: true, goTemplateOptions: ['missingkey=never'] }, /^unrecognized option: missingkey=never$/],
]

test('says why a template fails in the words of upstream', async () => {
  for (const [text, spec, message] of FAULTS) {
    await assert.rejects(
      async () => rendered(text, { a: 'x' }, spec),
      (error) => message.test(String(Object(error).message)),
      text,
    )
  }
})

test('a missing key is <no value> by default and empty with zero for texts alone', async () => {
  assert.equal(await rendered('{{.b}}', { a: 'x' }, { goTemplate: true }), '<no value>')
  assert.equal(
    await rendered('{{.b}}', { a: 'x' }, { goTemplate: true, goTemplateOptions: ['missingkey=zero'] }),
    '<no value>',
  )
})

test('without goTemplate tags are names, and what nobody knows stays', async () => {
  assert.equal(await rendered('{{ a }}-{{b}}', { a: 'x' }, {}), 'x-{{b}}')
})

test('renders keys, free values and lists, and leaves numbers alone', async () => {
  const spec = template(
    { name: '{{.a}}', annotations: { '{{.a}}-key': '{{.a}}' } },
    {
      source: { repoURL: 'r', helm: { valuesObject: { '{{.a}}': ['{{.a}}', 3, { deep: '{{.a}}' }] } } },
      revisionHistoryLimit: 3,
    },
  )

  const [application] = await generated([{ a: 'x' }], { ...GO, ...spec })

  assert.deepEqual(application, {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: 'x',
      namespace: 'argocd',
      annotations: { 'x-key': 'x' },
      finalizers: ['resources-finalizer.argocd.argoproj.io'],
    },
    spec: {
      project: 'default',
      destination: { name: 'in-cluster' },
      source: { repoURL: 'r', helm: { valuesObject: { x: ['x', 3, { deep: 'x' }] } } },
      revisionHistoryLimit: 3,
    },
  })
})

test('adds the finalizer unless the template has some or the policy preserves', async () => {
  const finalizersOf = async (
    metadata: object,
    more: object = {},
    elements: readonly object[] = [{ a: 'x' }],
  ): Promise<unknown> => {
    const [application] = await generated(elements, { ...GO, ...template({ name: 'n', ...metadata }), ...more })
    return (application?.['metadata'] as Record<string, unknown> | undefined)?.['finalizers']
  }

  assert.deepEqual(await finalizersOf({}), ['resources-finalizer.argocd.argoproj.io'])
  assert.deepEqual(await finalizersOf({ finalizers: ['own/one'] }), ['own/one'])
  assert.equal(await finalizersOf({}, { syncPolicy: { preserveResourcesOnDeletion: true } }), undefined)
  assert.equal(await finalizersOf({}, {}, [{}]), undefined)
})

test('a generator’s template stands over the set’s, and what it leaves empty is filled', async () => {
  const own = {
    template: {
      metadata: { name: 'own-{{.a}}', labels: { both: 'own' } },
      spec: {
        project: '',
        destination: {},
        source: { repoURL: '', path: 'own' },
        syncPolicy: { syncOptions: ['A=b'] },
      },
    },
  }
  const base = template(
    { name: 'base', namespace: 'elsewhere', labels: { both: 'base', base: 'b' } },
    {
      source: { repoURL: 'r', path: 'base', targetRevision: 'v1' },
      syncPolicy: { syncOptions: ['C=d'], automated: { prune: true } },
    },
  )

  const [application] = await generated([{ a: 'x' }], { ...GO, ...base }, own)

  assert.deepEqual(application?.['metadata'], {
    name: 'own-x',
    namespace: 'argocd',
    labels: { both: 'own', base: 'b' },
    finalizers: ['resources-finalizer.argocd.argoproj.io'],
  })
  assert.deepEqual(application?.['spec'], {
    project: 'default',
    destination: { name: 'in-cluster' },
    source: { repoURL: 'r', path: 'own', targetRevision: 'v1' },
    syncPolicy: { syncOptions: ['A=b'], automated: { prune: true } },
  })
})

test('templatePatch merges, deletes and replaces lists, but never leaves the project', async () => {
  const templatePatch = [
    'metadata: {annotations: {a: "{{.a}}", gone: null}, finalizers: [more/one]}',
    'spec:',
    '  project: other',
    '  source: {helm: {valueFiles: [{{ range .files }}"{{ . }}",{{ end }}]}}',
  ].join('\n')
  const spec = template(
    { name: 'n', annotations: { gone: 'x', kept: 'y' } },
    { source: { repoURL: 'r', helm: { valueFiles: ['old'] } } },
  )

  const [application] = await generated([{ a: 'x', files: ['1', '2'] }], { ...GO, ...spec, templatePatch })

  assert.deepEqual(application?.['metadata'], {
    name: 'n',
    namespace: 'argocd',
    annotations: { a: 'x', kept: 'y' },
    // Strategic merge puts what the patch adds first.
    finalizers: ['more/one', 'resources-finalizer.argocd.argoproj.io'],
  })
  assert.deepEqual(application?.['spec'], {
    project: 'default',
    destination: { name: 'in-cluster' },
    source: { repoURL: 'r', helm: { valueFiles: ['1', '2'] } },
  })
})

test('a patch that is none is refused', async () => {
  const patches: readonly (readonly [string, RegExp])[] = [
    ['{{.b}}', /^error replacing values in templatePatch: failed to execute go template/],
    ['a: [', /^error while converting template to json/],
    ['- a', /^invalid templatePatch/],
    [
      'spec: {source: {repoURL: 3}}',
      /^invalid templatePatch .*cannot unmarshal number into Go struct field Application\.spec\.source\.repoURL of type string$/,
    ],
    ['spec: x', /^invalid templatePatch .*cannot unmarshal string/],
  ]
  for (const [templatePatch, message] of patches) {
    await assert.rejects(
      async () => generated([{ a: 'x' }], { ...GO, ...template({ name: 'n' }), templatePatch }),
      (error) =>
        error instanceof GenerationError && error.reason === 'RenderTemplateParamsError' && message.test(error.message),
      templatePatch,
    )
  }
})

test('a template that bombs is stopped, and so is a set of a hundred thousand', async () => {
  const bombs = [
    '{{ range until 1000 }}{{ range until 1000 }}x{{ end }}{{ end }}',
    '{{ define "t" }}{{ range until 900 }}{{ template "u" . }}{{ end }}{{ end }}{{ define "u" }}{{ range until 900 }}y{{ end }}{{ end }}{{ template "t" . }}',
    '{{ repeat 5000000 "x" }}',
  ]
  for (const text of bombs) await assert.rejects(async () => rendered(text, { a: 'x' }), { code: 'limit' }, text)

  const elements = Array.from({ length: 15_000 }, (_, index) => ({ a: String(index) }))
  const set = applicationSetOf([{ list: { elements } }, { list: { elements } }], template({ name: '{{a}}' }))
  await assert.rejects(generateApplications(TABLE, contextOf(set)), {
    code: 'limit',
    reason: 'ApplicationGenerationFromParamsError',
  })
})

test('every generator is asked, and the first fault is told', async () => {
  const set = applicationSetOf([{ list: { elements: [{ a: 1 }] } }, { list: { elementsYaml: 'x: [' } }])

  await assert.rejects(generateApplications(TABLE, contextOf(set)), {
    reason: 'ApplicationGenerationFromParamsError',
    message: /^error parsing value as string/,
  })
})

test('makes names as DNS and URLs have them', () => {
  assert.equal(sanitizeName('..A/b_C--'), 'a-b-c')
  assert.equal(sanitizeName('x'.repeat(300)), 'x'.repeat(253))
  assert.equal(makeSlug('Tom & Jerry @ home—now'), 'tom-and-jerry-at-home-now')
  assert.equal(makeSlug('Straße café'), 'strasse-cafe')
  assert.equal(branchSlug('feature/ABC_12--x'), 'feature-abc-12-x')
  assert.equal(makeSlug('abcdef', { maxLength: 3, isSmart: true }), 'abc')
})
