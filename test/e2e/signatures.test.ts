// Signatures of commits and tags as real git and gpg see them.
import assert from 'node:assert/strict'
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { signatureProblems } from '../../src/policy/source-integrity.ts'
import { Keyring } from '../../src/source/git/keyring.ts'
import { createGitProvider } from '../../src/source/git/provider.ts'
import type { SourceLocation, SourceProvider } from '../../src/source/provider.ts'
import type { RevisionSignature } from '../../src/source/signature.ts'
import { createRepository, git, serveGitOverHttp, temporaryFolder, type TestRepository } from '../support/git.ts'
import { openKeyHome, type Past, type SigningKey } from '../support/gpg.ts'

interface Scene {
  readonly repository: TestRepository
  readonly ada: SigningKey
  readonly makeKey: (name: string, past?: Past) => SigningKey
  /** What the control plane knows; may change. */
  readonly keys: Record<string, string>
  readonly provider: SourceProvider
  readonly signatures: (revision: string, more?: Ask) => Promise<readonly RevisionSignature[]>
}

interface Ask extends Partial<SourceLocation> {
  readonly isDeep?: boolean
}

function openScene(t: TestContext): Scene {
  const folder = temporaryFolder(t)
  const { makeKey } = openKeyHome(t)
  const repository = createRepository(join(folder, 'repository'))
  const ada = makeKey('ada')
  const keys: Record<string, string> = { [ada.id]: ada.armoured() }
  const provider = createGitProvider({
    cacheFolder: join(folder, 'cache'),
    clock: systemClock,
    accessFor: async () => ({}),
    keyring: new Keyring({ folder: join(folder, 'gnupg'), keys: () => keys }),
  })
  t.after(() => provider.close())
  return {
    repository,
    ada,
    makeKey,
    keys,
    provider,
    async signatures(revision, { isDeep = false, ...location } = {}) {
      assert.ok(provider.signaturesOf !== undefined)
      return provider.signaturesOf({ repoURL: repository.url, ...location }, { project: 'p', revision, isDeep })
    },
  }
}

/** A commit whose content was changed after it was signed. */
function forge({ folder }: TestRepository, commit: string): string {
  const text = git(folder, 'cat-file', 'commit', commit)
  const file = join(folder, '.git', 'forged')
  appendFileSync(file, `${text.replace('signed', 'forged')}\n`)
  return git(folder, 'hash-object', '-t', 'commit', '-w', file)
}

describe('one commit', () => {
  test('is found signed, forged or unsigned, and told in the words of upstream', async (t) => {
    const { repository, ada, signatures } = openScene(t)
    const unsigned = repository.commit({ a: '1' })
    const signed = ada.commit(repository.folder, 'signed')
    const forged = forge(repository, signed)
    const author = 'Ada <ada@example.com>'

    assert.deepEqual(await signatures(signed), [{ revision: signed, result: 'signed', keyID: ada.id, author }])
    assert.deepEqual(await signatures(unsigned), [{ revision: unsigned, result: 'unsigned', keyID: '', author }])
    assert.deepEqual(await signatures(forged), [{ revision: forged, result: 'bad signature', keyID: ada.id, author }])

    const policy = { mode: 'head' as const, keys: [ada.fingerprint] }
    assert.deepEqual(signatureProblems(policy, await signatures(signed)), [])
    assert.deepEqual(signatureProblems(policy, await signatures(forged)), [
      `Failed verifying revision ${forged} by 'Ada <ada@example.com>': bad signature (key_id=${ada.id})`,
    ])
    assert.deepEqual(signatureProblems({ ...policy, keys: [] }, await signatures(signed)), [
      `Failed verifying revision ${signed} by 'Ada <ada@example.com>': signed with unallowed key (key_id=${ada.id})`,
    ])
  })

  test('is judged by the keys as they are now: unknown, then known, then revoked', async (t) => {
    const { repository, makeKey, keys, signatures } = openScene(t)
    const bob = makeKey('bob')
    const commit = bob.commit(repository.folder, 'signed')
    const resultOf = async (): Promise<unknown> =>
      (await signatures(commit)).map(({ result, keyID }) => [result, keyID])

    assert.deepEqual(await resultOf(), [['signed with key not in keyring', bob.id]])
    keys[bob.id] = bob.armoured()
    assert.deepEqual(await resultOf(), [['signed', bob.id]])
    bob.revoke()
    keys[bob.id] = bob.armoured()
    assert.deepEqual(await resultOf(), [['signed with revoked key', bob.id]])
  })

  test('signed by a key, or for a time, that has expired is told so', async (t) => {
    const { repository, ada, makeKey, keys, signatures } = openScene(t)
    const carol = makeKey('carol', { at: '20200101T000000', expires: '1y' })
    const byOldKey = carol.commit(repository.folder, 'signed')
    keys[carol.id] = carol.armoured()
    const dan = makeKey('dan', { at: '20200101T000000', expires: 'never' })
    const forADay = dan.commit(repository.folder, 'signed', ['--default-sig-expire', '1d'])
    keys[dan.id] = dan.armoured()
    const still = ada.commit(repository.folder, 'signed')

    const found = [byOldKey, forADay, still].map(async (commit) => (await signatures(commit))[0]?.result)
    assert.deepEqual(await Promise.all(found), ['signed with expired key', 'expired signature', 'signed'])
  })

  test('of a repository that names its own judge is judged by gpg all the same', async (t) => {
    const { repository, signatures } = openScene(t)
    const unsigned = repository.commit({ a: '1' })
    const mark = join(repository.folder, '.git', 'was-run')
    for (const name of ['gpg.program', 'gpg.openpgp.program', 'gpg.ssh.program', 'gpg.x509.program']) {
      git(repository.folder, 'config', name, `touch ${mark}`)
    }
    assert.equal((await signatures(unsigned))[0]?.result, 'unsigned')
    assert.equal(existsSync(mark), false)
  })

  test('is not judged with a key that is none', async (t) => {
    const { repository, ada, keys, signatures } = openScene(t)
    const commit = ada.commit(repository.folder, 'signed')
    keys['1111111111111111'] = 'no key'
    await assert.rejects(signatures(commit), /argocd-gpg-keys-cm: key 1111111111111111 cannot be imported: /)
  })
})

