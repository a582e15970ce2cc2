// `proj add-…|remove-…`: lists of a project's spec, an item at a time.
import type { Command } from 'commander'
import { refusal, type CliContext } from '../context.ts'
import { addVerb, type Call } from '../verb.ts'
import type { Flags } from '../verb-flags.ts'
import { getProject, updateProject } from './calls.ts'
import { listKinds, type ListKind } from './list-kinds.ts'

export function addListVerbs(proj: Command, context: CliContext): void {
  for (const kind of listKinds) {
    addAdding(proj, context, kind)
    addRemoving(proj, context, kind)
  }
}

function addAdding(proj: Command, context: CliContext, kind: ListKind): void {
  addVerb<Flags>(proj, context, {
    words: `add-${kind.noun} <project> ${kind.words}`,
    about: `add ${kind.about}`,
    writes: true,
    flags: kind.addFlags ?? {},
    examples: kind.examples.map((example) => `proj add-${kind.noun} ${example}`),
    async run(call) {
      const project = await getProject(call, call.args[0] ?? '')
      const { items, item } = kind.begin(project.spec, call.args.slice(1), call.flags)
      for (const other of items) {
        const isKnown = await item.isKnown(other, context)
        if (isKnown) return end(call, kind.isLenient, item.knownText(other))
      }
      await updateProject(call, project, item.added())
    },
  })
}

function addRemoving(proj: Command, context: CliContext, kind: ListKind): void {
  addVerb<Flags>(proj, context, {
    words: `remove-${kind.noun} <project> ${kind.removeWords ?? kind.words}`,
    about: `remove ${kind.about}`,
    writes: true,
    flags: kind.removeFlags ?? {},
    examples: kind.examples.map((example) => `proj remove-${kind.noun} ${example.replace(/ --.*/, '')}`),
    async run(call) {
      const project = await getProject(call, call.args[0] ?? '')
      const { item } = kind.begin(project.spec, call.args.slice(1), call.flags)
      const change = item.removed()
      if (change === undefined) return end(call, kind.isLenient, item.missingText)
      await updateProject(call, project, change)
    },
  })
}

/** Said, or a failure: upstream has both. */
function end(call: Pick<Call, 'print'>, isLenient: boolean, text: string): void {
  if (!isLenient) throw refusal(text)
  call.print(`${text}\n`)
}
