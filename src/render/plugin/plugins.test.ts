// Plug-ins as commands and behind sockets: what they are given, what comes of what they print, and how they are ended.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { startCmpServer, type SentRepository } from '../../../test/support/fake-cmp-server.ts'
import { temporaryFolder } from '../../../test/support/git.ts'
import { systemClock } from '../../base/clock.ts'
import { createLog, silentLog } from '../../base/log.ts'
import type { ApplicationSource } from '../../crds/application.ts'
import type { FileTree } from '../../source/file-tree.ts'
import type { Rendered } from '../contract.ts'
import { memoryTree, type MemoryFile } from '../../../test/support/memory-tree.ts'
import { detectSourceType } from '../detect.ts'
import { evaluateSource, loadSource } from '../render-source.ts'
import type { RenderRequest } from '../renderer.ts'
import { parsePluginConfiguration } from './configuration.ts'
import { MAX_FILES, filesBelow } from './copied-files.ts'
import { createLocalPlugin } from './local-plugin.ts'
import { MAX_PLUGINS, pluginFolder } from './plugin-folder.ts'
import { createPlugins } from './plugins.ts'
import { runCommand } from './run-command.ts'
import { archiveOnce } from './tar-archive.ts'

const FILES: Readonly<Record<string, MemoryFile>> = {
  'web/app.txt': 'hello',
  'web/deep/values.cue': 'x',
  'base/shared.txt': 'shared',
}

function requestFor(source: Partial<ApplicationSource>): RenderRequest {
  return {
    application: { name: 'web', namespace: 'argocd', project: 'default', destinationNamespace: 'prod' },
    source: { repoURL: 'https://git.example/x', path: 'web', targetRevision: 'main', ...source },
    revision: 'a'.repeat(40),
    cluster: { kubeVersion: '1.36.3', apiVersions: ['v1', 'apps/v1'] },
  }
}

interface Scene {
  readonly folder: string
  readonly render: (
    source: Partial<ApplicationSource>,
    files?: Readonly<Record<string, MemoryFile>>,
  ) => Promise<Rendered>
  readonly announce: (source: Partial<ApplicationSource>) => Promise<readonly object[]>
  readonly add: (name: string, spec: object) => void
}

function scene(t: TestContext, timeoutMs = 60_000): Scene {
  const folder = temporaryFolder(t)
  const list = pluginFolder({
    folder,
    clock: systemClock,
    log: silentLog,
    execTimeoutMs: timeoutMs,
    sidecarTimeoutMs: timeoutMs,
  })
  const plugins = createPlugins(list)
  return {
    folder,
    add(name, spec) {
      const configuration = {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'ConfigManagementPlugin',
        metadata: { name },
        spec,
      }
      writeFileSync(join(folder, `${name}.yaml`), JSON.stringify(configuration))
    },
    announce: (source) => plugins.over(memoryTree(FILES, 'r1'), requestFor(source)).announce(),
    async render(source, files = FILES) {
      const tree = memoryTree(files, 'r1')
      const request = requestFor(source)
      const over = plugins.over(tree, request)
      const type = await detectSourceType(request.source, tree, { discover: () => over.discovers() })
      const loaded = await loadSource(type, request, { tree, references: new Map(), plugins: over })
      return evaluateSource(type, request, loaded)
    },
  }
}

function shell(script: string): { command: readonly string[]; args: readonly string[] } {
  return { command: ['sh', '-c'], args: [script] }
}

const PRINT = (script: string): string =>
  `printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: x\\ndata:\\n  out: "%s"\\n' "${script}"`

function outOf({ manifests }: Rendered): string {
  const [first] = manifests as unknown as { data?: { out?: string } }[] // what PRINT prints
  return first?.data?.out ?? ''
}

