// The command tree with nothing but `render` in it: a rendering is over sooner than the other families are loaded.
import { Command } from 'commander'
import { addRender, type Render } from './render.ts'

/** Understands `capstan render …` as the whole program does. */
export function buildRenderProgram(render: Render): Command {
  const program = new Command('capstan').showHelpAfterError('(add --help to see what there is)').exitOverride()
  addRender(program, render)
  for (const command of program.commands) command.copyInheritedSettings(program)
  return program
}
