// Tests which addresses files of a repository must not lead to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertForeignHost, hostOf, isOwnAddress } from './addresses.ts'

test('written addresses of this machine and of metadata services are known in every form', () => {
  const own = [
    'http://127.0.0.1/a',
    'http://127.1:8080/a',
    'http://2130706433/a',
    'http://0x7f000001/a',
    'http://0/a',
    'http://[::1]/a',
    'http://[::ffff:127.0.0.1]/a',
    'http://[fe80::1]/a',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/latest',
    'http://metadata.google.internal/computeMetadata',
    'https://LOCALHOST/x.git',
    'https://api.localhost/x.git',
    'ssh://git@127.0.0.1:2222/x.git',
    'git@localhost:x.git',
    'git@127.0.0.1:x.git',
  ]
  for (const address of own) assert.equal(isOwnAddress(hostOf(address) ?? ''), true, address)
})

test('addresses elsewhere are not', () => {
  const foreign = ['https://github.com/a/b', 'http://10.1.2.3/x', 'git@gitlab.com:a/b', 'https://localhost.example/x']
  for (const address of foreign) assert.equal(isOwnAddress(hostOf(address) ?? ''), false, address)
})

test('a name that resolves to this machine is refused, one that does not resolve passes', async () => {
  const resolve = async (host: string): Promise<readonly string[]> => (host === 'trap.example' ? ['127.0.0.1'] : [])

  await assert.rejects(assertForeignHost('trap.example', 'base X', resolve), {
    code: 'forbidden',
    message: /^base X: trap\.example \(127\.0\.0\.1\) is an address of this machine/,
  })
  await assertForeignHost('nowhere.example', 'base X', resolve)
})
