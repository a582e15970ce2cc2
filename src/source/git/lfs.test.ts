import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../../test/support/git.ts'
import { type Asked, type JsonServer, type Reply, startJsonServer } from '../../../test/support/json-server.ts'
import { sha256Hex } from '../../base/digest.ts'
import { Secret } from '../../base/secret.ts'
import { MAX_BATCH_BYTES, MAX_LFS_BYTES, LfsFiles, type LfsOptions } from './lfs.ts'
import { endpointOf } from './lfs-endpoint.ts'
import { MAX_POINTER_BYTES, parsePointer } from './lfs-pointer.ts'

const CONTENT = Buffer.from('the large file')
const OID = sha256Hex(CONTENT)
const POINTER = { oid: OID, size: CONTENT.length }

test('a pointer is told by its form alone', () => {
  const text = (more: string): Buffer => Buffer.from(`version https://git-lfs.github.com/spec/v1\n${more}`)
  const whole = `oid sha256:${OID}\nsize 14\n`
  const cases: readonly (readonly [Buffer, object | undefined])[] = [
    [text(whole), POINTER],
    [text(`ext-0-foo sha256:${OID}\n${whole}`), POINTER],
    [Buffer.from(`version https://hawser.github.com/spec/v1\n${whole}`), POINTER],
    [text(`oid sha256:${OID}\n`), undefined],
    [text(`oid sha1:${OID}\nsize 14\n`), undefined],
    [text(`oid sha256:${OID.slice(1)}\nsize 14\n`), undefined],
    [text(`${whole}${' '.repeat(MAX_POINTER_BYTES)}`), undefined],
    [Buffer.from('version: 1\n'), undefined],
    [Buffer.alloc(0), undefined],
  ]
  for (const [bytes, pointer] of cases) assert.deepEqual(parsePointer(bytes), pointer, bytes.toString())
})

test('the API of a repository stands below its address with .git', () => {
  assert.equal(endpointOf('https://host/team/app'), 'https://host/team/app.git/info/lfs')
  assert.equal(endpointOf('https://host/team/app.git/'), 'https://host/team/app.git/info/lfs')
})

