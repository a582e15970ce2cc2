// A cluster and a control plane as processes of their own, which can be killed and started again at the same addresses.
import { join } from 'node:path'
import { systemClock } from '../../../src/base/clock.ts'
import type { Application } from '../../../src/crds/application.ts'
import type { KubeClient } from '../../../src/kube/client/client.ts'
import { createClient } from '../../../src/kube/client/create-client.ts'
import { httpTransport } from '../../../src/kube/client/http-transport.ts'
import type { Informer } from '../../../src/kube/client/informer.ts'
import { loadKubeConfig } from '../../../src/kube/client/kubeconfig.ts'
import { followApplications, type Fleet } from '../../bench/fleet.ts'
import { processTree, residentMiB } from '../../bench/process-cost.ts'
import { freePort } from '../../support/free-port.ts'
import { startProgram, untilPrinted, untilReady, type Program } from '../../bench/program.ts'
import { createRepository } from '../../support/git.ts'
import { serviceWithHook } from './manifests.ts'

/** What can be ended and started again. */
export type Part = 'cluster' | 'control plane'

export interface Scene extends Pick<Fleet, 'repository' | 'manifests'> {
  readonly client: KubeClient
  readonly applications: Informer<Application>
  /** Ends a part, by `SIGKILL` or as Ctrl-C does, and resolves when it is ready again; gives how it ended. */
  restart(part: Part, isKilled: boolean): Promise<number | string>
  /** Resident memory in MiB of a part with all it started. */
  memoryOf(part: Part): number
  /** What the control plane has logged since the beginning, all its processes. */
  log(): string
  stop(): Promise<void>
}

interface Command {
  readonly args: readonly string[]
  /** Resolves when it can be used. */
  readonly ready: (program: Program) => Promise<unknown>
}

export async function startScene(folder: string): Promise<Scene> {
  const kubeconfig = join(folder, 'kubeconfig')
  const [clusterPort, planePort] = [await freePort(), await freePort()]
  const at = (name: string, port: number): string[] => ['--data-dir', join(folder, name), '--port', `${port}`]
  const commands: Readonly<Record<Part, Command>> = {
    cluster: {
      args: ['local-cluster', ...at('cluster', clusterPort), '--kubeconfig', kubeconfig],
      ready: (program) => untilPrinted(program, 'ready '),
    },
    'control plane': {
      args: ['up', ...at('plane', planePort), '--kubeconfig', kubeconfig],
      ready: (program) => untilReady(program, `http://127.0.0.1:${planePort}/readyz`),
    },
  }
  const logs: string[] = []
  const start = async (part: Part): Promise<Program> => {
    const program = startProgram(commands[part].args, { CAPSTAN_ADMIN_PASSWORD: 'soak' })
    await commands[part].ready(program)
    return program
  }
  const running: Record<Part, Program> = {
    cluster: await start('cluster'),
    'control plane': await start('control plane'),
  }
  const { transport } = await loadKubeConfig({ path: kubeconfig, env: {} })
  const client = createClient(httpTransport(transport), { clock: systemClock, userAgent: 'soak' })
  const applications = await followApplications(client)
  return {
    client,
    applications,
    repository: createRepository(join(folder, 'repository')),
    manifests: serviceWithHook,
    async restart(part, isKilled) {
      const program = running[part]
      if (isKilled) process.kill(program.pid, 'SIGKILL')
      const ended = isKilled ? await program.ended : await program.stop()
      if (part === 'control plane') logs.push(program.output())
      running[part] = await start(part)
      return ended
    },
    memoryOf: (part) => residentMiB(processTree(running[part].pid)),
    log: () => [...logs, running['control plane'].output()].join(''),
    async stop() {
      await applications.stop()
      await client.close()
      await running['control plane'].stop()
      await running.cluster.stop()
    },
  }
}
