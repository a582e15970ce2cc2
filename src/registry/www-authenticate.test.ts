// Reading WWW-Authenticate: what registries send, and what they should not.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseChallenges } from './www-authenticate.ts'

/** `scheme name=value …` a challenge. */
function lines(headers: string | readonly string[] | undefined): readonly string[] {
  return parseChallenges(headers).map(({ scheme, parameters }) =>
    [scheme, ...Object.entries(parameters).map(([name, value]) => `${name}=${value}`)].join(' '),
  )
}

describe('challenges', () => {
  const cases: readonly [string, string | readonly string[] | undefined, readonly string[]][] = [
    ['of a registry without any', undefined, []],
    [
      'of Docker Hub',
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
      ['bearer realm=https://auth.docker.io/token service=registry.docker.io scope=repository:a/b:pull'],
    ],
    [
      'with commas inside quotes',
      'Bearer realm="https://a/t",scope="repository:a:pull,push"',
      ['bearer realm=https://a/t scope=repository:a:pull,push'],
    ],
    [
      'several in one header',
      'Basic realm="x, y", Bearer realm="z",service=s',
      ['basic realm=x, y', 'bearer realm=z service=s'],
    ],
    ['several headers', ['Basic realm="x"', 'Bearer realm="z"'], ['basic realm=x', 'bearer realm=z']],
    [
      'with names in any case and spaces around the equals sign',
      'BEARER Realm = "z" , SERVICE=s',
      ['bearer realm=z service=s'],
    ],
    ['with escaped quotes', 'Basic realm="a\\"b\\\\c"', ['basic realm=a"b\\c']],
    ['of other schemes, with bare tokens', 'Negotiate YWJj==, Basic realm="x"', ['negotiate', 'basic realm=x']],
    ['with empty elements', ', ,Basic realm="x",,charset="UTF-8"', ['basic realm=x charset=UTF-8']],
    ['without parameters', 'Basic', ['basic']],
    ['with a quote that never ends', 'Bearer realm="abc', ['bearer realm=']],
    ['that are no challenges', '"', []],
    ['that name what objects have anyway', 'Bearer __proto__="x",realm="r"', ['bearer __proto__=x realm=r']],
  ]
  for (const [what, headers, expected] of cases) {
    test(what, () => assert.deepEqual(lines(headers), expected))
  }

  test('are read in time that grows with their length alone', () => {
    const hostile = [
      `Bearer ${'a='.repeat(8000)}`,
      `Bearer realm="${'\\'.repeat(16_000)}`,
      'a,'.repeat(8000),
      'Basic '.repeat(3000),
    ]

    for (const header of hostile) assert.ok(parseChallenges(header).length >= 1)
  })
})
