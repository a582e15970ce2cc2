// What keeps `capstan up` from starting is told in one line that says what to do, and the program ends.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { startUp } from '../support/capstan-up.ts'
import { temporaryFolder } from '../support/git.ts'
import { capstan, type RunOptions } from '../support/processes.ts'

/** No wait of the program may be longer; a machine that is busy takes some seconds to start it. */
const TIMEOUT_MS = 60_000

/** The one line that a refused start prints. */
async function refusal(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await capstan(['up', ...args], { ...options, timeoutMs: TIMEOUT_MS })
  assert.deepEqual([code, stdout], [20, ''], stderr)
  assert.match(stderr, /^capstan: [^\n]+\n$/)
  return stderr.slice('capstan: '.length, -1)
}

async function takenPort(t: TestContext): Promise<number> {
  const server = createServer()
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  t.after(() => server.close())
  // A server that listens on TCP has an address of this form.
  return (server.address() as AddressInfo).port
}

function kubeconfig(folder: string, server: string): string {
  const file = join(folder, 'kubeconfig')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'staging',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'hidden-token' } }],
    contexts: [{ name: 'staging', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

test('a port that is taken is named', async (t) => {
  const port = await takenPort(t)

  const said = await refusal(['--data-dir', temporaryFolder(t), '--port', String(port)])

  assert.match(said, new RegExp(`port ${port} .*is taken.*--port`))
})

test('a second start on the same data directory names the process that has it', async (t) => {
  const dataDir = temporaryFolder(t)
  const first = await startUp(t, dataDir)

  const said = await refusal(['--data-dir', dataDir, '--port', '0'])

  assert.match(said, new RegExp(`in use by process ${first.pid}; stop that process or choose another`))
  assert.equal(await first.line.ok('app list -o name'), '')
})

test('a data directory that cannot be written is named', async (t) => {
  const file = join(temporaryFolder(t), 'file')
  writeFileSync(file, '')

  const said = await refusal(['--data-dir', join(file, 'data'), '--port', '0'])

  assert.equal(said, `data directory ${file}/data is not writable (ENOTDIR); choose another with --data-dir`)
})

test('a machine without git is told to install it', async (t) => {
  const folder = temporaryFolder(t)

  const said = await refusal(['--data-dir', join(folder, 'data'), '--port', '0'], { env: { PATH: folder } })

  assert.match(said, /git was not found on the PATH; install git 2\.39 or newer/)
})

test('a kubeconfig that is broken, lacks the context or leads nowhere is named, without its secrets', async (t) => {
  const folder = temporaryFolder(t)
  const broken = join(folder, 'broken')
  writeFileSync(broken, 'a: [')
  const nowhere = kubeconfig(folder, 'https://127.0.0.1:1')
  const flags = ['--data-dir', join(folder, 'data'), '--port', '0']

  const told = {
    broken: await refusal([...flags, '--kubeconfig', broken]),
    missing: await refusal([...flags, '--kubeconfig', join(folder, 'none')]),
    context: await refusal([...flags, '--kubeconfig', nowhere, '--context', 'production']),
    refused: await refusal([...flags, '--kubeconfig', nowhere]),
  }

  assert.equal(told.broken, `kubeconfig ${broken}: yaml: line 1: did not find expected node content`)
  assert.equal(told.missing, `kubeconfig ${folder}/none: does not exist`)
  assert.match(told.context, /context "production" does not exist; there are: staging$/)
  assert.match(told.refused, /https:\/\/127\.0\.0\.1:1\b.*ECONNREFUSED/)
  assert.doesNotMatch(JSON.stringify(told), /hidden-token/)
})

const CLUSTER = ['local-cluster', '--data-dir', 'memory', '--port', '0']
/** `FOLDER` is an empty one. */
const refused: readonly (readonly [args: readonly string[], said: string])[] = [
  [
    ['up', '--port', '0', '--data-dir', 'FOLDER/data', '--address', '192.0.2.1'],
    '192.0.2.1 is no address of this machine; choose one with --address, such as 127.0.0.1 or 0.0.0.0',
  ],
  [
    ['up', '--port', '0', '--data-dir', 'FOLDER/data', '--plugins', 'FOLDER/none'],
    '--plugins FOLDER/none: no such file or directory',
  ],
  [
    [...CLUSTER, '--address', '192.0.2.1'],
    '192.0.2.1 is no address of this machine; choose one with --address, such as 127.0.0.1 or 0.0.0.0',
  ],
  [[...CLUSTER, '--kubeconfig', 'FOLDER/none/config'], '--kubeconfig FOLDER/none/config: no such file or directory'],
  [[...CLUSTER, '--snapshot', 'FOLDER/none'], '--snapshot FOLDER/none: no such file or directory'],
  [[...CLUSTER, '--token-auth-file', 'FOLDER'], '--token-auth-file FOLDER: it is a directory'],
  [
    ['local-cluster', '--data-dir', 'memory', '--port', '65535', '--name', 'a', '--name', 'b'],
    '--port 65535: 2 clusters need the ports behind it too',
  ],
  [
    ['app', 'list', '--config', 'FOLDER/config', '--server', 'https://example.com', '--plaintext'],
    'a server is host:port, without "https://"; --plaintext talks to it without TLS',
  ],
  [
    ['--config', 'FOLDER/config', 'app', '--server', 'http://example.com', 'get', 'web', '--grpc-web'],
    'a server is host:port, without "http://"; --plaintext talks to it without TLS',
  ],
  [['app', 'resources', 'web', '-o', 'rows'], 'unknown output format: rows; one of wide|tree|tree=detailed'],
]
for (const [args, said] of refused) {
  test(`capstan ${args.join(' ')} says what is wrong with it`, async (t) => {
    const folder = temporaryFolder(t)
    const placed = (text: string): string => text.replaceAll('FOLDER', folder)

    const { code, stdout, stderr } = await capstan(args.map(placed), { timeoutMs: TIMEOUT_MS })

    assert.deepEqual([code, stdout, stderr], [20, '', `capstan: ${placed(said)}\n`])
  })
}

test('a log-out of a server that is not known is told as argocd tells it', async (t) => {
  const config = join(temporaryFolder(t), 'config')

  const { code, stdout, stderr } = await capstan(['logout', 'staging', '--config', config], { timeoutMs: TIMEOUT_MS })

  assert.deepEqual([code, stdout, stderr], [1, '', 'capstan: Nothing to logout from\n'])
})

test('a port that there is not is wrong usage', async () => {
  for (const command of ['up', 'demo', 'local-cluster']) {
    const { code, stderr } = await capstan([command, '--port', '65536'], { timeoutMs: TIMEOUT_MS })

    assert.equal(code, 1)
    assert.match(stderr, /'65536' is invalid\. a port is a number from 0 to 65535/)
  }
})
