// Placeholders are replaced by what Vault holds: paths, versions, modifiers, logins, and what goes wrong.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { JWT, ROLE, startFakeVault, type FakeVault } from '../../../../test/support/fake-vault.ts'
import { ManualClock, systemClock, type Clock } from '../../../base/clock.ts'
import { Secret } from '../../../base/secret.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { fillSecrets, type FilledManifests } from '../fill.ts'
import { createVaultClient } from './client.ts'
import type { VaultConnection, VaultLogin } from './connection.ts'
import { VaultReader } from './key-value.ts'

const TOKEN: VaultLogin = { type: 'token', token: new Secret('root-token-canary') }

function readerFor(
  t: TestContext,
  address: string,
  more: Partial<VaultConnection> = {},
  clock: Clock = systemClock,
): VaultReader {
  const connection: VaultConnection = {
    address,
    namespace: '',
    login: TOKEN,
    kvVersion: 2,
    pathValidation: undefined,
    caCertificates: undefined,
    skipVerify: false,
    ...more,
  }
  const client = createVaultClient({ connection, clock, readToken: () => Promise.resolve(`${JWT}\n`) })
  t.after(() => client.close())
  return new VaultReader(client, connection)
}

async function scene(
  t: TestContext,
): Promise<{ vault: FakeVault; fill: (object: KubeObject) => Promise<FilledManifests> }> {
  const vault = await startFakeVault(t)
  vault.secrets.set('secret/data/db', [
    { pw: 'old-canary' },
    { pw: 'hunter2', port: 5432, doc: '{"a":{"b":["x","y"]}}', enc: 'aGk=', lines: 'a\nb', html: '<b>' },
  ])
  const reader = readerFor(t, vault.address)
  return { vault, fill: (object) => fillSecrets({ manifests: [object], held: new Map(), vault: reader }) }
}

function object(kind: string, fields: object, annotations: Record<string, string> = {}): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name: 'db', annotations }, ...fields }
}