describe('a tag', () => {
  test('that is annotated is verified itself, one that is only a name by its commit', async (t) => {
    const { repository, ada, signatures } = openScene(t)
    const commit = repository.commit({ a: '1' })
    ada.tag(repository.folder, '1.0.0')
    git(repository.folder, 'tag', '--annotate', '--message', 'plain', 'plain')
    git(repository.folder, 'tag', 'light')
    const resultOf = async (targetRevision: string): Promise<unknown> =>
      (await signatures(commit, { targetRevision })).map(({ revision, result, keyID }) => [revision, result, keyID])

    assert.deepEqual(await resultOf('1.0.0'), [['1.0.0', 'signed', ada.id]])
    assert.deepEqual(await resultOf('1.*'), [['1.0.0', 'signed', ada.id]])
    assert.deepEqual(await resultOf('plain'), [['plain', 'unsigned', '']])
    assert.deepEqual(await resultOf('light'), [[commit, 'unsigned', '']])
    assert.deepEqual(await resultOf('main'), [[commit, 'unsigned', '']])
    // A tag says nothing of another commit, though it is what the application follows.
    const other = repository.commit({ a: '2' })
    const found = await signatures(other, { targetRevision: '1.0.0' })
    assert.deepEqual(
      found.map(({ revision, result }) => [revision, result]),
      [[other, 'unsigned']],
    )
  })

  test('that was forged is told so', async (t) => {
    const { repository, ada, signatures } = openScene(t)
    const commit = repository.commit({ a: '1' })
    ada.tag(repository.folder, 'good')
    const text = git(repository.folder, 'cat-file', 'tag', 'good').replace('\n\ngood\n', '\n\nevil\n')
    const file = join(repository.folder, '.git', 'forged')
    appendFileSync(file, `${text}\n`)
    git(
      repository.folder,
      'update-ref',
      'refs/tags/evil',
      git(repository.folder, 'hash-object', '-t', 'tag', '-w', file),
    )

    const [found] = await signatures(commit, { targetRevision: 'evil' })
    assert.deepEqual([found?.revision, found?.result, found?.keyID], ['evil', 'bad signature', ada.id])
  })
})

describe('strict mode', () => {
  test('looks at the whole history, back to signed seals', async (t) => {
    const { repository, ada, makeKey, signatures } = openScene(t)
    const { folder } = repository
    const root = repository.commit({ a: '1' })
    const first = ada.commit(folder, 'one')
    const idsOf = async (revision: string): Promise<readonly string[]> =>
      (await signatures(revision, { isDeep: true })).map((signature) => signature.revision)
    assert.deepEqual(await idsOf(first), [first, root])

    repository.commit({ a: '2' }, 'Argocd-gpg-seal: nobody signed this')
    const stranger = makeKey('stranger').commit(folder, 'Argocd-gpg-seal: whoever this is')
    assert.equal((await idsOf(stranger)).length, 4, 'seals that nobody trusted signed end nothing')

    const seal = ada.commit(folder, 'checked by hand\n\nargocd-GPG-seal: all before is known')
    assert.deepEqual(await idsOf(seal), [seal])
    const last = ada.commit(folder, 'two')
    assert.deepEqual(await idsOf(last), [last, seal])
  })

  test('over the network has the whole history fetched, a tag with it', async (t) => {
    const scene = openScene(t)
    const { repository, ada } = scene
    const commits = ['one', 'two', 'three'].map((message) => ada.commit(repository.folder, message))
    ada.tag(repository.folder, 'v1')
    const address = await serveGitOverHttp(t, { root: join(repository.folder, '..') })
    const repoURL = `${address}/repository/.git`
    const head = commits.at(-1) ?? ''

    const one = await scene.signatures(head, { repoURL, targetRevision: 'v1' })
    assert.deepEqual(
      one.map(({ revision, result }) => [revision, result]),
      [['v1', 'signed']],
    )
    const all = await scene.signatures(head, { repoURL, targetRevision: 'v1', isDeep: true })
    assert.deepEqual(
      all.map(({ revision }) => revision),
      ['v1', ...commits.toReversed()],
    )
  })

  test('refuses a copy whose history is cut off', async (t) => {
    const { repository, ada, signatures } = openScene(t)
    repository.commit({ a: '1' })
    const head = ada.commit(repository.folder, 'signed')
    const shallow = join(repository.folder, '..', 'shallow')
    git(repository.folder, 'clone', '--quiet', '--depth', '1', repository.url, shallow)

    await assert.rejects(signatures(head, { repoURL: `file://${shallow}`, isDeep: true }), {
      code: 'precondition',
      message: `the history of ${head} is cut off at ${head}: a strict look at signatures needs all of it`,
    })
  })
})
