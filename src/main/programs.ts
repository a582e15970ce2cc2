// The command trees there are, loaded when it is known which is wanted.
import type { Command } from 'commander'

/** All of it, or for `render` as the first word that command alone. */
export async function loadProgram(words: readonly string[], signal: AbortSignal): Promise<Command> {
  if (words[0] === 'render') {
    const { buildRenderProgram } = await import('../cli/render-program.ts')
    return buildRenderProgram(async (directory, flags) =>
      (await import('./render.ts')).runRender(directory, flags, signal),
    )
  }
  const [{ buildProgram }, { createCliContext }, { processes }] = await Promise.all([
    import('../cli/program.ts'),
    import('./cli-context.ts'),
    import('./processes.ts'),
  ])
  return buildProgram(createCliContext(signal), processes(signal), words)
}
