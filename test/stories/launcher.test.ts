// The launcher: finds the pinned Node by itself, wherever it is called from and however.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/git.ts'
import { capstan, run } from '../support/processes.ts'

const LAUNCHER = join(import.meta.dirname, '../../bin/capstan')
const isWindows = process.platform === 'win32'

test('runs from a link and from elsewhere where no Node is on the PATH', { skip: isWindows }, async (t) => {
  const folder = temporaryFolder(t)
  const link = join(folder, 'capstan')
  const path = join(folder, 'bin')
  symlinkSync(LAUNCHER, link)
  mkdirSync(path)
  for (const tool of ['dirname', 'readlink']) {
    const real = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
    symlinkSync(real, join(path, tool))
  }

  const { code, stdout, stderr } = await run(link, ['version', '--client'], { cwd: folder, env: { PATH: path } })

  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.match(stdout, /^capstan: v\d/)
})

test('runs the same when Node is given the file', async () => {
  const { code, stdout, stderr } = await capstan(['version', '--client'])

  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.match(stdout, /^capstan: v\d/)
})

test('keeps arguments as they were written', { skip: isWindows }, async () => {
  const { code, stderr } = await run(LAUNCHER, ['version', 'two words $HOME'])

  assert.equal(code, 1)
  assert.match(stderr, /two words \$HOME/)
})