describe('local plug-ins', () => {
  test('init and generate run in the copy of the folder; the result is never taken as unchanged', async (t) => {
    const { add, render } = scene(t)
    add('cue', {
      version: 'v1.0',
      init: shell('echo made > init.txt'),
      generate: shell(PRINT('$(cat app.txt init.txt ../base/shared.txt | tr "\\n" "-")')),
    })

    const rendered = await render({ plugin: { name: 'cue-v1.0' } })

    assert.equal(outOf(rendered), 'hellomade-shared')
    assert.deepEqual([rendered.sourceType, rendered.volatile], ['Plugin', true])
  })

  test("the environment is the application's, and nothing of this process", async (t) => {
    const { add, render } = scene(t)
    add('env', {
      generate: shell(
        PRINT(
          '$(env | cut -d= -f1 | sort | tr "\\n" " ")$ARGOCD_ENV_TIER:$PARAM_MAP_A_B:$PARAM_LIST_1:$KUBE_API_VERSIONS',
        ),
      ),
    })

    const rendered = await render({
      plugin: {
        name: 'env',
        env: [{ name: 'TIER', value: '$ARGOCD_APP_NAME-$NOPE-x' }],
        parameters: [
          { name: 'map', map: { 'a.b': '1' } },
          { name: 'list', array: ['p', 'q'] },
          { name: 's', string: 'v' },
        ],
      },
    })

    const [names = '', values = ''] = outOf(rendered).split(/ (?=web-)/)
    assert.equal(values, 'web--x:1:q:v1,apps/v1')
    assert.deepEqual(
      names.split(' ').filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name)),
      [
        'ARGOCD_APP_NAME',
        'ARGOCD_APP_NAMESPACE',
        'ARGOCD_APP_PARAMETERS',
        'ARGOCD_APP_PROJECT_NAME',
        'ARGOCD_APP_REVISION',
        'ARGOCD_APP_REVISION_SHORT',
        'ARGOCD_APP_REVISION_SHORT_8',
        'ARGOCD_APP_SOURCE_PATH',
        'ARGOCD_APP_SOURCE_REPO_URL',
        'ARGOCD_APP_SOURCE_TARGET_REVISION',
        'ARGOCD_ENV_TIER',
        'HOME',
        'KUBE_API_VERSIONS',
        'KUBE_VERSION',
        'PARAM_LIST_0',
        'PARAM_LIST_1',
        'PARAM_MAP_A_B',
        'PARAM_S',
        'PATH',
        'TMPDIR',
      ],
    )
  })

  const found: readonly (readonly [string, object, boolean])[] = [
    ['a file name', { fileName: './app.*' }, true],
    ['a file name in a folder', { fileName: './deep/*.cue' }, true],
    ['a glob', { find: { glob: '**/*.cue' } }, true],
    ['a command', { find: { command: ['sh', '-c', 'ls app.txt'] } }, true],
    ['a file name nothing has', { fileName: 'nope' }, false],
    ['a file name that leaves', { fileName: '../base/shared.txt' }, false],
    ['a glob nothing fits', { find: { glob: '**/*.nope' } }, false],
    ['a command that prints nothing', { find: { command: ['true'] } }, false],
    ['a command that fails', { find: { command: ['false'] } }, false],
    ['nothing', {}, false],
  ]
  for (const [what, discover, isFound] of found) {
    test(`a source is ${isFound ? '' : 'not '}discovered by ${what}`, async (t) => {
      const { add, render } = scene(t)
      add('auto', { discover, generate: shell(PRINT('auto')) })

      const rendered = await render({}, { ...FILES, 'web/plain.yaml': '{}' }).catch((error: Error) => error)

      const type = rendered instanceof Error ? 'Directory' : rendered.sourceType
      assert.equal(type, isFound ? 'Plugin' : 'Directory')
    })
  }

  test('a glob is held against names, without reading a file', async () => {
    const description = {
      kind: 'ConfigManagementPlugin',
      metadata: { name: 'auto' },
      spec: { discover: { find: { glob: '**/*.cue' } }, generate: shell('true') },
    }
    const configuration = parsePluginConfiguration(JSON.stringify(description))
    const plugin = createLocalPlugin({ configuration, clock: systemClock, timeoutMs: 60_000 })
    const tree = { ...memoryTree(FILES, 'r1'), readFile: () => assert.fail('read a file') }

    const task = { tree, archive: archiveOnce(tree), path: 'web', environment: [], signal: undefined }
    const isOwn = await plugin.matches(task)

    assert.equal(isOwn, true)
  })

  const failing: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'fails',
      'echo oops >&2; exit 3',
      'bad-input',
      /^CMP processing failed for application "web": `sh -c .*` failed exit status 3: oops$/,
    ],
    ['hangs', 'sleep 300 & sleep 300', 'timeout', /failed timeout after 1s$/],
    [
      'floods',
      'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done',
      'timeout',
      /failed timeout after 1s/,
    ],
    ['prints no manifests', 'echo "kind: [x"', 'bad-input', /failed to unmarshal manifest/],
    ['prints text', 'echo hello', 'bad-input', /failed to unmarshal manifest/],
  ]
  for (const [what, script, code, message] of failing) {
    test(`one that ${what} is an error with its words`, async (t) => {
      const { add, render } = scene(t, 1000)
      add('bad', { generate: shell(script) })

      await assert.rejects(render({ plugin: { name: 'bad' } }), { code, message })
      assert.deepEqual(
        readdirSync(tmpdir()).filter(
          (name) => name.startsWith('capstan-plugin-') && existsSync(join(tmpdir(), name, 'source/web/app.txt')),
        ),
        [],
      )
    })
  }

  test('a command that floods is ended at the limit, with what it started', async (t) => {
    const folder = temporaryFolder(t)
    const settings = {
      folder,
      environment: { PATH: process.env['PATH'] },
      timeoutMs: 60_000,
      clock: systemClock,
      signal: undefined,
    }

    const running = runCommand(shell('sleep 299 & echo $! > child; yes'), { ...settings, maxOutputBytes: 100_000 })

    await assert.rejects(running, { code: 'limit', message: /failed after more than 100000 bytes of output/ })
  })

  test('no name leads out of the folder, and none that is unknown is served', async (t) => {
    const { render } = scene(t)

    for (const name of ['../x', '/etc/passwd', 'x/../../y', 'nope', '.']) {
      await assert.rejects(render({ plugin: { name } }), {
        message: `CMP processing failed for application "web": could not find cmp-server plugin with name ${JSON.stringify(name)} supporting the given repository`,
      })
    }
  })

  test('a broken description is left out, a version is part of the name', async (t) => {
    const { folder, add, render } = scene(t)
    writeFileSync(join(folder, 'broken.yaml'), 'kind: Nope')
    add('v', { version: '2', generate: shell(PRINT('two')) })

    assert.equal(outOf(await render({ plugin: { name: 'v-2' } })), 'two')
    await assert.rejects(render({ plugin: { name: 'v' } }), { code: 'not-found' })
    assert.throws(() => parsePluginConfiguration('kind: Nope\nmetadata: {name: a}\nspec: {generate: {command: [x]}}'), {
      message: 'invalid plugin configuration file. kind should be ConfigManagementPlugin, found Nope',
    })
    assert.throws(() => parsePluginConfiguration('metadata: {name: ../a}\nspec: {generate: {command: [x]}}'), {
      message: /is no name/,
    })
  })

  test('repositories over the limits are not copied', async () => {
    const many = Object.fromEntries(Array.from({ length: MAX_FILES + 1 }, (_, i) => [`f${i}`, '']))

    await assert.rejects(filesBelow(memoryTree(many, 'r'), ''), { code: 'limit', message: /more than 20000 files/ })
  })
})

