import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Secret } from '../base/secret.ts'
import type { NotificationsConfig } from './config.ts'
import { parseNotificationsConfig } from './config.ts'
import { Facts } from './facts.ts'
import type { SourceFacts } from './functions.ts'
import { MAX_NOTIFICATION_LENGTH, Templates } from './templates.ts'
import { Triggers } from './triggers.ts'
import { createSubject, variablesFor, type Subject } from './variables.ts'

const NOW = Date.parse('2026-03-04T05:06:07Z')
const nowMs = (): number => NOW
const APP = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name: 'guestbook', namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL: 'git@github.com:argoproj/examples.git', path: 'guestbook' },
    info: [{ name: 'owner', value: 'ada' }],
    revisionHistoryLimit: 1_000_000,
  },
  status: {
    sync: { status: 'Synced', revision: 'abc' },
    health: { status: 'Healthy', lastTransitionTime: '2026-03-04T05:05:00Z' },
    operationState: {
      phase: 'Succeeded',
      startedAt: '2026-03-04T05:04:00Z',
      finishedAt: '2026-03-04T05:05:30Z',
      syncResult: { revision: 'abc' },
    },
  },
}

function configOf(data: Readonly<Record<string, string>>): NotificationsConfig {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data }
  return { ...parseNotificationsConfig(map, undefined, 'argocd'), secrets: new Map([['key', new Secret('value')]]) }
}

function subjectOf(sources?: SourceFacts): Subject {
  const project = { apiVersion: 'v1', kind: 'AppProject', metadata: { name: 'default' }, spec: { description: 'all' } }
  return createSubject({
    object: APP,
    project,
    facts: new Facts(),
    nowMs,
    ...(sources === undefined ? {} : { sources }),
  })
}

const TO = { service: 'slack', recipient: 'chan' }

function render(block: unknown, sources?: SourceFacts) {
  const config = configOf({ 'template.t': JSON.stringify(block), context: 'argocdUrl: https://cd' })
  const templates = new Templates(config.templates, nowMs)
  const subject = subjectOf(sources)
  const variables = variablesFor(subject, config, { to: TO, hidesSecrets: false })
  return subject.facts.resolve(() => templates.render(['t'], variables))
}

async function message(text: string, sources?: SourceFacts): Promise<string> {
  return (await render({ message: text }, sources)).message
}

describe('a trigger', () => {
  function run(when: string, oncePer = ''): ReturnType<Triggers['run']>[number] | undefined {
    const config = configOf({ 'trigger.t': JSON.stringify([{ when, oncePer, send: ['x'] }]) })
    const variables = variablesFor(subjectOf(), config, { hidesSecrets: false })
    return new Triggers(config.triggers, nowMs).run('t', variables)[0]
  }

  test('is told by the hash of its condition, as upstream has it', () => {
    const result = run("app.status.health.status == 'Degraded'")

    assert.deepEqual([result?.key, result?.isTriggered], ['[0].zoG5zUjYGjimkwCGgIQGjx1hO5s', false])
  })

  const HOLDS: readonly (readonly [string, boolean])[] = [
    [
      "app.status.operationState != nil and app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy' and (!time.Parse(app.status.health.lastTransitionTime).Add(1 * time.Minute).Before(time.Parse(app.status.operationState.finishedAt)) or time.Parse(app.status.health.lastTransitionTime).Before(time.Parse(app.status.operationState.startedAt)))",
      true,
    ],
    ['time.Now().Sub(time.Parse(app.status.operationState.startedAt)).Minutes() >= 2', true],
    ['app.metadata.deletionTimestamp != nil', false],
    ['app.status.nothing.at.all == 1', false],
    ["sync.GetInfoItem(app, 'owner') == 'ada'", true],
    ["strings.ToUpper(app.metadata.name) == 'GUESTBOOK'", true],
    ["repo.FullNameByRepoURL(app.spec.source.repoURL) == 'argoproj/examples'", true],
    ["appProject.spec.description == 'all'", true],
    ['app.spec.revisionHistoryLimit == 1000000', true],
    ['"text"', false],
    ['this is ( wrong', false],
    ['', false],
  ]
  for (const [when, holds] of HOLDS) {
    test(`${holds ? 'holds' : 'does not hold'}: ${when.slice(0, 60)}`, () =>
      assert.equal(run(when)?.isTriggered, holds))
  }

  test('that bombs does not hold, and says why', () => {
    assert.match(run('len(map(1..1000, map(1..1000, # * 2))) > 0')?.fault ?? '', /budget exceeded/)
  })

  test('is sent once per what it names', () => {
    assert.equal(run('true', 'app.status.operationState?.syncResult?.revision')?.oncePer, 'abc')
    assert.equal(run('true', 'app.status.none?.x')?.oncePer, '<nil>')
    assert.equal(run('false', 'app.metadata.name')?.oncePer, '')
  })
})

