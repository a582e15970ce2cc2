// Logins that programs give, well and badly.
import assert from 'node:assert/strict'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { temporaryFolder } from '../../../test/support/git.ts'
import { ManualClock } from '../../base/clock.ts'
import { Secret } from '../../base/secret.ts'
import { execLogin, type ExecLoginOptions } from './exec-login.ts'
import type { LoginSource } from './login.ts'

const API_VERSION = 'client.authentication.k8s.io/v1beta1'

interface Scripted {
  readonly login: LoginSource
  readonly clock: ManualClock
  /** How often the program ran. */
  readonly runs: () => number
}

/** A program of these lines of shell. */
function scripted(t: TestContext, lines: string, more: Partial<ExecLoginOptions> = {}): Scripted {
  const folder = temporaryFolder(t)
  const command = join(folder, 'login')
  writeFileSync(command, `#!/bin/sh\necho x >> ${folder}/runs\n${lines}\n`)
  chmodSync(command, 0o700)
  const clock = new ManualClock()
  const login = execLogin({
    command,
    args: [],
    env: {},
    apiVersion: API_VERSION,
    clock,
    inherited: { PATH: process.env['PATH'], CAPSTAN_ADMIN_PASSWORD: 'hidden' },
    ...more,
  })
  return { login, clock, runs: () => readFileSync(join(folder, 'runs'), 'utf8').split('\n').length - 1 }
}

function credential(status: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ kind: 'ExecCredential', apiVersion: API_VERSION, status })
}

test('a token is asked for once by many, and again when it has expired or was refused, but not all the time', async (t) => {
  const expirationTimestamp = new Date(new ManualClock().now() + 60_000).toISOString()
  const { login, clock, runs } = scripted(t, `echo '${credential({ token: 'one', expirationTimestamp })}'`)

  const first = await Promise.all([login.current(), login.current(), login.current()])
  clock.advance(59_000)
  await login.current()
  const before = runs()
  clock.advance(2_000)
  await login.current()
  const afterExpiry = runs()
  const refused = await login.current()
  login.forget(refused)
  await login.current()
  const atOnce = runs()
  clock.advance(6_000)
  login.forget({})
  login.forget(refused)
  await login.current()

  assert.deepEqual(
    first.map(({ token }) => token?.reveal()),
    ['one', 'one', 'one'],
  )
  assert.deepEqual([before, afterExpiry, atOnce, runs()], [1, 2, 2, 3])
})

test('a program gets its own variables, what it is asked for, and no secret of this process', async (t) => {
  const answer = credential({ token: 'TOKEN' }).replace('TOKEN', '\'"$OWN-${CAPSTAN_ADMIN_PASSWORD:-none}"\'')
  const told = `case "$KUBERNETES_EXEC_INFO" in *'"interactive":false'*) ;; *) exit 9;; esac`
  const { login } = scripted(t, `${told}\necho '${answer}'`, { env: { OWN: new Secret('mine') } })

  assert.equal((await login.current()).token?.reveal(), 'mine-none')
})

test('a certificate with its key is a login too', async (t) => {
  const { login } = scripted(t, `echo '${credential({ clientCertificateData: 'CERT', clientKeyData: 'KEY' })}'`)

  const { clientCertificate, clientKey } = await login.current()

  assert.deepEqual([clientCertificate, clientKey?.reveal()], ['CERT', 'KEY'])
})

const FAULTS: readonly (readonly [lines: string, wanted: RegExp])[] = [
  ['echo "no luck: s3cret" >&2; exit 3', /login ended with 3: no luck: \*\*\*$/],
  ['echo nonsense', /login printed no JSON$/],
  ['echo "{}"', /login printed no ExecCredential$/],
  [`echo '${credential({})}'`, /login didn't return a token or cert\/key pair$/],
  [`echo '${credential({ clientKeyData: 'KEY' })}'`, /a certificate or a key without the other$/],
  [`echo '${credential({ token: 'a', expirationTimestamp: 'soon' })}'`, /expirationTimestamp that is no time$/],
  [
    `echo '${credential({ token: 'a' }).replace('v1beta1', 'v1')}'`,
    /API version .*v1beta1, plugin returned version .*v1$/,
  ],
  ['sleep 600 & wait', /gave no answer within 0\.5 s$/],
  ['yes', /printed more than 1048576 bytes$/],
]

test('each way to fail is told with the program and what it did', async (t) => {
  for (const [lines, wanted] of FAULTS) {
    const timeoutMs = lines.startsWith('sleep') ? 500 : 30_000
    const { login } = scripted(t, lines, { env: { A: new Secret('s3cret') }, timeoutMs })
    await assert.rejects(login.current(), { message: wanted }, lines)
  }
})

test('a program that fails is not started again for every request', async (t) => {
  const { login, clock, runs } = scripted(t, 'exit 1')

  for (let times = 0; times < 5; times++) await assert.rejects(login.current())
  const atOnce = runs()
  clock.advance(6_000)
  await assert.rejects(login.current())

  assert.deepEqual([atOnce, runs()], [1, 2])
})

test('a missing program is told with the hint how to get it, a wrong version with those that are right', async (t) => {
  const { login } = scripted(t, '', { command: '/nowhere/aws', installHint: 'install the AWS CLI' })

  await assert.rejects(login.current(), /executable \/nowhere\/aws not found; install the AWS CLI$/)
  assert.throws(() => scripted(t, '', { apiVersion: 'v1' }), /apiVersion "v1" is not supported: write client/)
})
