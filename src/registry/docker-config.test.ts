// Docker configs: what is read of them, what spoils them, and that nothing of them is shown.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { Secret } from '../base/secret.ts'
import { dockerConfigJson, DockerConfigError, MAX_CONFIG_LENGTH, readDockerConfig } from './docker-config.ts'

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

/** `user password email` of one entry. */
function read(entry: object): string {
  const config = readDockerConfig(JSON.stringify({ auths: { r: entry } }), 'dockerconfigjson')
  const { username, password, email } = config.get('r') ?? assert.fail('no entry')
  return `${username} ${password.reveal()} ${email}`
}

describe('a docker config', () => {
  const entries: readonly [string, object, string][] = [
    ['user and password', { username: 'u', password: 'p', email: 'e' }, 'u p e'],
    ['`auth` over user and password', { username: 'u', password: 'p', auth: base64('a:b') }, 'a b '],
    ['`auth` split at the first colon', { auth: base64('a:b:c') }, 'a b:c '],
    ['`auth` without padding', { auth: base64('a:b').replace(/=+$/, '') }, 'a b '],
    ['an empty `auth` as none', { username: 'u', password: 'p', auth: '' }, 'u p '],
    ['nulls as absent', { username: null, password: 'p' }, ' p '],
    ['names in any case', { USERNAME: 'u', Password: 'p' }, 'u p '],
    ['nothing of tokens', { identitytoken: 't', registrytoken: 't', username: 'u', password: 'p' }, 'u p '],
    ['letters beyond ASCII', { auth: base64('ü:пароль') }, 'ü пароль '],
  ]
  for (const [what, entry, expected] of entries) test(`reads ${what}`, () => assert.equal(read(entry), expected))

  test('of the older kind has no `auths` around it', () => {
    const config = readDockerConfig('{"r": {"username": "u"}}', 'dockercfg')

    assert.deepEqual([...config.keys()], ['r'])
  })

  const spoiled: readonly [string, string][] = [
    ['', 'unexpected end of JSON input'],
    ['{', 'docker config is not valid JSON'],
    ['[]', 'json: cannot unmarshal array into Go value of type credentialprovider.DockerConfigJSON'],
    [
      '{"auths": []}',
      'json: cannot unmarshal array into Go struct field DockerConfigJSON.auths of type credentialprovider.DockerConfig',
    ],
    [
      '{"auths": {"r": {"username": 5}}}',
      'json: cannot unmarshal number into Go struct field DockerConfigJSON.auths.username of type string',
    ],
    [
      '{"HttpHeaders": {"a": 5}}',
      'json: cannot unmarshal number into Go struct field DockerConfigJSON.HttpHeaders of type string',
    ],
    [
      `{"auths": {"r": {"auth": "${base64('nocolon')}"}}}`,
      'unable to parse auth field, must be formatted as base64(username:password)',
    ],
    ['{"auths": {"r": {"auth": "a!"}}}', 'illegal base64 data at input byte 1'],
    ['{"auths": {"r": {"auth": "dTpw==="}}}', 'illegal base64 data at input byte 4'],
  ]
  for (const [text, message] of spoiled) {
    test(`${text || 'without content'} is refused in the kubelet's words`, () => {
      assert.throws(() => readDockerConfig(text, 'dockerconfigjson'), new DockerConfigError(message))
    })
  }

  test('is refused where it is larger than a Secret can be, and nested deeply without harm', () => {
    const deep = `{"x": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`

    assert.throws(() => readDockerConfig(' '.repeat(MAX_CONFIG_LENGTH + 1), 'dockerconfigjson'), /larger than 1 MiB/)
    assert.equal(readDockerConfig(deep, 'dockerconfigjson').size, 0)
  })

  test('written for a registry is read back, whatever is in the password', () => {
    const password = '{\n  "private_key": "a\\"b:c"\n}ü'
    const written = dockerConfigJson('eu.gcr.io', { username: '_json_key', password: new Secret(password), email: '' })

    const entry = readDockerConfig(written.reveal(), 'dockerconfigjson').get('eu.gcr.io')

    assert.equal(entry?.password.reveal(), password)
    assert.ok(!inspect(written).includes('private_key'))
    assert.ok(!inspect(entry).includes('private_key'))
  })

  test('that is spoiled shows nothing of its content', () => {
    const text = '{"auths": {"r": {"password": "hunter2", "auth": 5}}} hunter2'

    assert.throws(
      () => readDockerConfig(text, 'dockerconfigjson'),
      (error) => !inspect(error).includes('hunter2'),
    )
  })
})