describe('a template', () => {
  const TEXTS: readonly (readonly [string, string])[] = [
    ['{{.app.metadata.name}} {{.serviceType}} {{.recipient}}', 'guestbook slack chan'],
    ['{{.context.argocdUrl}}/{{.context.notificationType}}', 'https://cd/slack'],
    ['{{.app.spec.revisionHistoryLimit}}', '1000000'],
    ['{{call .repo.RepoURLToHTTPS .app.spec.source.repoURL}}', 'https://github.com/argoproj/examples.git'],
    ['{{call .repo.QueryEscape "a b&c"}}', 'a+b%26c'],
    ['{{(call .time.Parse .app.status.operationState.finishedAt).Format .time.Kitchen}}', '5:05AM'],
    ['{{toString .secrets.key}}', 'value'],
    ['{{.app.missing | default "none" | upper}}', 'NONE'],
  ]
  for (const [text, wanted] of TEXTS) test(text, async () => assert.equal(await message(text), wanted))

  test('asks the repository once for what it wants to know', async () => {
    const asked: string[] = []
    const sources: SourceFacts = {
      async commit(repoURL, revision, project) {
        asked.push(`${repoURL} ${revision} ${project}`)
        return { message: 'fix', author: 'Ada <a@b>', date: '2026-01-02T03:04:05Z', tags: ['v1'] }
      },
      details: async () => ({
        type: 'Helm',
        helm: {
          parameters: [
            { name: 'a', value: '1' },
            { name: 'b', value: '2' },
          ],
        },
        parameterOverrides: [{ name: 'a', value: '9' }],
      }),
    }
    const text =
      '{{(call .repo.GetCommitMetadata "abc").Message}} {{(call .repo.GetCommitMetadata "abc").Author}} ' +
      '{{(call .repo.GetCommitMetadata "abc").Date.Year}} {{with call .repo.GetAppDetails}}{{.Type}} ' +
      '{{.Helm.GetParameterValueByName "a"}}{{.Helm.GetParameterValueByName "b"}}{{end}}'

    assert.equal(await message(text, sources), 'fix Ada <a@b> 2026 Helm 92')
    assert.deepEqual(asked, ['git@github.com:argoproj/examples.git abc default'])
  })

  test('fails with what the repository said', async () => {
    await assert.rejects(
      message('{{(call .repo.GetCommitMetadata "x").Message}}'),
      /the repository cannot be asked here/,
    )
  })

  test('fills its blocks, and those of a kind of service with what that kind assumes', async () => {
    const { blocks } = await render({
      message: 'm',
      email: { subject: '{{.app.metadata.name}}' },
      webhook: { hook: { method: 'POST', body: '{{.app.status.sync.revision}}' } },
      github: { status: { state: 'success', label: '{{.app.metadata.name}}' } },
      slack: { notifyBroadcast: true },
    })

    assert.deepEqual(blocks, {
      email: { subject: 'guestbook' },
      webhook: { hook: { method: 'POST', body: 'abc' } },
      github: {
        repoURLPath: 'git@github.com:argoproj/examples.git',
        revisionPath: 'abc',
        status: { state: 'success', label: 'guestbook' },
      },
      slack: { notifyBroadcast: true },
    })
  })

  test('that bombs is stopped', async () => {
    await assert.rejects(message(`{{range until 1000000}}{{range until 1000000}}x{{end}}{{end}}`))
    await assert.rejects(message(`{{repeat ${MAX_NOTIFICATION_LENGTH + 1} "x"}}`))
    await assert.rejects(message(`{{range until 100}}{{htpasswd "a" "b"}}{{end}}`), /keys and hashes/)
    await assert.rejects(message(`{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`))
  })
})
