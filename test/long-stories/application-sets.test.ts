// ApplicationSets over time: steps that fail and heal, policies of deletion, clusters that come and go, a thousand Applications, hostile input.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import type { ApplicationSet } from '../../src/crds/application-set.ts'
import {
  apply,
  conditionOf,
  isUpToDate,
  readSet,
  remove,
  setOf,
  until,
  untilApplications,
  untilSet,
} from '../support/application-set-story.ts'
import { isRealClusterWanted } from '../support/story-cluster.ts'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder, type TestRepository } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const DESTINATION = { name: 'in-cluster', namespace: 'default' }

function parameters(values: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cmd-params-cm', namespace: 'argocd' },
    data: values,
  }
}

async function configure(story: StoryPlane, values: Readonly<Record<string, string>>): Promise<void> {
  await apply(story, parameters(values) as never)
}

function listOf(elements: readonly object[], template: object, more: object = {}): Readonly<Record<string, unknown>> {
  return { goTemplate: true, generators: [{ list: { elements } }], template, ...more }
}

function templateFrom(repoURL: string): object {
  return {
    metadata: { name: '{{.name}}', labels: { env: '{{.env}}' } },
    spec: {
      project: 'default',
      source: { repoURL, path: '{{.name}}', targetRevision: 'main' },
      destination: DESTINATION,
      syncPolicy: { automated: {}, retry: { limit: 0 } },
    },
  }
}

const ENVIRONMENTS = [
  { name: 'dev', env: 'dev' },
  { name: 'qa', env: 'qa' },
  { name: 'prod', env: 'prod' },
]

function step(env: string): object {
  return { matchExpressions: [{ key: 'env', operator: 'In', values: [env] }] }
}

function rollingSync(more: object = {}): object {
  return { strategy: { type: 'RollingSync', rollingSync: { steps: ['dev', 'qa', 'prod'].map(step) }, ...more } }
}

function statuses(set: ApplicationSet): string {
  return (set.status?.applicationStatus ?? []).map(({ application, status }) => `${application}:${status}`).join(' ')
}

async function openStory(t: TestContext): Promise<{ readonly story: StoryPlane; readonly repository: TestRepository }> {
  const story = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  return { story, repository }
}

async function deployed(story: StoryPlane, name: string): Promise<boolean> {
  return (await story.live('v1', 'ConfigMap', `default/${name}`)) !== undefined
}

/** The real API server shares its processors with everything else here, and is asked for each of them some times. */
const MANY = isRealClusterWanted() ? 200 : 1000

