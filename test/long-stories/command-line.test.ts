// The command line of the guide, from login to delete, each command a process of its own.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { commandLine, loggedIn } from '../support/command-line.ts'
import { ADMIN_PASSWORD, isSynced, startStoryPlane } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { configMap } from '../support/manifests.ts'

const CREATE =
  'app create web --path web --revision main --dest-server https://kubernetes.default.svc --dest-namespace web --sync-option CreateNamespace=true --repo'

test('[001-12] the first steps of the guide: log in, create, look, compare, sync', async (t) => {
  const { plane, live } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const revision = repository.commit({ 'web/one.json': configMap('one', 'a') })
  const line = commandLine(t)
  const { host } = new URL(plane.url)

  const login = await line.ok(`login ${host} --plaintext --username admin --password`, ADMIN_PASSWORD)
  const created = await line.ok(CREATE, repository.url)
  const again = await line.ok(CREATE, repository.url)
  const changed = await line.ok(`${CREATE} ${repository.url} --upsert --revision-history-limit 5`)
  const before = await line.run(['app', 'diff', 'web', '--refresh'])
  const synced = await line.ok('app sync web --timeout 30')
  const after = await line.run(['app', 'diff', 'web'])
  const shown = await line.ok('app get web')

  assert.equal(login, `'admin:login' logged in successfully\nContext '${host}' updated\n`)
  assert.deepEqual(
    [created, again, changed],
    ["application 'web' created\n", "application 'web' unchanged\n", "application 'web' updated\n"],
  )
  assert.equal(before.code, 1, before.stderr)
  assert.match(before.stdout, /^\n===== \/ConfigMap web\/one ======\n0a1,\d+\n> apiVersion: v1\n/)
  assert.match(synced, /\nPhase: +Succeeded\n/)
  assert.match(synced, /configmap\/one created/)
  assert.deepEqual([after.code, after.stdout], [0, ''])
  assert.match(shown, new RegExp(`^Name: +argocd/web\nProject: +default\nServer: +https://kubernetes.default.svc\n`))
  assert.match(
    shown,
    new RegExp(`Sync Status: +Synced to main \\(${revision.slice(0, 7)}\\)\nHealth Status: +Healthy\n`),
  )
  assert.notEqual(await live('v1', 'ConfigMap', 'web/one'), undefined)
})

test('applications are listed in every form, and their resources, manifests and history are shown', async (t) => {
  const { plane, application } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const first = repository.commit({ 'web/one.json': configMap('one', 'a') })
  const line = await loggedIn(t, plane.url)
  await line.ok(`${CREATE} ${repository.url} --label team=web --sync-policy automated`)
  await application('web', isSynced)

  const wide = (await line.ok('app list')).split('\n').map((row) => row.split(/ {2,}/))
  const cells = [
    'argocd/web',
    'https://kubernetes.default.svc',
    'web',
    'default',
    'Synced',
    'Healthy',
    'Auto',
    '<none>',
  ]

  assert.deepEqual(wide[0]?.slice(0, 8), [
    'NAME',
    'CLUSTER',
    'NAMESPACE',
    'PROJECT',
    'STATUS',
    'HEALTH',
    'SYNCPOLICY',
    'CONDITIONS',
  ])
  assert.deepEqual(wide[1], [...cells, repository.url, 'web', 'main'])
  assert.equal(await line.ok('app list -o name'), 'argocd/web\n')
  assert.equal(await line.ok('app list -l team=api -o name'), '')
  assert.equal(JSON.parse(await line.ok('app list -o json -l team=web'))[0].metadata.name, 'web')
  assert.match(await line.ok('app get web -o yaml'), /^apiVersion: argoproj\.io\/v1alpha1\nkind: Application\n/)
  assert.match(
    await line.ok('app get web -o tree'),
    /\nKIND\/NAME +STATUS {2}HEALTH {2}MESSAGE\nConfigMap\/one {2}Synced +configmap\/one created\n/,
  )
  assert.equal(JSON.parse(await line.ok('app get argocd/web -o json')).status.sync.revision, first)
  assert.match(
    await line.ok('app resources web'),
    /^GROUP {2}KIND +NAMESPACE {2}NAME {2}ORPHANED\n +ConfigMap {2}web +one +No\n$/,
  )
  assert.match(
    await line.ok('app resources web -o tree=detailed'),
    /^GROUP {2}KIND +NAMESPACE {2}NAME {2}ORPHANED {2}AGE +HEALTH {2}REASON\n +ConfigMap {2}web +one +No +\d+\w+ +\n$/,
  )
  assert.match(
    await line.ok('app get web -o tree=detailed'),
    /\nKIND\/NAME +STATUS {2}HEALTH {2}AGE +MESSAGE +REASON\nConfigMap\/one {2}Synced +\d+\w+ +configmap\/one created +\n/,
  )
  assert.match(await line.ok('app manifests web'), /^---\napiVersion: v1\ndata:\n {2}value: a\nkind: ConfigMap\n/)
  assert.match(await line.ok('app manifests web --source live'), /uid: /)
  assert.match(
    await line.ok('app history web'),
    new RegExp(`^SOURCE +file:.*\nID +DATE +REVISION\n0 +.* +main \\(${first.slice(0, 7)}\\)\n$`),
  )
  assert.equal(await line.ok('app history web -o id'), '0\n')
})

