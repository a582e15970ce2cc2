// Which credentials an image gets: rule by rule, against the kubelet's recorded answers, and against a second, plain telling of the rules.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { canonicalName, parseImageReference, type ImageReference } from './image-reference.ts'
import { keyringOf, normalizedKey, type PullSecret } from './keyring.ts'

interface WrittenSecret {
  readonly Type: string
  readonly Key: string
  readonly Data: string
}

function pullSecret({ Type: type, Key: key, Data: text }: WrittenSecret, index: number = 0): PullSecret {
  const data = { [key]: Buffer.from(text).toString('base64') }
  return { uid: `u${index}`, namespace: 'n', name: `s${index}`, type, data }
}

/** A Secret whose users are named like their keys. */
function secretFor(keys: readonly string[], index = 0): PullSecret {
  const auths = Object.fromEntries(keys.map((key) => [key, { username: key, password: String(index) }]))
  const Data = JSON.stringify({ auths })
  return pullSecret({ Type: 'kubernetes.io/dockerconfigjson', Key: '.dockerconfigjson', Data }, index)
}

function usersFor(keys: readonly string[], image: string): readonly string[] {
  return keyringOf([secretFor(keys)])
    .lookup(parseImageReference(image).name)
    .map(({ username }) => username)
}

describe('a keyring', () => {
  const rules: readonly [string, readonly string[], string, readonly string[]][] = [
    ['takes the host', ['r.io'], 'r.io/app', ['r.io']],
    [
      'takes an address for its host',
      ['https://r.io/v1/', 'http://r.io/v2/'],
      'r.io/app',
      ['https://r.io/v1/', 'http://r.io/v2/'],
    ],
    ['keeps the path behind the old API’s', ['https://r.io/v1/team'], 'r.io/team/app', ['https://r.io/v1/team']],
    ['does not take `/v2` without a slash for nothing', ['r.io/v2'], 'r.io/app', []],
    [
      'tries more specific paths first',
      ['r.io', 'r.io/team', 'r.io/team/app'],
      'r.io/team/app',
      ['r.io/team/app', 'r.io/team', 'r.io'],
    ],
    ['takes a path as the beginning of a text', ['r.io/team'], 'r.io/teamx/app', ['r.io/team']],
    ['does not take another path', ['r.io/other'], 'r.io/team/app', []],
    ['has a star stand for one label', ['*.r.io'], 'a.r.io/app', ['*.r.io']],
    ['has no star stand for two labels', ['*.r.io'], 'a.b.r.io/app', []],
    ['has no star in a port', ['r.io:*'], 'r.io:5000/app', []],
    ['compares ports as texts: none is not 443', ['r.io:443'], 'r.io/app', []],
    ['takes the same port', ['r.io:5000'], 'r.io:5000/app', ['r.io:5000']],
    ['has a question mark begin a query', ['localhost?x'], 'localhost/app', ['localhost?x']],
    ['has a hash begin a fragment', ['r.io#x'], 'r.io/app', ['r.io#x']],
    ['leaves user and password of an address out', ['u:p@r.io'], 'r.io/app', ['u:p@r.io']],
    ['takes an IPv6 address with a port', ['[::1]:5000'], '[::1]:5000/app', ['[::1]:5000']],
    ['has a bare IPv6 address match nothing: it is a class of characters', ['[::1]'], '[::1]/app', []],
    ['compares capital letters as they are', ['r.io'], 'R.io/app', []],
    ['knows Docker Hub as docker.io', ['docker.io'], 'nginx', ['docker.io']],
    ['knows Docker Hub by its old address', ['https://index.docker.io/v1/'], 'nginx', ['https://index.docker.io/v1/']],
    ['prefers what matches to Docker Hub’s', ['index.docker.io', 'docker.io/library'], 'nginx', ['docker.io/library']],
    ['offers Docker Hub’s to localhost too', ['index.docker.io'], 'localhost/x', ['index.docker.io']],
    ['offers Docker Hub’s to hosts without a dot', ['index.docker.io'], 'HOST/x', ['index.docker.io']],
    ['keeps Docker Hub’s from other hosts', ['index.docker.io'], 'r.io/x', []],
    ['keeps Docker Hub’s from localhost with a port', ['index.docker.io'], 'localhost:5000/x', []],
    ['ignores keys that are no addresses', ['a b', '%41.io', 'r.io:x', 'r.io'], 'r.io/app', ['r.io']],
  ]
  for (const [rule, keys, image, expected] of rules) {
    test(rule, () => assert.deepEqual(usersFor(keys, image), expected))
  }

  test('sorts keys as bytes, not as UTF-16', () => {
    // U+FFEE sorts behind U+1D4B3 in UTF-16 and before it in UTF-8; neither matches, both stay in order around what does.
    const ring = keyringOf([secretFor(['r.io/\u{ffee}', 'r.io/\u{1d4b3}', 'r.io'])])

    assert.deepEqual(
      ring.lookup('r.io/\u{1d4b3}').map(({ key }) => key),
      ['r.io/\u{1d4b3}', 'r.io'],
    )
  })

  test('pools the Secrets in the order of the pod, and keeps the same key of both', () => {
    const ring = keyringOf([secretFor(['r.io'], 0), secretFor(['r.io', 'r.io/team'], 1)])

    assert.deepEqual(
      ring.lookup('r.io/team/app').map(({ key, source }) => `${key} ${source.name}`),
      ['r.io/team s1', 'r.io s0', 'r.io s1'],
    )
  })

  test('skips Secrets of another type, or without the key of their type', () => {
    const config = JSON.stringify({ auths: { 'r.io': { username: 'u' } } })
    const skipped = [
      { Type: 'Opaque', Key: '.dockerconfigjson', Data: config },
      { Type: 'kubernetes.io/dockercfg', Key: '.dockerconfigjson', Data: config },
      { Type: 'kubernetes.io/dockerconfigjson', Key: '.dockerconfigjson', Data: '' },
    ]

    assert.deepEqual(keyringOf(skipped.map(pullSecret)).lookup('r.io/app'), [])
  })

  test('is spoiled by one Secret that cannot be read, however good the others are', () => {
    const bad = { Type: 'kubernetes.io/dockerconfigjson', Key: '.dockerconfigjson', Data: '{"auths": []}' }

    assert.throws(() => keyringOf([secretFor(['r.io']), pullSecret(bad)]), /cannot unmarshal array/)
  })

  test('tells equal credentials by their hash', () => {
    const hashes = keyringOf([secretFor(['r.io'], 0), secretFor(['r.io'], 0), secretFor(['r.io'], 1)]).lookup('r.io/a')

    assert.equal(new Set(hashes.map(({ hash }) => hash)).size, 2)
  })
})

