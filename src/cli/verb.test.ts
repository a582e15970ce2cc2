// Commands as data: flags as pflag spells them, lists, prompts, and what a dry run keeps back.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Command } from 'commander'
import type { ApiClient, RequestMessage } from '../api/client/client.ts'
import { FlagCommand } from './command.ts'
import type { CliContext } from './context.ts'
import { csvFields } from './csv-fields.ts'
import { addVerb } from './verb.ts'
import { list, number, output, repeated, text, truthFlag } from './verb-flags.ts'

const flags = {
  output: output('wide', 'json'),
  dest: repeated('destination', { short: 'd' }),
  keys: list('keys'),
  prune: truthFlag('prune'),
  cascade: truthFlag('cascade', { initial: true }),
  noProxy: text('hosts'),
  count: number('count'),
} as const

/** What a command made of these words was called with. */
async function called(...words: readonly string[]): Promise<unknown> {
  let seen: unknown
  const program = quiet(new FlagCommand('capstan'))
  const verb = addVerb(program, {} as CliContext, {
    words: 'go <name> [more...]',
    about: 'go',
    flags,
    run: async (call) => {
      seen = { args: call.args, ...call.flags }
    },
  })
  quiet(verb)
  await program.parseAsync(['go', ...words], { from: 'user' })
  return seen
}

function quiet(command: Command): Command {
  return command.exitOverride().configureOutput({ writeOut: () => undefined, writeErr: () => undefined })
}

const NOTHING = { output: 'wide', dest: undefined, keys: undefined, prune: undefined, cascade: true, noProxy: undefined, count: undefined } // prettier-ignore

describe('flags', () => {
  const cases: readonly (readonly [words: string, seen: object])[] = [
    ['web', { args: ['web'] }],
    ['web -o json', { args: ['web'], output: 'json' }],
    ['web -o=json', { args: ['web'], output: 'json' }],
    ['web --output=json', { args: ['web'], output: 'json' }],
    ['-d a,b -d c web', { args: ['web'], dest: ['a,b', 'c'] }],
    ['web --keys a,b --keys c', { args: ['web'], keys: ['a', 'b', 'c'] }],
    ['--prune web', { args: ['web'], prune: true }],
    ['--prune=false web', { args: ['web'], prune: false }],
    ['web --cascade=F', { args: ['web'], cascade: false }],
    ['web --cascade=1', { args: ['web'], cascade: true }],
    ['web --no-proxy a', { args: ['web'], noProxy: 'a' }],
    ['web --count -1', { args: ['web'], count: -1 }],
    ['web --no-proxy --prune=false', { args: ['web'], noProxy: '--prune=false' }],
    ['web -- --prune=false', { args: ['web', '--prune=false'] }],
  ]
  for (const [words, seen] of cases) {
    test(`${words}`, async () => {
      assert.deepEqual(await called(...words.split(' ')), { ...NOTHING, ...seen })
    })
  }

  test('refuse what is neither true nor false, no number, or unknown', async () => {
    await assert.rejects(called('web', '--cascade=maybe'), /"maybe" is neither true nor false/)
    await assert.rejects(called('web', '--count', 'many'), /"many" is not a whole number/)
    await assert.rejects(called('web', '--nope'), /unknown option '--nope'/)
    await assert.rejects(called(), /missing required argument 'name'/)
  })
})

test('lists are read as comma-separated values', () => {
  assert.deepEqual(csvFields(''), [])
  assert.deepEqual(csvFields('a,,b'), ['a', '', 'b'])
  assert.deepEqual(csvFields('"a,b","say ""hi""",c'), ['a,b', 'say "hi"', 'c'])
  assert.deepEqual(csvFields('a,'), ['a', ''])
  assert.throws(() => csvFields('a"b'), /a quote/)
})

interface Scene {
  readonly context: CliContext
  readonly written: () => string
  readonly calls: readonly string[]
}

/** A terminal that answers every question with `answer`, and a server that answers everything with its request. */
function scene(answer: string, isPromptsEnabled: boolean): Scene {
  let written = ''
  const calls: string[] = []
  const api = {
    call: async (name: string, request: RequestMessage) => {
      calls.push(name)
      return request
    },
  } as unknown as ApiClient
  const context = {
    write: (shown: string) => (written += shown),
    signal: new AbortController().signal,
    api: async () => api,
    ask: async () => ({ reveal: () => answer }),
    sessions: { read: async () => ({ isPromptsEnabled }) },
  } as unknown as CliContext
  return { context, written: () => written, calls }
}

async function remove(context: CliContext, ...words: readonly string[]): Promise<void> {
  const program = quiet(new FlagCommand('capstan'))
  const verb = addVerb(program, context, {
    words: 'rm <name>',
    about: 'remove',
    writes: true,
    async run(call) {
      await call.send('project.ProjectService/Get', { name: call.args[0] })
      if (!(await call.confirm('sure?'))) return call.print('cancelled\n')
      await call.send('project.ProjectService/CreateToken', { project: 'web', password: 's3cret' })
      call.print('removed\n')
    },
  })
  quiet(verb)
  await program.parseAsync(['rm', ...words], { from: 'user' })
}

describe('a command that changes something', () => {
  test('asks where prompts are enabled alone', async () => {
    const [unasked, refused, agreed] = [scene('n', false), scene('n', true), scene('y', true)]
    for (const { context } of [unasked, refused, agreed]) await remove(context, 'web')

    assert.deepEqual(
      [unasked.written(), refused.written(), agreed.written()],
      ['removed\n', 'cancelled\n', 'removed\n'],
    )
    assert.equal(refused.calls.length, 1)
  })

  test('sends nothing in a dry run, and prints what it would send without its secrets', async () => {
    const { context, written, calls } = scene('n', true)
    await remove(context, 'web', '--dry-run')

    assert.deepEqual(calls, ['project.ProjectService/Get'])
    assert.equal(written(), "# not sent: project.ProjectService/CreateToken\npassword: '***'\nproject: web\n")
  })
})