const AT = { 'avp.kubernetes.io/path': 'secret/data/db' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('placeholders', () => {
  const cases: readonly (readonly [string, KubeObject, object])[] = [
    ['a path', object('Secret', { stringData: { a: '<path:secret/data/db#pw>' } }), { stringData: { a: 'hunter2' } }],
    [
      'a version',
      object('Secret', { stringData: { a: '<path:secret/data/db#pw#1>' } }),
      { stringData: { a: 'old-canary' } },
    ],
    [
      'a text around it',
      object('Secret', { stringData: { a: 'u:<path:secret/data/db#pw>@h' } }),
      { stringData: { a: 'u:hunter2@h' } },
    ],
    ['the annotated path', object('Secret', { stringData: { a: '<pw>' } }, AT), { stringData: { a: 'hunter2' } }],
    [
      'base64 of a placeholder',
      object('Secret', { data: { a: base64('x<pw>') } }, AT),
      { data: { a: base64('xhunter2') } },
    ],
    ['base64encode', object('Secret', { data: { a: '<pw | base64encode>' } }, AT), { data: { a: base64('hunter2') } }],
    ['base64decode', object('Secret', { stringData: { a: '<enc | base64decode>' } }, AT), { stringData: { a: 'hi' } }],
    ['jsonPath', object('Secret', { stringData: { a: '<doc | jsonPath {.a.b[1]}>' } }, AT), { stringData: { a: 'y' } }],
    ['jsonParse', object('Foo', { spec: { a: '<doc | jsonParse>' } }, AT), { spec: { a: { a: { b: ['x', 'y'] } } } }],
    ['indent', object('Secret', { stringData: { a: '<lines | indent 2>' } }, AT), { stringData: { a: 'a\n  b' } }],
    ['a number', object('Foo', { spec: { a: '<port>', b: 'p<port>' } }, AT), { spec: { a: 5432, b: 'p5432' } }],
    ['a number in a ConfigMap', object('ConfigMap', { data: { a: '<port>' } }, AT), { data: { a: '5432' } }],
    ['what looks like a placeholder', object('Secret', { stringData: { a: '<pw>' } }), { stringData: { a: '<pw>' } }],
    [
      'a missing key that may be left out',
      object('Secret', { stringData: { a: '<nope>', b: 'x' } }, { ...AT, 'avp.kubernetes.io/remove-missing': 'true' }),
      { stringData: { b: 'x' } },
    ],
  ]
  for (const [what, from, to] of cases) {
    test(`${what} becomes its value`, async (t) => {
      const { fill } = await scene(t)

      const { manifests } = await fill(from)

      assert.deepEqual(manifests, [{ ...from, ...to }])
    })
  }

  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      'a missing key',
      '<path:secret/data/db#nope>',
      /missing Vault value for placeholder <path:secret\/data\/db#nope> in Secret db stringData.a$/,
    ],
    ['an unknown modifier', '<path:secret/data/db#pw | rot13>', /invalid modifier: rot13/],
    [
      'a value of another form',
      '<path:secret/data/db#pw | jsonParse>',
      /jsonParse: the value is not of the form it needs/,
    ],
    ['a forgotten /data/', '<path:secret/db#pw>', /did you forget \/data\/ in the path for kv-v2\?/],
    ['a version that was deleted', '<path:secret/data/gone#pw>', /version latest was deleted/],
    ['a path that climbs', '<path:secret/../sys/mounts#x>', /is no path of a secret/],
    ['the system of Vault', '<path:sys/mounts#x>', /is no path of a secret/],
  ]
  for (const [what, text, message] of refused) {
    test(`${what} is refused without a value in the text`, async (t) => {
      const { vault, fill } = await scene(t)
      vault.secrets.set('secret/data/gone', [undefined])

      await assert.rejects(
        fill(object('Secret', { stringData: { a: text, b: '<path:secret/data/db#pw>' } })),
        (error: Error) => {
          assert.match(error.message, message)
          assert.doesNotMatch(error.message, /hunter2|canary/)
          return true
        },
      )
    })
  }

  test('one read per path and version, told with the version; another value is another fingerprint', async (t) => {
    const { vault, fill } = await scene(t)
    const wanted = object('Secret', { stringData: { a: '<path:secret/data/db#pw>', b: '<path:secret/data/db#port>' } })

    const first = await fill(wanted)
    const second = await fill(wanted)
    vault.secrets.get('secret/data/db')?.push({ pw: 'new', port: 1 })
    const third = await fill(wanted)

    assert.equal(vault.calls.length, 3)
    assert.deepEqual([first.inputs, third.inputs], [['vault secret/data/db@2'], ['vault secret/data/db@3']])
    assert.equal(first.fingerprint, second.fingerprint)
    assert.notEqual(first.fingerprint, third.fingerprint)
  })

  test('KV version 1 is read by annotation', async (t) => {
    const { vault, fill } = await scene(t)
    vault.plain.set('kv/db', { pw: 'one' })
    const annotations = { 'avp.kubernetes.io/path': 'kv/db', 'avp.kubernetes.io/kv-version': '1' }

    const { manifests } = await fill(object('Secret', { stringData: { a: '<pw>' } }, annotations))

    assert.deepEqual(manifests, [object('Secret', { stringData: { a: 'one' } }, annotations)])
  })
})

const READ = { path: 'secret/data/db', version: '', kvVersion: 2 } as const

