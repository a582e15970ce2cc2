// Shows a text in the editor of the person at the terminal.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CapstanError } from '../base/errors.ts'

/** Gives what was saved. The editor is that of KUBE_EDITOR or EDITOR, else vi, as upstream has it; a shell reads its words. */
export async function editText(text: string, name: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'capstan-edit-'))
  try {
    const file = join(folder, name)
    await writeFile(file, text, { mode: 0o600 })
    await runEditor(env['KUBE_EDITOR'] ?? env['EDITOR'] ?? 'vi', file)
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function runEditor(editor: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', file], { stdio: 'inherit' })
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new CapstanError('bad-input', `the editor "${editor}" ended with ${code}; set EDITOR to another`))
    })
  })
}
