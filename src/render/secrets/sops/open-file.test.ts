// Files that real sops encrypted are opened to what sops itself decrypts, and every change of one is refused.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { sopsYaml } from '../../../../test/support/sops-file.ts'
import { bytesOfText } from '../../../lang/go/text.ts'
import { parseJson } from '../../../kube/json-digits.ts'
import { parseYamlDocuments } from '../../../lang/yaml/read.ts'
import { fillHeld } from '../fill-held.ts'
import { readAgeIdentities } from './age-keys.ts'
import type { KeyRing } from './data-key.ts'
import { isEncryptedFile, MAX_ENCRYPTED_BYTES, openSopsFile } from './open-file.ts'
import { decryptValue } from './value.ts'

const DATA = join(import.meta.dirname, '../testdata')
const read = (name: string): Buffer => readFileSync(join(DATA, name))
const NO_KEYS: KeyRing = { identities: [], pgpKeys: [] }

async function ringOf(...lines: readonly number[]): Promise<KeyRing> {
  const keys = read('keys.agekey').toString('utf8').trim().split('\n')
  const some = lines.length === 0 ? keys : lines.map((line) => keys[line] ?? '')
  return { identities: await readAgeIdentities(some.join('\n')), pgpKeys: [] }
}

/** The texts of a parsed document with the values in place. */
function filled(value: unknown, fill: (text: string) => string): unknown {
  if (typeof value === 'string') return fill(value)
  if (Array.isArray(value)) return value.map((item) => filled(item, fill))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one, fill)]))
}

async function opened(name: string, bytes: Uint8Array = read(name)): Promise<{ text: string; clear: string[] }> {
  const { bytes: out, held } = await openSopsFile(name, bytes, await ringOf())
  const fill = (text: string): string => fillHeld(text, held)?.text ?? assert.fail(`cannot fill ${text}`)
  if (!name.endsWith('.yaml') && !name.endsWith('.json')) {
    return { text: out.toString('utf8'), clear: [bytesOfText(fill(out.toString('utf8'))).toString('latin1')] }
  }
  const documents = parseYamlDocuments(out.toString('utf8'), { bigIntegers: 'exact' })
  return { text: out.toString('utf8'), clear: documents.map((one) => show(filled(one.value, fill))) }
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one))
}

const YAML_FILES = ['enc', 'hybrid', 'regex', 'maconly', 'unregex', 'suffix', 'comment', 'shamir']