describe('logins', () => {
  const logins: readonly VaultLogin[] = [
    { type: 'approle', mount: 'auth/approle', roleId: new Secret(ROLE.role_id), secretId: new Secret(ROLE.secret_id) },
    { type: 'k8s', mount: 'auth/kubernetes', role: 'web', tokenPath: '/var/run/secrets/token' },
  ]
  for (const login of logins) {
    test(`${login.type} logs in once, again at half of the lease, and when its token is revoked`, async (t) => {
      const { vault } = await scene(t)
      vault.leaseSeconds = 100
      const clock = new ManualClock()
      const reader = readerFor(t, vault.address, { login }, clock)
      const logIns = (): number => vault.calls.filter((call) => call.startsWith('POST auth/')).length

      await reader.readAll([READ])
      await reader.readAll([READ])
      const atFirst = logIns()
      clock.advance(51_000)
      await reader.readAll([READ])
      const renewed = logIns()
      vault.tokens.clear()
      await reader.readAll([READ])

      assert.deepEqual([atFirst, renewed, logIns()], [1, 2, 3])
    })
  }

  test('paths that are forbidden make one login more, and another after a minute at the earliest', async (t) => {
    const { vault } = await scene(t)
    const login: VaultLogin = { type: 'k8s', mount: 'auth/kubernetes', role: 'web', tokenPath: '/token' }
    const clock = new ManualClock()
    const reader = readerFor(t, vault.address, { login }, clock)
    const paths = Array.from({ length: 20 }, (_, index) => `secret/data/forbidden-${index}`)
    for (const path of paths) vault.forbidden.add(path)
    const logIns = (): number => vault.calls.filter((call) => call.startsWith('POST auth/')).length
    const forbid = async (some: readonly string[]): Promise<void> => {
      const reads = some.map((path) => reader.readAll([{ ...READ, path }]))
      for (const read of await Promise.allSettled(reads)) {
        assert.match(String(read.status === 'rejected' && read.reason), /403: permission denied/)
      }
    }

    await forbid(paths.slice(0, 10))
    await forbid(paths.slice(10))
    const atFirst = logIns()
    await reader.readAll([READ])
    clock.advance(60_000)
    await forbid(paths)

    assert.deepEqual([atFirst, logIns()], [2, 3])
  })

  test('a token that was revoked is replaced at once, as often as it happens', async (t) => {
    const { vault } = await scene(t)
    const login: VaultLogin = { type: 'k8s', mount: 'auth/kubernetes', role: 'web', tokenPath: '/token' }
    const reader = readerFor(t, vault.address, { login }, new ManualClock())

    for (let round = 0; round < 3; round++) {
      await reader.readAll([READ])
      vault.tokens.clear()
    }

    assert.equal(vault.calls.filter((call) => call.startsWith('POST auth/')).length, 3)
  })

  test('all who ask at once wait for one login, and one who leaves takes nobody along', async (t) => {
    const { vault } = await scene(t)
    const login: VaultLogin = { type: 'k8s', mount: 'auth/kubernetes', role: 'web', tokenPath: '/token' }
    const clock = new ManualClock()
    const reader = readerFor(t, vault.address, { login }, clock)
    const leaving = new AbortController()
    const logIns = (): number => vault.calls.filter((call) => call.startsWith('POST auth/')).length

    const left = reader.readAll([READ], leaving.signal)
    const stayed = [reader.readAll([READ]), reader.readAll([READ])]
    leaving.abort(new Error('left'))

    await assert.rejects(left, { message: 'left' })
    await assert.doesNotReject(Promise.all(stayed))
    assert.equal(logIns(), 1)
    clock.advance(vault.leaseSeconds * 1000)
    await Promise.all([reader.readAll([READ]), reader.readAll([READ])])
    assert.equal(logIns(), 2)
  })

  test('a wrong login and a forbidden path say so, and nothing that was sent', async (t) => {
    const { vault } = await scene(t)
    const login: VaultLogin = {
      type: 'approle',
      mount: 'auth/approle',
      roleId: new Secret('x'),
      secretId: new Secret('y-canary'),
    }

    await assert.rejects(readerFor(t, vault.address, { login }).readAll([READ]), (error: Error) => {
      assert.match(error.message, /login at auth\/approle\/login: 400: invalid role or secret ID/)
      assert.doesNotMatch(error.message, /canary/)
      return true
    })
    vault.tokens.clear()
    await assert.rejects(readerFor(t, vault.address).readAll([READ]), {
      message: /reading secret\/data\/db: 403: permission denied/,
    })
  })

  test('what is sealed for a moment is asked again; what stays so is told', async (t) => {
    const { vault } = await scene(t)
    vault.failures.push(503, 503)

    await assert.doesNotReject(readerFor(t, vault.address).readAll([READ]))
    vault.failures.push(503, 503, 503, 503)
    await assert.rejects(readerFor(t, vault.address).readAll([READ]), { code: 'unavailable', message: /503 \(sealed/ })
    await assert.rejects(readerFor(t, 'http://127.0.0.1:1').readAll([READ]), { message: /cannot be reached/ })
  })

  test('a path may be disallowed by the project', async (t) => {
    const { vault } = await scene(t)

    await assert.rejects(readerFor(t, vault.address, { pathValidation: '^kv/' }).readAll([READ]), {
      code: 'forbidden',
      message: 'the path secret/data/db is disallowed by AVP_PATH_VALIDATION restriction',
    })
  })
})