interface Recorded {
  readonly secrets: readonly WrittenSecret[]
  readonly image: string
  readonly Repo: string
  readonly Tag: string
  readonly Digest: string
  readonly RefErr: string
  readonly Err: string
  readonly Creds: readonly (readonly [string, string])[] | null
}

test('references and keyrings are as the kubelet’s own code has them', () => {
  const file = new URL('testdata/kubelet-keyring.jsonl', import.meta.url)
  // Written by the recipe beside it.
  const cases = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)

  const wrong = cases.filter((recorded) => answerOf(recorded) !== expectedOf(recorded)).map(({ image }) => image)

  assert.ok(cases.length >= 200)
  assert.deepEqual(wrong, [])
})

function expectedOf({ Repo, Tag, Digest, RefErr, Err, Creds }: Recorded): string {
  return JSON.stringify([
    Repo,
    Tag,
    Digest,
    RefErr.replace(/^couldn't parse image name "(?:[^"\\]|\\.)*": /, ''),
    Err,
    Creds ?? [],
  ])
}

function answerOf({ secrets, image }: Recorded): string {
  const reference = attempt(() => parseImageReference(image))
  const found = typeof reference === 'string' ? undefined : reference
  const credentials = attempt(() => keyringOf(secrets.map(pullSecret)).lookup(found?.name ?? image))
  const pairs =
    typeof credentials === 'string' ? [] : credentials.map(({ username, password }) => [username, password.reveal()])
  return JSON.stringify([
    found?.name ?? '',
    found === undefined ? '' : tagOf(found),
    found?.digest ?? '',
    typeof reference === 'string' ? reference : '',
    typeof credentials === 'string' ? credentials : '',
    pairs,
  ])
}

function tagOf(reference: ImageReference): string {
  return reference.tag ?? (reference.digest === undefined ? canonicalName(reference).split(':').at(-1) : '') ?? ''
}

/** What it gives, or the message of its error. */
function attempt<T>(run: () => T): T | string {
  try {
    return run()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('a keyring of plain keys', () => {
  test('finds what a plain telling of the rules finds', () => {
    const random = generator(20_260_101)
    const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)] ?? ''
    const hosts = [
      'r.io',
      'a.r.io',
      '*.r.io',
      'a*.r.io',
      '*.*',
      'r.io:5000',
      '*:5000',
      'docker.io',
      'index.docker.io',
      'gcr.io',
      '*',
    ]
    const paths = ['', '/', '/v1/', '/v2/', '/team', '/te', '/team/app', '/v1/team', '/library']
    const images = [
      'r.io/app',
      'a.r.io/team/app',
      'ab.r.io/teamx',
      'r.io:5000/team/app',
      'nginx',
      'team/app',
      'gcr.io/team',
      'localhost/x',
    ]

    for (let round = 0; round < 5000; round++) {
      const keys = [...new Set(Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(hosts) + pick(paths)))]
      const image = pick(images)
      assert.deepEqual(
        usersFor(keys, image),
        plainly(keys, parseImageReference(image).name),
        `${keys.join(' ')} for ${image}`,
      )
    }
  })

  test('normalizes as upstream does', () => {
    const keys = [
      'https://index.docker.io/v1/',
      'r.io/',
      'r.io/v1/team',
      'r.io/v2',
      'host:5000/team',
      'r.io/a?b',
      'é.io',
      'a b',
    ]

    assert.deepEqual(
      keys.map((key) => normalizedKey(key)),
      ['index.docker.io', 'r.io', 'r.io/team', 'r.io/v2', 'host:5000/team', 'r.io/a', 'é.io', undefined],
    )
  })
})

