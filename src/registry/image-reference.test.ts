// Image references: how names are completed, and what is refused in which words.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  canonicalName,
  defaultPullPolicy,
  ImageReferenceError,
  MAX_PATH_LENGTH,
  MAX_REFERENCE_LENGTH,
  parseImageReference,
  registryHost,
  withDefaultTag,
} from './image-reference.ts'

const SHA = `sha256:${'a'.repeat(64)}`

describe('an image reference', () => {
  const names: readonly [string, string, string][] = [
    ['nginx', 'docker.io/library/nginx:latest', 'registry-1.docker.io'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27', 'registry-1.docker.io'],
    ['foo/bar', 'docker.io/foo/bar:latest', 'registry-1.docker.io'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest', 'registry-1.docker.io'],
    ['index.docker.io/x', 'docker.io/library/x:latest', 'registry-1.docker.io'],
    ['localhost/x', 'localhost/x:latest', 'localhost'],
    ['localhost:5000/x:1', 'localhost:5000/x:1', 'localhost:5000'],
    ['ghcr.io/a/b/c:v1', 'ghcr.io/a/b/c:v1', 'ghcr.io'],
    ['HOST/app', 'HOST/app:latest', 'HOST'],
    ['[::1]:5000/app', '[::1]:5000/app:latest', '[::1]:5000'],
    [`r.io/app:1@${SHA}`, `r.io/app@${SHA}`, 'r.io'],
    // The first part is no valid host, but a valid path: the name is one path then, and the pull goes to it all the same.
    ['a_b.c/app', 'a_b.c/app:latest', 'a_b.c'],
  ]
  for (const [text, canonical, host] of names) {
    test(`${text} is ${canonical}`, () => {
      const reference = parseImageReference(text)

      assert.equal(canonicalName(reference), canonical)
      assert.equal(registryHost(reference), host)
    })
  }

  const refusals: readonly [string, string][] = [
    ['', 'invalid reference format'],
    ['Nginx', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['r.io/Team/app', 'invalid reference format: repository name (Team/app) must be lowercase'],
    ['r.io/a___b', 'invalid reference format'],
    ['r.io//a', 'invalid reference format'],
    ['-r.io/a', 'invalid reference format'],
    ['nginx:', 'invalid reference format'],
    [`nginx:${'t'.repeat(129)}`, 'invalid reference format'],
    ['nginx@sha256:abc', 'invalid reference format'],
    [`nginx@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
    [`nginx@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
    [`nginx@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
    [
      'deadbeef'.repeat(8),
      `invalid repository name (${'deadbeef'.repeat(8)}), cannot specify 64-byte hexadecimal strings`,
    ],
    [`r.io/${'x'.repeat(MAX_PATH_LENGTH + 1)}`, 'repository name must not be more than 255 characters'],
    [`${'a'.repeat(MAX_REFERENCE_LENGTH)}/x`, 'invalid reference format'],
  ]
  for (const [text, message] of refusals) {
    test(`${text.slice(0, 40) || 'an empty text'} is refused: ${message.slice(0, 60)}`, () => {
      assert.throws(() => parseImageReference(text), new ImageReferenceError(message))
    })
  }

  test('may be as long as the limits allow', () => {
    const path = 'x'.repeat(MAX_PATH_LENGTH)
    const tag = 't'.repeat(128)

    assert.equal(parseImageReference(`r.io/${path}:${tag}`).path, path)
  })

  test('is read in time that grows with its length alone', () => {
    const hostile = ['a-'.repeat(2000), 'a.'.repeat(2000), `${'a_'.repeat(2000)}!`, ':'.repeat(4000), '/'.repeat(4000)]

    for (const text of hostile) assert.throws(() => parseImageReference(text), ImageReferenceError)
  })

  test('gets its default tag behind what was written', () => {
    assert.deepEqual(
      ['busybox', 'busybox:1', `busybox@${SHA}`].map((text) => withDefaultTag(text)),
      ['busybox:latest', 'busybox:1', `busybox@${SHA}`],
    )
  })

  const policies: readonly [string, string][] = [
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1', 'IfNotPresent'],
    [`nginx@${SHA}`, 'IfNotPresent'],
    [`nginx:latest@${SHA}`, 'Always'],
    ['NGINX', 'IfNotPresent'],
  ]
  for (const [text, policy] of policies) {
    test(`${text.slice(0, 30)} is pulled ${policy} by default`, () => {
      assert.equal(defaultPullPolicy(text), policy)
    })
  }
})
