// Data keys that the real age encrypted to SSH keys, and keys that cannot be used.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { openAgeFile, readAgeIdentities } from './age-keys.ts'

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../testdata', name), 'utf8')
const KEYS = `# of tests\n${read('ssh-ed25519.key')}\n${read('ssh-rsa.key')}${read('keys.agekey')}`

/** A key of OpenSSH with some of its bytes replaced by others. */
function changed(from: string | RegExp, to: string): string {
  const [begin = '', ...body] = read('ssh-ed25519.key').trim().split('\n')
  const end = body.pop() ?? ''
  const bytes = Buffer.from(body.join(''), 'base64').toString('latin1').replace(from, to)
  return `${begin}\n${Buffer.from(bytes, 'latin1').toString('base64')}\n${end}\n`
}

describe('SSH keys', () => {
  test('stand among age identities and are told by their public halves', async () => {
    const identities = await readAgeIdentities(KEYS)

    const recipients = identities.map(({ recipient }) => recipient.replace(/^(?<type>ssh-\w+ .{8}|age1).*/, '$<type>'))
    assert.deepEqual(recipients.slice(0, 3), ['ssh-ed25519 AAAAC3Nz', 'ssh-rsa AAAAB3Nz', 'age1'])
  })

  for (const type of ['ed25519', 'rsa']) {
    test(`[002-14] ssh-${type} opens what age encrypted to it, other keys do not`, async () => {
      const file = read(`ssh-${type}.age`)
      const others = await readAgeIdentities(
        `${read(`ssh-${type === 'rsa' ? 'ed25519' : 'rsa'}.key`)}${read('keys.agekey')}`,
      )

      const opened = await openAgeFile(file, await readAgeIdentities(KEYS.replaceAll('\n', '\r\n')))

      assert.equal(opened?.toString(), 'K'.repeat(32))
      assert.equal(await openAgeFile(file, others), undefined)
    })
  }

  test('a file that was changed is refused', async () => {
    const file = read('ssh-ed25519.age').split('\n')
    const line = file[2] ?? ''
    file[2] = line.slice(0, 20) + (line[20] === 'A' ? 'B' : 'A') + line.slice(21)

    await assert.rejects(openAgeFile(file.join('\n'), await readAgeIdentities(KEYS)), { code: 'bad-input' })
  })

  const refused: readonly (readonly [string, string, RegExp])[] = [
    ['with a passphrase', changed('none', 'aes!'), /from line 1 on .* has a passphrase/],
    [
      'of another type',
      changed(/ssh-ed25519(?![^]*ssh-ed25519)/, 'ssh-ed99999'),
      /keys of type ssh-ed99999 are not used/,
    ],
    ['cut off', read('ssh-rsa.key').replaceAll(/\n[A-Za-z0-9+/]{70}\n[\s\S]*\n(?=-----END)/g, '\n'), /no OpenSSH/],
    ['without an end', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n', /line 1 is no age identity: write SSH keys/],
    ['in another format', '# a\n-----BEGIN PRIVATE KEY-----\n', /line 2 is no age identity: write SSH keys/],
    ['that is public', 'ssh-ed25519 AAAA a@b', /line 1 .* public half/],
  ]
  for (const [what, text, message] of refused) {
    test(`a key ${what} is refused without being shown`, async () => {
      await assert.rejects(readAgeIdentities(text), { code: 'bad-input', message })
    })
  }
})