describe('files of Git LFS', () => {
  function files(t: TestContext, url: string, more: Partial<LfsOptions> = {}): LfsFiles {
    return new LfsFiles({
      url: `${url}/team/app`,
      configuredUrl: async () => undefined,
      access: async () => ({ lfs: true, username: 'git', password: new Secret('sesame') }),
      cacheFolder: temporaryFolder(t),
      localDirectory: undefined,
      ...more,
    })
  }

  /** Answers batches by a function, and everything else with the content. */
  async function start(t: TestContext, batch: (url: string) => unknown): Promise<JsonServer> {
    const server: JsonServer = await startJsonServer(t, ({ path }: Asked): Reply => {
      return path.endsWith('/objects/batch') ? { body: batch(server.url) } : { body: CONTENT }
    })
    return server
  }

  const one = (download: object) => ({ objects: [{ ...POINTER, actions: { download } }] })

  test("the repository's login opens the API and its own host alone; a file is fetched once", async (t) => {
    const server = await start(t, (url) => one({ href: `${url}/objects/1`, header: { 'X-Key': 'k', Host: 'evil' } }))
    const lfs = files(t, server.url)

    const [first] = await Promise.all([lfs.read(POINTER, 'a.bin'), lfs.read(POINTER, 'b.bin')])
    await lfs.read(POINTER, 'a.bin')

    assert.equal(Buffer.from(first ?? []).toString(), 'the large file')
    const authorization = `Basic ${Buffer.from('git:sesame').toString('base64')}`
    assert.deepEqual(
      server.asked.map(({ method, path, headers }) => [method, path, headers['authorization'], headers['x-key']]),
      [
        ['POST', '/team/app.git/info/lfs/objects/batch', authorization, undefined],
        ['GET', '/objects/1', authorization, 'k'],
      ],
    )
    assert.ok(server.asked.every(({ headers }) => headers['host'] === server.url.replace('http://', '')))
  })

  test('pointers stay as they are where LFS is not enabled', async (t) => {
    const server = await start(t, () => ({}))

    assert.equal(await files(t, server.url, { access: async () => ({}) }).read(POINTER, 'a'), undefined)
    assert.deepEqual(server.asked, [])
  })

  test('a repository on this disk has its files beside its objects', async (t) => {
    const localDirectory = temporaryFolder(t)
    const lfs = files(t, 'file:///x', { localDirectory })
    await assert.rejects(lfs.read(POINTER, 'a'), /git lfs fetch --all/)
    const folder = join(localDirectory, 'lfs/objects', OID.slice(0, 2), OID.slice(2, 4))
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, OID), CONTENT)

    assert.deepEqual(Buffer.from((await lfs.read(POINTER, 'a')) ?? []), CONTENT)
  })

  test('answers that are none are told with the file, and hold no secret', async (t) => {
    const cases: readonly (readonly [(url: string) => unknown, RegExp])[] = [
      [() => '<html>', /sent no answer of the LFS API/],
      [() => 'null', /sent no answer of the LFS API/],
      [() => ({ objects: [{ oid: 'f'.repeat(64), actions: {} }] }), /sent no answer of the LFS API/],
      [() => ({ objects: [{ ...POINTER, actions: { download: {} } }] }), /sent no answer of the LFS API/],
      [
        () => ({ objects: [{ ...POINTER, error: { code: 404, message: 'Object does not exist' } }] }),
        /Object does not exist: \[404\]/,
      ],
      [() => 'x'.repeat(MAX_BATCH_BYTES + 1), /larger than 262144 bytes/],
      [() => one({ href: 'http://169.254.169.254/latest/meta-data' }), /not read from there: 169\.254\.169\.254/],
      [() => one({ href: 'http://localhost:1/x?sig=sesame' }), /not read from there: localhost/],
      [() => one({ href: 'file:///etc/passwd' }), /no http or https address/],
      [() => one({ href: 'no address' }), /no http or https address/],
    ]
    for (const [batch, expected] of cases) {
      const server = await start(t, batch)
      await assert.rejects(files(t, server.url).read(POINTER, 'dir/a.bin'), (error: Error) => {
        assert.match(error.message, expected)
        assert.match(error.message, /^dir\/a\.bin: cannot fetch it from Git LFS: /)
        assert.doesNotMatch(error.message, /sesame/)
        return true
      })
    }
  })

  test('other content than the pointer says is refused, and not kept', async (t) => {
    const server = await start(t, (url) => ({
      objects: [0, 1].map((more) => ({ oid: OID, size: 1, actions: { download: { href: `${url}/${more}` } } })),
    }))
    const lfs = files(t, server.url)

    await assert.rejects(lfs.read({ oid: OID, size: CONTENT.length - 1 }, 'a'), /larger than 13 bytes/)
    await assert.rejects(
      lfs.read({ oid: OID, size: CONTENT.length + 1 }, 'a'),
      /came with other content: 14 bytes of 15/,
    )
    const other = sha256Hex('other')
    const lying = await start(t, (url) => ({
      objects: [{ oid: other, actions: { download: { href: `${url}/1` } } }],
    }))
    await assert.rejects(files(t, lying.url).read({ oid: other, size: 14 }, 'a'), /came with other content/)
    await assert.rejects(lfs.read({ oid: OID, size: MAX_LFS_BYTES + 1 }, 'a'), { code: 'limit' })
    assert.deepEqual(Buffer.from((await lfs.read(POINTER, 'a')) ?? []), CONTENT)
  })

  test('a refused batch says how the server answered; one that hangs is given up', async (t) => {
    const refusing = await startJsonServer(t, () => ({ status: 403 }))
    const hanging = await startJsonServer(t, () => undefined)

    await assert.rejects(files(t, refusing.url).read(POINTER, 'a'), { code: 'forbidden', message: /403 Forbidden/ })
    await assert.rejects(files(t, hanging.url, { batchTimeoutMs: 20 }).read(POINTER, 'a'), { code: 'timeout' })
  })

  test('an address in .lfsconfig on another host gets no login, and must not be of this machine', async (t) => {
    const server = await start(t, (url) => one({ href: `${url}/1` }))
    const same = files(t, server.url, { configuredUrl: async () => `${server.url}/lfs/` })
    const other = files(t, 'http://127.0.0.1:1', { configuredUrl: async () => `${server.url}/lfs` })

    assert.deepEqual(Buffer.from((await same.read(POINTER, 'a')) ?? []), CONTENT)
    assert.equal(server.asked[0]?.path, '/lfs/objects/batch')
    await assert.rejects(other.read(POINTER, 'a'), { code: 'forbidden' })
  })
})
