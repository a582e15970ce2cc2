// Objects and texts that a jq program puts together.
import { checkTextLength } from './budget.ts'
import { JqError } from './error.ts'
import { formatText } from './formats.ts'
import type { Run } from './run.ts'
import type { Scope } from './scope.ts'
import type { Node } from './syntax.ts'
import { describe } from './value-text.ts'
import type { Json } from './values.ts'

type Fields = Extract<Node, { type: 'object' }>['fields']

/** `{…}`: every combination of its keys and values. */
export function* mapsOf(run: Run, fields: Fields, value: Json, scope: Scope): Generator<{ [key: string]: Json }> {
  const last = fields.at(-1)
  if (last === undefined) {
    yield {}
    return
  }
  for (const before of mapsOf(run, fields.slice(0, -1), value, scope)) {
    for (const key of run.values(last.key, value, scope)) {
      if (typeof key !== 'string') throw new JqError(`expected a string for object key but got: ${describe(key)}`)
      for (const field of run.values(last.value, value, scope)) yield { ...before, [key]: field }
    }
  }
}

/** `"…\(…)…"`: every combination of what stands in it. */
export function* textsOf(
  run: Run,
  node: Extract<Node, { type: 'text' }>,
  value: Json,
  scope: Scope,
): Generator<string> {
  let texts: readonly string[] = ['']
  for (const part of node.parts) {
    if (typeof part === 'string') texts = texts.map((text) => text + part)
    else {
      const answers = [...run.values(part, value, scope)].map((answer) => formatText(node.format, answer, run))
      const before = texts
      texts = answers.flatMap((answer) =>
        before.map((text) => {
          run.step()
          checkTextLength(text.length + answer.length)
          return text + answer
        }),
      )
    }
  }
  yield* texts
}