test('without plug-ins a source that names one says how to have them', async () => {
  const request = requestFor({ plugin: { name: 'cue' } })

  await assert.rejects(loadSource('Plugin', request, { tree: memoryTree(FILES, 'r'), references: new Map() }), {
    code: 'unsupported',
    message: /name "cue" supporting the given repository: plug-ins are off; start Capstan with --plugins DIR/,
  })
})

describe('sidecars', () => {
  test('get the repository, the environment and a checksum; their manifests are used', async (t) => {
    const { folder, render } = scene(t)
    const sent: SentRepository[] = []
    await startCmpServer(t, join(folder, 'side-v1.sock'), {
      generate: (repository) => {
        sent.push(repository)
        return [
          '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}',
          'kind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}',
        ]
      },
    })
    const long = `web/${'long-name/'.repeat(12)}file.txt`

    const { manifests } = await render({ plugin: { name: 'side-v1' } }, { ...FILES, [long]: 'x'.repeat(200_000) })

    assert.deepEqual(
      manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
      ['ConfigMap a', 'Secret b'],
    )
    assert.deepEqual([sent[0]?.appName, sent[0]?.appRelPath, sent[0]?.isIntact], ['web', 'web', true])
    assert.equal(sent[0]?.env['ARGOCD_APP_NAMESPACE'], 'prod')
    assert.equal(sent[0]?.files['base/shared.txt'], 'shared')
    assert.equal(sent[0]?.files[long]?.length, 200_000)
  })

  test('are found by what they say of a repository', async (t) => {
    const { folder, render } = scene(t)
    await startCmpServer(t, join(folder, 'a.sock'), {
      generate: () => ['{"apiVersion":"v1","kind":"A","metadata":{}}'],
    })
    await startCmpServer(t, join(folder, 'b.sock'), {
      discovery: true,
      isSupported: ({ files }) => files['web/app.txt'] === 'hello',
      generate: () => ['{"apiVersion":"v1","kind":"B","metadata":{}}'],
    })

    assert.equal((await render({})).manifests[0]?.kind, 'B')
    assert.equal((await render({ plugin: {} })).manifests[0]?.kind, 'B')
    await assert.rejects(render({ plugin: { name: 'b' } }, { 'web/other.txt': '' }), { code: 'not-found' })
  })

  test('are sent a repository that was read and packed once, however many are asked', async (t) => {
    const { folder } = scene(t)
    const asked: string[] = []
    for (const name of ['a', 'b', 'c']) {
      await startCmpServer(t, join(folder, `${name}.sock`), {
        discovery: true,
        isSupported: ({ isIntact }) => isIntact && asked.push(name) > 0 && name === 'c',
        generate: ({ isIntact, files }) => [
          `{"apiVersion":"v1","kind":"Sent","metadata":{"name":"${isIntact}-${Object.keys(files).length}"}}`,
        ],
      })
    }
    const tree = memoryTree(FILES, 'r1')
    const read: string[] = []
    const counted: FileTree = { ...tree, readFile: (path) => (read.push(path), tree.readFile(path)) }
    const plugins = createPlugins(pluginFolder({ folder, clock: systemClock, log: silentLog }))

    const manifests = await plugins.over(counted, requestFor({})).generate()

    assert.deepEqual(asked, ['a', 'b', 'c'])
    assert.match(manifests.join(''), /"true-3"/)
    assert.deepEqual(read.toSorted(), Object.keys(FILES).toSorted())
  })

  test('that fail, hang or are away say so', async (t) => {
    const { folder, render } = scene(t, 1000)
    await startCmpServer(t, join(folder, 'bad.sock'), {
      generate: () => ({ code: 2, message: 'error generating manifests: `x` failed exit status 1' }),
    })
    await startCmpServer(t, join(folder, 'slow.sock'), { generate: () => undefined })

    await assert.rejects(render({ plugin: { name: 'bad' } }), {
      message:
        'CMP processing failed for application "web": error generating manifests in cmp: rpc error: code = Unknown desc = error generating manifests: `x` failed exit status 1',
    })
    await assert.rejects(render({ plugin: { name: 'slow' } }), { code: 'timeout', message: /DeadlineExceeded/ })
  })
})

