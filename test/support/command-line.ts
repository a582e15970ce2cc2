// The command line as people and scripts run it: a child process with a configuration of its own.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { ADMIN_PASSWORD } from './control-plane.ts'
import { temporaryFolder } from './git.ts'
import { capstan, type Finished, type RunOptions } from './processes.ts'

export interface CommandLine {
  /** Runs a command whatever comes of it. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Runs a command that has to end well, in words separated by spaces, and gives what it printed. */
  ok(words: string, ...more: readonly string[]): Promise<string>
}

/** A command line that knows no server yet. */
export function commandLine(t: TestContext): CommandLine {
  const env = { ARGOCD_CONFIG_DIR: temporaryFolder(t), ARGOCD_SERVER: undefined, ARGOCD_AUTH_TOKEN: undefined }
  const runCommand = (args: readonly string[], options: RunOptions = {}): Promise<Finished> =>
    capstan(args, { ...options, env: { ...env, ...options.env } })
  return {
    run: runCommand,
    async ok(words, ...more) {
      const { code, stdout, stderr } = await runCommand([...words.split(' '), ...more])
      assert.equal(code, 0, `capstan ${words}: ${stdout}${stderr}`)
      return stdout
    },
  }
}

/** A command line that is logged in as admin. */
export async function loggedIn(t: TestContext, url: string): Promise<CommandLine> {
  const line = commandLine(t)
  await line.ok(`login ${new URL(url).host} --plaintext --username admin --password`, ADMIN_PASSWORD)
  return line
}
