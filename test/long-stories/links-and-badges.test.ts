// Deep links of argocd-cm and status badges, as pages elsewhere use them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { isSynced, startStoryPlane, type StoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'
import { deliverFrom } from '../support/private-repository.ts'

const APPLICATION_LINKS = `
- title: Dashboard
  url: 'https://grafana.example.com/d/{{ .app.metadata.name }}?cluster={{ .cluster.name }}'
  description: how it does
  icon.class: fa-chart-line
- title: Hidden
  url: 'https://x'
  if: application.spec.project == "other"
- title: Broken
  url: '{{ .app.metadata'
`
const RESOURCE_LINKS = `
- title: Logs
  url: 'https://logs.example.com/{{ .resource.metadata.namespace }}/{{ .resource.metadata.name }}?p={{ .project.metadata.name }}'
  if: resource.kind == "ConfigMap"
`
const PROJECT_LINKS = `- {title: Team, url: 'https://wiki.example.com/{{ .project.metadata.name }}'}`

interface Links {
  readonly items?: readonly object[]
}

async function setSettings(story: StoryPlane, data: Readonly<Record<string, string>>): Promise<void> {
  const type = await story.client.resourceOf({ group: '', kind: 'ConfigMap' })
  assert.ok(type)
  await story.client.patch({ type, namespace: 'argocd', name: 'argocd-cm' }, 'merge', { data: { ...data } })
}

/** Settings act as soon as they are seen. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (isSo(answer)) return answer
    await new Promise((resolve) => void setTimeout(resolve, 20))
  }
}

test('links lead to what belongs to an application, its resources and its project; badges show how it is', async (t) => {
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  repository.commit({ 'web/one.json': configMap('one', 'first') })
  const story = await startStoryPlane(t)
  await deliverFrom(story, repository.url)
  await story.application('web', isSynced)
  await setSettings(story, {
    'application.links': APPLICATION_LINKS,
    'resource.links': RESOURCE_LINKS,
    'project.links': PROJECT_LINKS,
    'statusbadge.enabled': 'true',
  })

  const list = (method: string, request: object): Promise<Links> =>
    until(
      () => story.api.call<Links>(method, { ...request }),
      ({ items = [] }) => items.length > 0,
    )
  const application = await list('application.ApplicationService/ListLinks', { name: 'web' })
  const resource = await list('application.ApplicationService/ListResourceLinks', { name: 'web', kind: 'ConfigMap', version: 'v1', namespace: 'web', resourceName: 'one' }) // prettier-ignore
  const project = await list('project.ProjectService/ListLinks', { name: 'default' })

  const url = 'https://grafana.example.com/d/web?cluster=in-cluster'
  assert.deepEqual(application.items, [
    { title: 'Dashboard', url, description: 'how it does', iconClass: 'fa-chart-line' },
  ])
  assert.deepEqual(resource.items, [{ title: 'Logs', url: 'https://logs.example.com/web/one?p=default' }])
  assert.deepEqual(project.items, [{ title: 'Team', url: 'https://wiki.example.com/default' }])

  const badge = async (query: string): Promise<string> => (await fetch(`${story.plane.url}/api/badge?${query}`)).text()
  const shown = await until(
    () => badge('name=web&revision=true'),
    (svg) => svg.includes('>Healthy<'),
  )
  assert.match(shown, />Synced</)
  const { status } = await story.application('web', () => true)
  assert.ok(shown.includes(`(${status?.sync?.revision?.slice(0, 7) ?? ''})`), shown)
  assert.match(await badge('name=none'), />Not Found</)
})