describe('a folder of plug-ins', () => {
  test('with more files than are looked at is warned of once', async (t) => {
    const folder = temporaryFolder(t)
    const lines: string[] = []
    const log = createLog({ level: 'info', format: 'json', clock: systemClock, write: (line) => lines.push(line) })
    for (let index = 0; index < MAX_PLUGINS; index++) writeFileSync(join(folder, `${index}.txt`), '')
    const list = pluginFolder({ folder, clock: systemClock, log })

    await list()
    const within = lines.length
    writeFileSync(join(folder, 'one-more.yaml'), '')
    await list()
    await list()

    assert.deepEqual([within, lines.length], [0, 1])
    assert.match(lines.join(''), /too many files.*"files":201,"limit":200/)
  })
})

describe('parameters', () => {
  test('what a command prints comes before what the description lists', async (t) => {
    const { add, announce } = scene(t)
    const dynamic = {
      command: ['sh', '-c'],
      args: ['echo "[{\\"name\\": \\"$(cat app.txt)\\", \\"required\\": true}]"'],
    }
    add('a', { generate: shell('true'), parameters: { static: [{ name: 'tier', title: 'Tier' }], dynamic } })
    add('b', { generate: shell('true'), parameters: { dynamic: { command: ['echo', 'nope'] } } })

    assert.deepEqual(await announce({ plugin: { name: 'a' } }), [
      { name: 'hello', required: true },
      { name: 'tier', title: 'Tier' },
    ])
    await assert.rejects(announce({ plugin: { name: 'b' } }), {
      message: /error unmarshaling dynamic parameter output/,
    })
  })

  test('a sidecar announces them over its socket', async (t) => {
    const { folder, announce } = scene(t)
    // name tier, required, array [a], map {k: v}
    const one = Buffer.from([10, 4, ...Buffer.from('tier'), 32, 1, 66, 1, 97, 74, 6, 10, 1, 107, 18, 1, 118])
    const announcement = Buffer.concat([Buffer.from([10, one.length]), one])
    await startCmpServer(t, join(folder, 'side.sock'), { announcement, generate: () => [] })

    assert.deepEqual(await announce({ plugin: { name: 'side' } }), [
      { name: 'tier', required: true, array: ['a'], map: { k: 'v' } },
    ])
  })
})