/** Keys of plain ASCII without schemes: the rules of keyring.go once more, with nothing shared. */
function plainly(keys: readonly string[], image: string): readonly string[] {
  const normal = keys.map((key) => ({ key, short: key.replace(/\/v[12]\//, '/').replace(/\/$/, '') }))
  // `/v1/team/` keeps its last slash upstream; none of the keys here has one.
  const sorted = normal.toSorted((a, b) => (a.short < b.short ? 1 : a.short > b.short ? -1 : 0))
  const [host = '', ...rest] = image.split('/')
  const path = `/${rest.join('/')}`
  const found = sorted.filter(({ short }) => {
    const slash = short.indexOf('/')
    const keyHost = slash < 0 ? short : short.slice(0, slash)
    const pattern = keyHost
      .split('*')
      .map((part) => part.replaceAll('.', '\\.'))
      .join('[^.:]*')
    return new RegExp(`^${pattern}$`).test(host) && path.startsWith(slash < 0 ? '' : short.slice(slash))
  })
  if (found.length > 0) return found.map(({ key }) => key)
  const isDefault = host === 'docker.io' || !/[.:]/.test(host)
  return isDefault ? sorted.filter(({ short }) => short === 'index.docker.io').map(({ key }) => key) : []
}

/** Numbers from 0 to 1, the same ones each time (Park and Miller). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