describe('files of real sops', () => {
  for (const name of YAML_FILES) {
    test(`[002-14] ${name}.yaml holds what sops decrypts, and no secret in clear`, async () => {
      const wanted = parseYamlDocuments(read('plain.yaml').toString('utf8'), { bigIntegers: 'exact' })

      const { text, clear } = await opened(`${name}.yaml`)

      assert.deepEqual(
        clear,
        wanted.map(({ value }) => show(value)),
      )
      if (name !== 'suffix' && name !== 'comment') assert.doesNotMatch(text, /hunter2/)
    })
  }

  test('JSON keeps its integers, dotenv and INI files their order, binary files their bytes', async () => {
    const json = await opened('enc.json')
    const dotenv = await opened('enc.env')
    const ini = await opened('enc.ini')
    const binary = await opened('enc.bin')

    const wanted = show(parseJson(read('plain.json').toString('utf8')))
    assert.deepEqual(JSON.parse(json.clear[0] ?? ''), JSON.parse(wanted))
    const comments = /^[#;].*\n/gm
    assert.equal(dotenv.clear[0], read('plain.env').toString('utf8').replaceAll(comments, ''))
    assert.equal(ini.clear[0], read('plain.ini').toString('utf8').replaceAll(comments, ''))
    assert.equal(binary.clear[0], read('plain.bin').toString('latin1'))
  })

  test('two of three key groups are enough, one is not', async () => {
    await assert.doesNotReject(openSopsFile('a.yaml', read('shamir.yaml'), await ringOf(0, 2)))
    await assert.rejects(openSopsFile('a.yaml', read('shamir.yaml'), await ringOf(1)), {
      code: 'precondition',
      message: /1 of 2 needed key groups could be opened/,
    })
  })

  test('a value with another path, or without one, is not decrypted', () => {
    const text =
      'ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]'
    const key = Buffer.from('f'.repeat(32))

    assert.equal(decryptValue(text, key, 'bar:').bytes.toString(), 'foo')
    assert.throws(() => decryptValue(text, key, ''), { message: /Could not decrypt with AES_GCM/ })
  })
})

describe('changed files', () => {
  const replace = (from: RegExp | string, to: string): Buffer =>
    Buffer.from(read('regex.yaml').toString('utf8').replace(from, to))
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['a flipped byte of a value', replace(/(password: ENC\[AES256_GCM,data:)./, '$1_'), /Could not decrypt|format/],
    ['a renamed key', replace('password: ENC', 'passphrase: ENC'), /stringData\.passphrase: Could not decrypt/],
    ['an unencrypted value', replace('name: db', 'name: other'), /MAC mismatch/],
    [
      'a value in clear where the rule wants it encrypted',
      replace(/password: ENC\[.*\]/, 'password: x'),
      /does not match/,
    ],
    ['another time', replace(/lastmodified: .*/, 'lastmodified: "2020-01-01T00:00:00Z"'), /data integrity/],
    ['no MAC', replace(/mac: ENC\[.*\]/, 'mac: ""'), /MAC mismatch/],
    [
      'two rules',
      replace(/encrypted_regex:/, 'encrypted_suffix: x\n    encrypted_regex:'),
      /Cannot use more than one of/,
    ],
    ['a key twice', replace('second: doc', 'second: doc\nsecond: doc'), /already defined/],
    ['a list at the top', Buffer.from('- a\n# mac: ENC[AES256_GCM,'), /sequences are not supported/],
    [
      'a rule that is no expression',
      replace(/encrypted_regex: .*/, 'encrypted_regex: "(?=x)"'),
      /no regular expression/,
    ],
  ]
  for (const [what, bytes, message] of cases) {
    test(`${what} is refused`, async () => {
      await assert.rejects(openSopsFile('a.yaml', bytes, await ringOf()), { message })
    })
  }

  test('a file over the limit and an alias bomb in the metadata are refused', async () => {
    const large = Buffer.alloc(MAX_ENCRYPTED_BYTES + 1, ' ')
    const levels = Array.from({ length: 9 }, (_, i) => `  l${i + 1}: &l${i + 1} [${`*l${i},`.repeat(10)}]`)
    const bomb = Buffer.from(`sops:\n  l0: &l0 [a]\n${levels.join('\n')}\n  mac: ENC[AES256_GCM,\n`)

    await assert.rejects(openSopsFile('a.yaml', large, NO_KEYS), { code: 'limit' })
    await assert.rejects(openSopsFile('a.yaml', bomb, NO_KEYS), { message: /excessive aliasing/ })
  })
})

describe('keys', () => {
  test('without a key the error names file, recipients and what is held, nothing else', async () => {
    await assert.rejects(openSopsFile('db/secret.yaml', read('hybrid.yaml'), await ringOf(0)), (error: Error) => {
      assert.match(error.message, /^db\/secret.yaml: cannot be decrypted: no key fits: encrypted to age age1pq1/)
      assert.match(error.message, /held: age1/)
      assert.doesNotMatch(error.message, /AGE-SECRET-KEY|ENC\[/)
      return true
    })
  })

  test('keys of clouds are refused by name', async () => {
    const meta = 'lastmodified: "2026-01-01T00:00:00Z", mac: "ENC[AES256_GCM,data:x,iv:x,tag:x,type:str]"'
    const file = Buffer.from(`{a: b, sops: {kms: [{arn: "arn:aws:kms:x", enc: x}], ${meta}}}`)

    await assert.rejects(openSopsFile('a.yaml', file, await ringOf()), {
      message: /encrypted to AWS KMS arn:aws:kms:x/,
    })
  })

  test('SSH keys and broken identities are named by line', async () => {
    await assert.rejects(readAgeIdentities('# ok\nssh-ed25519 AAAA'), {
      message: /line 2 .*the public half of an SSH key/,
    })
    await assert.rejects(readAgeIdentities('AGE-SECRET-KEY-1QQQQ'), { message: /line 1 .*checksum/ })
  })
})

describe('names that stand for values', () => {
  test('they change with the value alone, and are the same each time', async () => {
    const first = await openSopsFile('a.yaml', read('enc.yaml'), await ringOf())
    const second = await openSopsFile('a.yaml', read('enc.yaml'), await ringOf(0))

    assert.deepEqual([...first.held.keys()], [...second.held.keys()])
    assert.match(String(first.held.values().next().value), /^\*\*\*$/)
  })

  test('files that are not encrypted, or are for an operator, are left alone', async () => {
    const recipients = ['age1wft58lg3cyzmumn6z7apc30jtslqtdcexq78x4sgx3e9nkmc5cwscugjg5']
    const operated = await sopsYaml({ kind: 'SopsSecret', spec: { data: 'x' } }, { recipients })

    assert.equal(isEncryptedFile('a.yaml', Buffer.from('a: ENC[AES256_GCM,data:x]')), false)
    assert.equal(
      isEncryptedFile('a.yaml', Buffer.from(operated.replace('{"kind":"SopsSecret",', 'kind: SopsSecret\n'))),
      false,
    )
    assert.equal(isEncryptedFile('a.yaml', read('enc.yaml')), true)
  })
})
