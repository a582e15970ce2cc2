// Which protocol client and server agree on, and what is said where they do not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bearerOfProtocols, isUpgradeRequest, negotiate } from './negotiate.ts'
import type { PodSession } from './session.ts'

function socket(protocols: string | undefined): Record<string, string> {
  const named = protocols === undefined ? {} : { 'sec-websocket-protocol': protocols }
  return { connection: 'Upgrade', upgrade: 'websocket', ...named }
}

function spdy(versions: string | undefined, upgrade = 'SPDY/3.1'): Record<string, string> {
  const named = versions === undefined ? {} : { 'x-stream-protocol-version': versions }
  return { connection: 'Upgrade', upgrade, ...named }
}

const cases: readonly [string, PodSession['kind'], Readonly<Record<string, string>>, string][] = [
  ['v5 before all', 'command', socket('v4.channel.k8s.io, v5.channel.k8s.io'), 'websocket v5.channel.k8s.io'],
  [
    "the client's first choice",
    'command',
    socket('v4.base64.channel.k8s.io,v4.channel.k8s.io'),
    'websocket v4.base64.channel.k8s.io',
  ],
  ['no protocol at all', 'command', socket(undefined), 'websocket '],
  ['the first protocol', 'command', socket('channel.k8s.io'), 'websocket channel.k8s.io'],
  ['v2 and v3 never were web sockets', 'command', socket('v2.channel.k8s.io, v3.channel.k8s.io'), '403 '],
  ['v5 has no base64', 'command', socket('v5.base64.channel.k8s.io'), '403 '],
  ['SPDY v4', 'command', spdy('v5.channel.k8s.io, v4.channel.k8s.io, channel.k8s.io'), 'spdy v4.channel.k8s.io'],
  ['SPDY v2', 'command', spdy('v2.channel.k8s.io'), 'spdy v2.channel.k8s.io'],
  [
    'SPDY v9',
    'command',
    spdy('v9.channel.k8s.io'),
    '403 unable to upgrade: unable to negotiate protocol: client supports [v9.channel.k8s.io], server accepts [v4.channel.k8s.io v3.channel.k8s.io v2.channel.k8s.io channel.k8s.io]\n',
  ],
  [
    'SPDY without a version',
    'command',
    spdy(undefined),
    '400 unable to upgrade: header X-Stream-Protocol-Version does not exist in request with 2 headers\n',
  ],
  [
    'SPDY with an empty version',
    'command',
    spdy(' , '),
    '400 unable to upgrade: header X-Stream-Protocol-Version contains [ , ], but no valid protocols\n',
  ],
  [
    'another protocol',
    'command',
    spdy('v4.channel.k8s.io', 'h2c'),
    '400 unable to upgrade: missing upgrade headers in request\n',
  ],
  ['a tunnel', 'forward', socket('SPDY/3.1+portforward.k8s.io'), 'tunnel SPDY/3.1+portforward.k8s.io'],
  [
    'another tunnel',
    'forward',
    socket('SPDY/3.1+v9.k8s.io'),
    '403 unable to upgrade: unable to negotiate protocol: client supports [v9.k8s.io], server accepts [portforward.k8s.io]\n',
  ],
  ['channels a port', 'forward', socket('v4.channel.k8s.io'), 'websocket v4.channel.k8s.io'],
  ['v5 is for commands', 'forward', socket('v5.channel.k8s.io'), '403 '],
  ['SPDY', 'forward', spdy('portforward.k8s.io'), 'spdy portforward.k8s.io'],
  [
    'SPDY of commands',
    'forward',
    spdy('v4.channel.k8s.io'),
    '403 unable to upgrade: unable to negotiate protocol: client supports [v4.channel.k8s.io], server accepts [portforward.k8s.io]\n',
  ],
]
for (const [name, kind, headers, expected] of cases) {
  test(`${kind}: ${name}`, () => {
    const agreement = negotiate(kind, headers)

    const found =
      agreement.kind === 'refused'
        ? `${agreement.answer.status} ${Buffer.from(agreement.answer.body as string).toString()}`
        : `${agreement.kind} ${agreement.protocol}`
    assert.equal(found, expected)
  })
}

test('only a connection that asks for it is upgraded', () => {
  assert.equal(isUpgradeRequest(socket(undefined)), true)
  assert.equal(isUpgradeRequest({ connection: 'keep-alive, Upgrade', upgrade: 'websocket' }), true)
  assert.equal(isUpgradeRequest({ connection: 'keep-alive', upgrade: 'websocket' }), false)
  assert.equal(isUpgradeRequest({ connection: 'upgrade' }), false)
})

test('a browser sends its token as a protocol, beside another one', () => {
  const encoded = `base64url.bearer.authorization.k8s.io.${Buffer.from('my-token').toString('base64url')}`

  assert.equal(bearerOfProtocols(socket(`${encoded}, v4.channel.k8s.io`)), 'my-token')
  assert.equal(bearerOfProtocols(socket(encoded)), undefined)
  assert.equal(bearerOfProtocols({ 'sec-websocket-protocol': `${encoded}, x` }), undefined)
  const agreement = negotiate('command', socket(`${encoded}, v4.channel.k8s.io`))
  assert.deepEqual(agreement, { kind: 'websocket', protocol: 'v4.channel.k8s.io' })
})
