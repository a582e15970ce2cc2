// `capstan preview`: flags, and the exit code of `diff`.
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { PreviewReport } from '../../preview/contract.ts'
import { ExitCode, type CliContext } from '../context.ts'
import { collect } from '../flags.ts'
import { formatObject } from '../output.ts'
import { previewMarkdown } from './markdown.ts'
import { previewText } from './text.ts'

export interface PreviewFlags {
  readonly base?: string
  readonly head?: string
  readonly mergeBase: boolean
  readonly path?: readonly string[]
  readonly repoUrl?: readonly string[]
  readonly branch?: readonly string[]
  readonly kubeVersion?: string
  readonly apiVersions?: readonly string[]
  readonly output: string
}

export type RunPreview = (folder: string, flags: PreviewFlags) => Promise<PreviewReport>

const EXAMPLES = `
Examples:
  capstan preview                                  # the working folder against the main branch
  capstan preview --head my-branch -o markdown     # for a comment on a pull request
  capstan preview ~/config --path clusters/prod    # Applications declared below one folder

Exit codes: 0 nothing changes, 1 something does, 2 something could not be read or rendered.`

/** 0 and 1 as `diff` has them, 2 where something is in the dark. */
const CHANGED = 1
const TROUBLE = 2

export function addPreview(program: Command, context: CliContext, run: RunPreview): void {
  program
    .command('preview [folder]')
    .description('show what a branch or the working folder would change, without a server or a cluster')
    .option('--base <revision>', 'what it would go into; by default the main branch of origin')
    .option('--head <revision>', 'what would go into it; by default the working folder as it is')
    .option('--no-merge-base', 'compare with the base as it is now instead of where both parted')
    .option('--path <folder>', 'where Applications and ApplicationSets are declared (repeatable)', collect)
    .option('--repo-url <url>', 'another address of this repository (repeatable)', collect)
    .option('--branch <name>', 'another branch whose followers would see the change (repeatable)', collect)
    .option('--kube-version <version>', 'Kubernetes version that charts see')
    .option('-a, --api-versions <version>', 'API version that charts see besides the usual ones (repeatable)', collect)
    .option('-o, --output <format>', 'text|markdown|json|yaml', 'text')
    .addHelpText('after', EXAMPLES)
    .action(async (folder: string | undefined, flags: PreviewFlags) => {
      const print = printerOf(flags.output)
      const report = await run(folder ?? '.', flags)
      context.write(print(report))
      if (report.problems.length > 0 || report.applications.some(({ change }) => change === 'failed'))
        throw new ExitCode(TROUBLE)
      if (report.applications.length > 0) throw new ExitCode(CHANGED)
    })
}

/** Checked before anything is rendered. */
function printerOf(output: string): (report: PreviewReport) => string {
  if (output === 'text') return previewText
  if (output === 'markdown') return previewMarkdown
  if (output === 'json' || output === 'yaml') return (report) => formatObject(report, output)
  throw new CapstanError('bad-input', `unknown output format: ${output}; one of text|markdown|json|yaml`)
}
