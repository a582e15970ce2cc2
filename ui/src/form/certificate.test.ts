// Tests the reading of pasted host keys and certificates.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostKeyEntries, tlsEntry } from './certificate.ts'

test('reads lines of known_hosts, several hosts of a line apart', () => {
  const text =
    '# git.example.com:22 SSH-2.0\ngit.example.com,10.0.0.7 ssh-ed25519 AAAA comment\n\n[h]:2222 ssh-rsa BBBB\n'

  assert.deepEqual(hostKeyEntries(text), [
    { serverName: 'git.example.com', certType: 'ssh', certSubType: 'ssh-ed25519', certData: btoa('AAAA') },
    { serverName: '10.0.0.7', certType: 'ssh', certSubType: 'ssh-ed25519', certData: btoa('AAAA') },
    { serverName: '[h]:2222', certType: 'ssh', certSubType: 'ssh-rsa', certData: btoa('BBBB') },
  ])
})

test('names the first line that is none', () => {
  assert.deepEqual(hostKeyEntries('a ssh-rsa AAAA\nb ssh-rsa\n'), { line: 2 })
  assert.deepEqual(hostKeyEntries('|1|abc=|def= ssh-rsa AAAA'), { line: 1 })
  assert.deepEqual(hostKeyEntries('@cert-authority *.h ssh-rsa AAAA'), { line: 1 })
})

test('sends a certificate as base64 with its line end', () => {
  assert.deepEqual(tlsEntry(' h ', '-----BEGIN-----\n'), {
    serverName: 'h',
    certType: 'https',
    certData: btoa('-----BEGIN-----\n'),
  })
})