describe('ApplicationSets', () => {
  test('a failing step holds back the later ones until it heals; deletion goes backwards', async (t) => {
    const { story, repository } = await openStory(t)
    const broken = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'Not A Name' } })
    repository.commit({
      'dev/cm.json': configMap('dev', '1'),
      'qa/cm.json': broken,
      'prod/cm.json': configMap('prod', '1'),
    })
    await configure(story, { 'applicationsetcontroller.enable.progressive.syncs': 'true' })

    await apply(
      story,
      setOf('steps', listOf(ENVIRONMENTS, templateFrom(repository.url), rollingSync({ deletionOrder: 'Reverse' }))),
    )
    const stopped = await untilSet(story, 'steps', (set) => statuses(set) === 'dev:Healthy prod:Waiting qa:Progressing')

    assert.equal(conditionOf(stopped, 'RolloutProgressing'), 'True ApplicationSetModified')
    assert.deepEqual([await deployed(story, 'dev'), await deployed(story, 'prod')], [true, false])
    assert.ok(stopped.metadata.finalizers?.includes('resources-finalizer.argocd.argoproj.io'))

    repository.commit({ 'qa/cm.json': configMap('qa', '1') })
    const healed = await untilSet(story, 'steps', (set) => statuses(set) === 'dev:Healthy prod:Healthy qa:Healthy')
    await untilSet(
      story,
      'steps',
      (set) => conditionOf(set, 'RolloutProgressing') === 'False ApplicationSetRolloutComplete',
    )
    const prod = await story.application('prod', isSynced)

    assert.equal(healed.status?.applicationStatus?.find(({ application }) => application === 'prod')?.step, '3')
    assert.equal(prod.spec.syncPolicy?.automated?.enabled, false)

    const gone: string[] = []
    const stop = story.plane.applications.onChange(({ type, object }) => {
      if (type === 'DELETED') gone.push(object.metadata.name ?? '')
    })
    await remove(story, 'ApplicationSet', 'steps')
    await untilApplications(story, [])
    await until('the end of the set', async () => ({
      value: true,
      isDone: (await readSet(story, 'steps')) === undefined,
    }))
    stop()

    assert.deepEqual(gone, ['prod', 'qa', 'dev'])
  })

  test('policies keep Applications that may not be changed or deleted, and preserved fields survive', async (t) => {
    const { story, repository } = await openStory(t)
    repository.commit({ 'dev/cm.json': configMap('dev', '1'), 'qa/cm.json': configMap('qa', '1') })
    const template = templateFrom(repository.url)
    // Without it Kubernetes' garbage collector would be faster than the controller that lets go of the Applications.
    const held = ['resources-finalizer.argocd.argoproj.io']
    const policy = (applicationsSync: string): object => ({
      syncPolicy: { applicationsSync },
      preservedFields: { annotations: ['mine'] },
    })

    await apply(story, setOf('kept', listOf(ENVIRONMENTS.slice(0, 2), template, policy('create-update')), held))
    await story.application('dev', isSynced)
    const type = await story.client.resourceOf({ group: 'argoproj.io', kind: 'Application' })
    assert.ok(type)
    const patch = { metadata: { annotations: { mine: 'x', theirs: 'y' } } }
    await story.client.patch({ type, namespace: 'argocd', name: 'dev' }, 'merge', patch)
    const cleaned = await story.application(
      'dev',
      ({ metadata }) => metadata.annotations?.['theirs'] === undefined && metadata.annotations?.['mine'] === 'x',
    )
    await apply(story, setOf('kept', listOf(ENVIRONMENTS.slice(0, 1), template, policy('create-update')), held))
    await untilSet(story, 'kept', (set) => isUpToDate(set) && set.status?.resourcesCount === 2)

    assert.equal(cleaned.metadata.annotations?.['mine'], 'x')
    await remove(story, 'ApplicationSet', 'kept')
    const left = await until('Applications without an owner', async () => {
      const applications = await untilApplications(story, ['dev', 'qa'])
      return {
        value: applications,
        isDone: applications.every(({ metadata }) => (metadata.ownerReferences ?? []).length === 0),
      }
    })
    assert.ok(left.every(({ metadata }) => metadata.deletionTimestamp === undefined))
    assert.ok(await deployed(story, 'qa'))
  })

  test('clusters that are registered get an Application, and lose it when they go', async (t) => {
    const { story } = await openStory(t)
    const secret = (name: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `cluster-${name}`,
        namespace: 'argocd',
        labels: { 'argocd.argoproj.io/secret-type': 'cluster', env: name },
      },
      stringData: { name, server: `https://${name}.invalid:6443`, config: '{"bearerToken":"none"}' },
    })
    const spec = {
      goTemplate: true,
      generators: [
        {
          clusters: {
            selector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] },
            values: { at: '{{.server}}' },
          },
        },
      ],
      template: {
        metadata: { name: 'on-{{.nameNormalized}}', annotations: { at: '{{.values.at}}' } },
        spec: {
          project: 'default',
          source: { repoURL: 'https://git.invalid/r.git', path: '.', targetRevision: 'main' },
          destination: { server: '{{.server}}', namespace: 'default' },
        },
      },
    }

    await apply(story, setOf('fleet', spec))
    await untilSet(story, 'fleet', isUpToDate)
    await apply(story, secret('east') as never)
    await apply(story, secret('west') as never)
    const [east] = await untilApplications(story, ['on-east', 'on-west'])
    const secrets = await story.client.resourceOf({ group: '', kind: 'Secret' })
    assert.ok(secrets)
    await story.client.delete({ type: secrets, namespace: 'argocd', name: 'cluster-east' })

    await untilApplications(story, ['on-west'])
    assert.equal(east?.metadata.annotations?.['at'], 'https://east.invalid:6443')
  })

  test(`${MANY} Applications come and go with their set`, async (t) => {
    const { story } = await openStory(t)
    const elements = Array.from({ length: MANY }, (_, index) => ({ name: `app-${index}`, env: 'dev' }))
    const template = {
      metadata: { name: '{{.name}}' },
      spec: { project: 'default', source: { repoURL: 'file:///nowhere', path: '{{.name}}' }, destination: DESTINATION },
    }

    const startMs = performance.now()
    await apply(story, setOf('many', listOf(elements, template)))
    const set = await untilSet(story, 'many', isUpToDate)
    const tookMs = performance.now() - startMs
    await remove(story, 'ApplicationSet', 'many')
    await untilApplications(story, [])

    assert.equal(set.status?.resourcesCount, MANY)
    t.diagnostic(`${MANY} Applications after ${Math.round(tookMs)} ms`)
  })

  test('generators that flood, templates that bomb and Applications of others end in conditions', async (t) => {
    const { story } = await openStory(t)
    const flood = JSON.stringify({
      output: { parameters: Array.from({ length: 100_000 }, (_, index) => ({ name: `n${index}` })) },
    })
    const answers = new Map<string, readonly [number, string]>([
      ['flood', [200, flood]],
      ['garbage', [200, '<html>']],
      ['refused', [403, '{"message":"no such token"}']],
      ['late', [429, 'later']],
    ])
    const server = createServer((request, response) => {
      const [status, text] = answers.get(request.url?.split('/')[1] ?? '') ?? [404, '']
      response.writeHead(status).end(text)
    }).listen(0, '127.0.0.1')
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    await once(server, 'listening')
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // it listens on a port
    await apply(story, secretOf('plugin', { token: 'abc' }) as never)
    for (const name of answers.keys()) {
      const data = { baseUrl: `${base}/${name}`, token: '$plugin:token' }
      await apply(story, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'argocd' },
        data,
      } as never)
    }
    const template = {
      metadata: { name: '{{.name}}' },
      spec: { project: 'default', source: { repoURL: 'file:///nowhere', path: '.' }, destination: DESTINATION },
    }
    const asked = (name: string): object => ({
      goTemplate: true,
      generators: [{ plugin: { configMapRef: { name } } }],
      template,
    })
    const bomb = { ...template, metadata: { name: '{{ range until 1000 }}{{ range until 1000 }}x{{ end }}{{ end }}' } }
    const twice = [{ name: 'same' }, { name: 'same' }]
    const cases: readonly (readonly [string, object, string, RegExp])[] = [
      [
        'flood',
        asked('flood'),
        'ApplicationGenerationFromParamsError',
        /the plugin generator gives more than the 20000 parameter sets allowed/,
      ],
      ['garbage', asked('garbage'), 'ApplicationGenerationFromParamsError', /the plug-in's answer is no .*<html>/],
      [
        'refused',
        asked('refused'),
        'ApplicationGenerationFromParamsError',
        /API error with status code 403: no such token/,
      ],
      ['late', asked('late'), 'ApplicationGenerationFromParamsError', /API error with status code 429: later/],
      ['bomb', listOf([{ name: 'a' }], bomb), 'RenderTemplateParamsError', /more steps than allowed/],
      [
        'twice',
        listOf(twice, template),
        'ApplicationValidationError',
        /contains applications with duplicate name: same/,
      ],
      [
        'lost',
        listOf([{ name: 'a' }], { ...template, spec: { ...template.spec, project: 'none' } }),
        'ApplicationValidationError',
        /references project none which does not exist/,
      ],
      [
        'stolen',
        listOf([{ name: 'taken' }], template),
        'UpdateApplicationError',
        /is already owned by another ApplicationSet controller owner/,
      ],
    ]

    await apply(story, setOf('owner', listOf([{ name: 'taken' }], template)))
    await untilSet(story, 'owner', isUpToDate)
    for (const [name, spec] of cases) await apply(story, setOf(name, spec as Readonly<Record<string, unknown>>)) // objects of specs
    for (const [name, , reason, message] of cases) {
      const set = await untilSet(story, name, (one) => conditionOf(one, 'ErrorOccurred')?.startsWith('True') === true)
      const error = set.status?.conditions?.find(({ type }) => type === 'ErrorOccurred')
      assert.equal(error?.reason, reason, name)
      assert.match(error?.message ?? '', message, name)
      assert.equal(set.status?.health?.status, 'Degraded')
    }
    await untilApplications(story, ['taken'])
  })

  test('an annotation asks for a run at once', async (t) => {
    const { story, repository } = await openStory(t)
    repository.commit({ 'apps/one.json': '{"name":"one"}' })
    const spec = {
      goTemplate: true,
      generators: [
        {
          git: {
            repoURL: repository.url,
            revision: 'main',
            files: [{ path: 'apps/*.json' }],
            requeueAfterSeconds: 3600,
          },
        },
      ],
      template: {
        metadata: { name: '{{.name}}' },
        spec: {
          project: 'default',
          source: { repoURL: repository.url, path: '{{.path.path}}' },
          destination: DESTINATION,
        },
      },
    }
    await apply(story, setOf('files', spec))
    await untilApplications(story, ['one'])
    repository.commit({ 'apps/two.json': '[{"name":"two"},{"name":"three"}]' })
    const type = await story.client.resourceOf({ group: 'argoproj.io', kind: 'ApplicationSet' })
    assert.ok(type)
    const annotations = { 'argocd.argoproj.io/application-set-refresh': 'true' }
    await story.client.patch({ type, namespace: 'argocd', name: 'files' }, 'merge', { metadata: { annotations } })

    await untilApplications(story, ['one', 'two', 'three'])
    // They may have come with the push, which is seen here, before the annotation was worked off; the status follows.
    const refreshed = await untilSet(
      story,
      'files',
      ({ metadata, status }) => Object.keys(metadata.annotations ?? {}).length === 0 && status?.resourcesCount === 3,
    )

    assert.equal(refreshed.status?.resourcesCount, 3)
  })
})

function secretOf(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'argocd' }, stringData }
}
