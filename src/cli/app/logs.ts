// `app logs`: what the containers of an application's pods write.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { CliContext } from '../context.ts'
import { addVerb } from '../verb.ts'
import { number, text, truthFlag } from '../verb-flags.ts'
import { applicationFields, namespaceFlag } from './edit-verbs.ts'

interface LogEntry {
  readonly content?: string
  readonly last?: boolean
}

export function addLogs(app: Command, context: CliContext): void {
  addVerb(app, context, {
    words: 'logs <name>',
    about: "print what the containers of an application's pods write",
    flags: {
      ...namespaceFlag,
      group: text('group of the resource whose pods are meant'),
      kind: text('kind of the resource'),
      namespace: text('namespace of the resource'),
      name: text('name of the resource'),
      container: text('container; else the first', { short: 'c' }),
      follow: truthFlag('go on as more is written', { short: 'f' }),
      tail: number('only this many lines of the end', { initial: 0 }),
      sinceSeconds: number('only of the last seconds', { initial: 0 }),
      untilTime: text('only until this time: 2026-01-31T12:00:00Z'),
      filter: text('only lines with this text'),
      matchCase: truthFlag('the text is meant in this case', { short: 'm' }),
      previous: truthFlag('of the container before the last restart', { short: 'p' }),
    },
    examples: ['app logs web --tail 100', 'app logs web -f --kind Deployment --name web --filter error'],
    async run(call) {
      const { name: resourceName, tail: tailLines, appNamespace, sinceSeconds, ...more } = call.flags
      const query = { ...more, ...applicationFields(call.args[0], appNamespace), resourceName, tailLines }
      const api = await context.api(call.global)
      for (let since = sinceSeconds; ; since = 1) {
        try {
          await printLogs(api.stream<LogEntry>(METHOD, { ...query, sinceSeconds: since }, context.signal), call.print)
          return
        } catch (error) {
          // Who follows goes on when the server is back, as upstream has it.
          const isGone = error instanceof CapstanError && error.code === 'unavailable'
          if (!isGone || more.follow !== true || since === 1) throw error
        }
      }
    },
  })
}

const METHOD = 'application.ApplicationService/PodLogs'

async function printLogs(entries: AsyncIterable<LogEntry>, print: (text: string) => void): Promise<void> {
  for await (const { content = '', last } of entries) {
    if (last === true) return
    print(`${content}\n`)
  }
}
