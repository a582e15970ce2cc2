// The demo's Git repository: the examples as a first commit, in the data directory.
import { cp, mkdir, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runGit } from '../source/git/command.ts'

const EXAMPLES = join(import.meta.dirname, '../../examples')
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Capstan demo',
  GIT_AUTHOR_EMAIL: 'demo@capstan.invalid',
  GIT_COMMITTER_NAME: 'Capstan demo',
  GIT_COMMITTER_EMAIL: 'demo@capstan.invalid',
}

/** Creates it on the first start; later starts keep what people committed. A half-made one is made anew. */
export async function ensureDemoRepository(folder: string): Promise<string> {
  if (existsSync(join(folder, '.git', 'refs', 'heads', 'main'))) return folder
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await cp(EXAMPLES, folder, { recursive: true, filter: (path) => !path.endsWith('applications') })
  const git = (...args: readonly string[]): Promise<string> =>
    runGit({ args: ['-C', folder, ...args], environment: IDENTITY })
  await git('init', '--quiet', '--initial-branch=main')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'Add the examples')
  return folder
}
