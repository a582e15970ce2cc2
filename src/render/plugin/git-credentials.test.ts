import assert from 'node:assert/strict'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startCmpServer } from '../../../test/support/fake-cmp-server.ts'
import { createRepository, git, serveGitOverHttp, temporaryFolder } from '../../../test/support/git.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import { Secret } from '../../base/secret.ts'
import type { GitAccess } from '../../source/git/access.ts'
import { createGitProvider } from '../../source/git/provider.ts'
import type { FileTree } from '../../source/file-tree.ts'
import { memoryTree } from '../../../test/support/memory-tree.ts'
import { pluginFolder } from './plugin-folder.ts'
import { createPlugins, type Plugins } from './plugins.ts'

const LOGIN = { username: 'ci', password: 'ghp_secret/1' }
const ACCESS: GitAccess = { username: LOGIN.username, password: new Secret(LOGIN.password) }

interface Scene {
  readonly folder: string
  readonly plugins: Plugins
}

function scene(t: TestContext, access: GitAccess = ACCESS): Scene {
  const folder = temporaryFolder(t)
  const list = pluginFolder({ folder, clock: systemClock, log: silentLog })
  return { folder, plugins: createPlugins(list, async () => access) }
}

function describePlugin({ folder }: Scene, script: string, more: object = {}): void {
  const generate = { command: ['sh', '-c'], args: [script] }
  const metadata = { name: 'tool' }
  const plugin = { apiVersion: 'argoproj.io/v1alpha1', kind: 'ConfigManagementPlugin', metadata }
  writeFileSync(join(folder, 'tool.yaml'), JSON.stringify({ ...plugin, spec: { generate, ...more } }))
}

async function generate(
  { plugins }: Scene,
  repoURL: string,
  tree: FileTree = memoryTree({ a: 'a' }, 'r'),
): Promise<string> {
  const over = plugins.over(tree, {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'prod' },
    source: { repoURL, path: '.', plugin: { name: 'tool' } },
    revision: 'r',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  })
  return (await over.generate()).join('\n')
}

test("a plug-in that asks for it reads from the repository's host with its own git, and from no other", async (t) => {
  const root = temporaryFolder(t)
  createRepository(join(root, 'app')).commit({ 'a.txt': 'one' })
  const [base, other] = await Promise.all([1, 2].map(() => serveGitOverHttp(t, { root, login: LOGIN })))
  const opened = scene(t)
  const script = `git -c credential.helper= ls-remote ${base}/app/.git main; git ls-remote ${other}/app/.git 2>&1 || echo refused`
  describePlugin(opened, script, { provideGitCreds: true })

  const printed = await generate(opened, `${base}/other/.git`)

  assert.match(printed, /^[0-9a-f]{40}\trefs\/heads\/main/)
  assert.match(printed, /refused$/)
  assert.doesNotMatch(printed.split('\n').slice(1).join('\n'), /^[0-9a-f]{40}\t/m)
})

test('nothing is lent without being asked for, and what was lent is gone when the command has ended', async (t) => {
  const opened = scene(t)
  const show = 'env | grep -E "GIT_|secret" || echo nothing; echo "$GIT_ASKPASS"'

  describePlugin(opened, show)
  assert.equal(await generate(opened, 'https://git.example.com/a.git'), 'nothing\n')
  describePlugin(opened, 'echo "$GIT_ASKPASS"', { provideGitCreds: true, version: 'v2' })
  const askpass = await generateNamed(opened)

  assert.match(askpass, /askpass$/)
  assert.equal(existsSync(askpass), false)
})

async function generateNamed({ plugins }: Scene): Promise<string> {
  const over = plugins.over(memoryTree({ a: 'a' }, 'r'), {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'prod' },
    source: { repoURL: 'https://git.example.com/a.git', path: '.', plugin: { name: 'tool-v2' } },
    revision: 'r',
    cluster: { kubeVersion: '1.36.3', apiVersions: [] },
  })
  return (await over.generate()).join('\n')
}

test('a password in what the plug-in complains of is masked', async (t) => {
  const opened = scene(t)
  describePlugin(opened, 'echo "failed with $CAPSTAN_GIT_PASSWORD" >&2; exit 3', { provideGitCreds: true })

  await assert.rejects(generate(opened, 'https://git.example.com/a.git'), (error: Error) => {
    assert.match(error.message, /failed with \*\*\*/)
    assert.doesNotMatch(error.message, /ghp_secret/)
    return true
  })
})

test('an SSH key is lent as a command, a token as a header of git', async (t) => {
  const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n'
  const ssh = scene(t, { sshPrivateKey: new Secret(key), knownHosts: '' })
  describePlugin(ssh, 'echo "$GIT_SSH_COMMAND"', { provideGitCreds: true })
  const token = scene(t, { bearerToken: new Secret('t0ken') })
  describePlugin(token, 'echo "$GIT_CONFIG_VALUE_0 ${GIT_ASKPASS:-none}"', { provideGitCreds: true })

  assert.match(await generate(ssh, 'git@git.example.com:a.git'), /^ssh .*IdentitiesOnly=yes -i \S+\/key/)
  assert.equal(await generate(token, 'https://git.example.com/a.git'), 'Authorization: Bearer t0ken none')
})

for (const [wants, expected] of [
  [true, `Authorization: Basic ${Buffer.from('ci:ghp_secret/1').toString('base64')}`],
  [false, undefined],
] as const) {
  test(`a sidecar that ${wants ? 'asks' : 'does not ask'} for credentials is sent ${wants ? 'them' : 'none'}`, async (t) => {
    const opened = scene(t)
    const sent: (string | undefined)[] = []
    await startCmpServer(t, join(opened.folder, 'tool.sock'), {
      wantsCredentials: wants,
      generate: ({ env }) => {
        sent.push(env['GIT_CONFIG_VALUE_0'])
        return []
      },
    })

    await generate(opened, 'https://git.example.com/a.git')

    assert.deepEqual(sent, [expected])
  })
}

for (const [preserveFileMode, expected] of [
  [true, 'ran'],
  [false, 'not executable'],
] as const) {
  test(`with preserveFileMode: ${preserveFileMode} a committed script is ${expected}`, async (t) => {
    const root = temporaryFolder(t)
    const repository = createRepository(join(root, 'app'))
    repository.commit({ 'run.sh': '#!/bin/sh\necho ran\n', 'plain.sh': '#!/bin/sh\n' })
    chmodSync(join(repository.folder, 'run.sh'), 0o755)
    git(repository.folder, 'commit', '--quiet', '--all', '--message', 'Make it run')
    const sources = createGitProvider({
      cacheFolder: join(root, 'cache'),
      clock: systemClock,
      accessFor: async () => ({}),
    })
    t.after(() => sources.close())
    const { tree } = await sources.open({ repoURL: repository.url }, { project: 'default', freshness: 'latest' })
    const opened = scene(t)
    describePlugin(opened, 'test ! -x plain.sh && test -x run.sh && ./run.sh || echo not executable', {
      preserveFileMode,
    })

    assert.equal(await generate(opened, repository.url, tree), expected)
  })
}
