// Loads the process a command starts only when it is started, so that other commands stay quick.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { CapstanError } from '../base/errors.ts'
import type { Processes } from '../cli/processes.ts'
import { createLogOf } from './process-log.ts'

/** Where the embedded cluster is kept unless --data-dir says otherwise. */
function defaultDataDir(): string {
  const { CAPSTAN_DATA_DIR, XDG_DATA_HOME } = process.env
  return CAPSTAN_DATA_DIR ?? join(XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'capstan')
}

function isOn(flag: string, value: string): boolean {
  if (value !== 'on' && value !== 'off') throw new CapstanError('bad-input', `${flag}=${value}: on or off`)
  return value === 'on'
}

export function processes(signal: AbortSignal): Processes {
  return {
    defaultDataDir: defaultDataDir(),
    up: async (flags) => (await import('./up.ts')).runUp(flags, signal),
    demo: async (flags) => (await import('./demo.ts')).runDemo(flags, signal),
    localCluster: async (flags) => {
      const { controllers, kubelet } = flags
      await (
        await import('./local-cluster.ts')
      ).runLocalCluster({
        ...flags,
        controllers: isOn('--controllers', controllers),
        kubelet: isOn('--kubelet', kubelet),
        log: createLogOf(flags),
        print: (line) => console.log(line),
        signal,
      })
    },
    render: async (directory, flags) => (await import('./render.ts')).runRender(directory, flags),
  }
}