test('[001-23] settings change, waiting ends, a rollback goes back and a delete takes the objects along', async (t) => {
  const { plane, live, application } = await startStoryPlane(t)
  const repository = createRepository(join(temporaryFolder(t), 'deploy'))
  const first = repository.commit({ 'web/one.json': configMap('one', 'a'), 'web/two.json': configMap('two', 'a') })
  const line = await loggedIn(t, plane.url)
  await line.ok(CREATE, repository.url)
  await line.ok('app sync web --timeout 30')
  repository.commit({ 'web/one.json': configMap('one', 'b'), 'web/two.json': null })

  await line.ok('app set web --sync-policy automated --auto-prune --self-heal')
  await line.ok('app get web --refresh')
  const waited = await line.ok('app wait web --timeout 30')
  const late = await line.run(['app', 'wait', 'web', '--suspended', '--timeout', '1'])
  const refused = await line.run(['app', 'rollback', 'web'])
  await line.ok('app set web --sync-policy none')
  const back = await line.ok('app rollback web 0 --timeout 30')
  const rolledBack = await application('web', ({ status }) => status?.operationState?.syncResult?.revision === first)
  const restored = await live('v1', 'ConfigMap', 'web/two')
  const deleted = await line.ok('app delete web -y --wait')

  assert.match(waited, /Sync Policy: +Automated \(Prune\)/)
  assert.deepEqual(
    [late.code, late.stderr],
    [20, 'capstan: timed out (1s) waiting for app "web" match desired state\n'],
  )
  assert.equal(refused.code, 20)
  assert.match(refused.stderr, /rollback cannot be initiated when auto-sync is enabled/)
  assert.match(back, /Phase: +Succeeded/)
  assert.equal(rolledBack.status?.history?.at(-1)?.revision, first)
  assert.notEqual(restored, undefined)
  assert.equal(deleted, "application 'web' deleted\n")
  assert.equal(await live('v1', 'ConfigMap', 'web/one'), undefined)
  assert.equal(await live('argoproj.io/v1alpha1', 'Application', 'argocd/web'), undefined)
})

test('contexts, versions and wrong words: what the command line says and how it ends', async (t) => {
  const { plane } = await startStoryPlane(t)
  const { host } = new URL(plane.url)
  const line = commandLine(t)

  const stranger = await line.run(['app', 'list'])
  const wrong = await line.run(['login', host, '--plaintext', '--username', 'admin', '--password', 'wrong'])
  await line.ok(`login ${host} --plaintext --username admin --name here --password`, ADMIN_PASSWORD)
  const contexts = await line.ok('context')
  const version = await line.ok('version')
  const missing = await line.run(['app', 'get', 'nope'])
  const unknownFlag = await line.run(['app', 'list', '--nope'])
  const unknownFormat = await line.run(['app', 'list', '-o', 'xml'])
  const wrongNumber = await line.run(['app', 'wait', 'web', '--timeout', 'soon'])
  const wrongTruth = await line.run(['app', 'delete', 'web', '-y', '--cascade=maybe'])
  const unknownContext = await line.run(['context', 'there'])
  const logout = await line.ok('logout here')
  const after = await line.run(['app', 'list'])

  assert.equal(stranger.code, 20)
  assert.match(stranger.stderr, /run "capstan login SERVER"/)
  assert.deepEqual([wrong.code, wrong.stderr], [20, 'capstan: Invalid username or password\n'])
  assert.match(contexts, new RegExp(`^CURRENT {2}NAME {2}SERVER\n\\* +here {2}${host}\n$`))
  assert.match(version, /^capstan: v\d+\.\d+\.\d+\n  Platform: \S+\nargocd-server: v\d+\.\d+\.\d+\n/)
  assert.equal(missing.code, 20)
  assert.match(missing.stderr, /nope/)
  assert.equal(unknownFlag.code, 1)
  assert.match(unknownFlag.stderr, /unknown option '--nope'/)
  assert.deepEqual([wrongNumber.code, wrongTruth.code], [1, 1])
  assert.match(wrongNumber.stderr, /'--timeout <seconds>' argument 'soon' is invalid\. "soon" is not a whole number/)
  assert.match(wrongTruth.stderr, /"maybe" is neither true nor false/)
  assert.match(unknownFormat.stderr, /unknown output format: xml/)
  assert.deepEqual(
    [unknownContext.code, unknownContext.stderr],
    [20, `capstan: Context 'there' undefined; "capstan context" shows those there are\n`],
  )
  assert.equal(logout, "Logged out from 'here'\n")
  assert.equal(after.code, 20)
})
