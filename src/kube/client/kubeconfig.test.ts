// Kubeconfig files as people have them, and as people break them.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { inClusterConfig } from './in-cluster.ts'
import { loadKubeConfig } from './kubeconfig.ts'

const PEM = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'
const DATA = Buffer.from(PEM).toString('base64')

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  t.after(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

function config(user: string, cluster = 'server: https://host:6443'): string {
  return `
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c1
  cluster: {${cluster}}
users:
- name: u1
  user: {${user}}
contexts:
- name: one
  context: {cluster: c1, user: u1, namespace: apps}
- name: broken-cluster
  context: {cluster: nope, user: u1}
- name: broken-user
  context: {cluster: c1, user: nope}
`
}

describe('loadKubeConfig', () => {
  test('reads a context with certificates, inline and from files beside it', async (t) => {
    const cluster = `server: https://host:6443, certificate-authority: ca.pem, tls-server-name: k8s`
    const text = config(`client-certificate-data: ${DATA}, client-key: key.pem`, cluster)
    const folder = await folderWith(t, { config: text, 'ca.pem': 'CA', 'key.pem': 'KEY' })

    const loaded = await loadKubeConfig({ path: join(folder, 'config'), env: {} })

    const { clientKey, ...transport } = loaded.transport
    assert.deepEqual(transport, { server: 'https://host:6443', ca: 'CA', tlsServerName: 'k8s', clientCertificate: PEM })
    assert.equal(clientKey?.reveal(), 'KEY')
    assert.deepEqual([loaded.context, loaded.cluster, loaded.user, loaded.namespace], ['one', 'c1', 'u1', 'apps'])
  })

  test('reads tokens, token files and passwords without showing them', async (t) => {
    const folder = await folderWith(t, {
      token: config('token: t0p'),
      file: config('tokenFile: secret'),
      basic: config('username: me, password: pw'),
      secret: 'from-file\n',
    })
    const load = (name: string) => loadKubeConfig({ path: join(folder, name), env: {} })

    const [token, file, basic] = await Promise.all(['token', 'file', 'basic'].map(load))

    assert.equal(token?.transport.token?.reveal(), 't0p')
    assert.equal(JSON.stringify(token).includes('t0p'), false)
    assert.deepEqual(await file?.transport.authorize?.(), { authorization: 'Bearer from-file' })
    assert.deepEqual([basic?.transport.username, basic?.transport.password?.reveal()], ['me', 'pw'])
  })

  test('merges the files of KUBECONFIG: the first that names something wins, missing files are passed over', async (t) => {
    const second = config('token: second')
      .replace('current-context: one', 'current-context: two')
      .replaceAll('name: one', 'name: two')
    const folder = await folderWith(t, { a: config('token: first'), b: second })
    const env = { KUBECONFIG: ['missing', 'a', 'b'].map((name) => join(folder, name)).join(':') }

    const loaded = await loadKubeConfig({ env })
    const two = await loadKubeConfig({ env, context: 'two' })

    assert.deepEqual([loaded.context, loaded.transport.token?.reveal()], ['one', 'first'])
    assert.deepEqual([two.context, two.transport.token?.reveal()], ['two', 'first'])
    assert.deepEqual(loaded.contexts.toSorted(), ['broken-cluster', 'broken-user', 'one', 'two'])
  })

  test('runs a plug-in for credentials', async (t) => {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'from-plugin' },
    }
    const exec = {
      apiVersion: credential.apiVersion,
      command: 'echo',
      args: [JSON.stringify(credential)],
      interactiveMode: 'Never',
    }
    const folder = await folderWith(t, { config: config(`exec: ${JSON.stringify(exec)}`) })

    const loaded = await loadKubeConfig({ path: join(folder, 'config'), env: {} })

    assert.deepEqual(await loaded.transport.authorize?.(), { authorization: 'Bearer from-plugin' })
  })

  const broken: readonly [string, string, { context?: string }, RegExp][] = [
    ['no YAML', 'a: [', {}, /^kubeconfig .*config: .*yaml/],
    ['a list', '- a', {}, /config: not a mapping$/],
    ['no current context', 'contexts: []', {}, /config: current-context is not set; choose one of: $/],
    [
      'an unknown context',
      config('token: x'),
      { context: 'two' },
      /context "two" does not exist; there are: one, broken-cluster, broken-user$/,
    ],
    [
      'a missing cluster',
      config('token: x'),
      { context: 'broken-cluster' },
      /config: context "broken-cluster": cluster "nope" does not exist$/,
    ],
    [
      'a missing user',
      config('token: x'),
      { context: 'broken-user' },
      /config: context "broken-user": user "nope" does not exist$/,
    ],
    ['no server', config('token: x', ''), {}, /context "one": cluster "c1": server is missing$/],
    ['a wrong type', config('token: 5'), {}, /context "one": user "u1": token must be a text$/],
    [
      'no base64',
      config('client-certificate-data: "***", client-key-data: x'),
      {},
      /user "u1": client-certificate-data: not base64$/,
    ],
    [
      'no PEM',
      config('client-certificate-data: AAAA, client-key-data: AAAA'),
      {},
      /client-certificate-data: holds no PEM block$/,
    ],
    [
      'half a pair',
      config(`client-certificate-data: ${DATA}`),
      {},
      /user "u1": client-key is missing: certificate and key belong together$/,
    ],
    [
      'a lost file',
      config('token: x', 'server: https://h, certificate-authority: lost.pem'),
      {},
      /certificate-authority: cannot read .*lost\.pem$/,
    ],
    [
      'both trust and none',
      config('token: x', `server: https://h, insecure-skip-tls-verify: true, certificate-authority-data: ${DATA}`),
      {},
      /exclude each other$/,
    ],
    ['a nameless user', 'users: [{user: {}}]', {}, /config: users\[0\]: name is missing$/],
    [
      'a failing plug-in',
      config('exec: {command: "false", apiVersion: client.authentication.k8s.io/v1}'),
      {},
      /user "u1": exec: /,
    ],
  ]
  for (const [name, text, options, message] of broken) {
    test(`says what is wrong with ${name}`, async (t) => {
      const folder = await folderWith(t, { config: text })

      await assert.rejects(loadKubeConfig({ ...options, path: join(folder, 'config'), env: {} }), {
        name: 'CapstanError',
        message,
      })
    })
  }

  test('says which file is missing', async (t) => {
    const home = await folderWith(t, {})

    await assert.rejects(
      loadKubeConfig({ env: {}, home }),
      /no kubeconfig: .*\.kube\/config does not exist; give --kubeconfig/,
    )
    await assert.rejects(
      loadKubeConfig({ path: join(home, 'x'), env: {} }),
      /^CapstanError: kubeconfig .*x: does not exist$/,
    )
  })

  test('uses the service account of its pod', async (t) => {
    const folder = await folderWith(t, { token: 'tok', 'ca.crt': 'CA', namespace: 'argocd\n' })
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }

    const loaded = await inClusterConfig(env, folder)

    assert.deepEqual(
      [loaded.transport.server, loaded.transport.ca, loaded.namespace],
      ['https://[fd00::1]:443', 'CA', 'argocd'],
    )
    assert.deepEqual(await loaded.transport.authorize?.(), { authorization: 'Bearer tok' })
  })
})
