// Two real Redis servers, one the other's replica, and a Sentinel that makes the replica the master when the master is gone.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './git.ts'

const PROGRAM = '/usr/bin/redis-server'
const PATIENCE_MS = 60_000
export const GROUP = 'capstan'
export const SENTINEL_PASSWORD = 'watchful'
export const GROUP_PASSWORD = 'hush'

export interface SentinelGroup {
  /** `127.0.0.1:port` of the Sentinel. */
  readonly address: string
  /** Ends the master; the Sentinel finds out by itself. */
  killMaster(): Promise<void>
}

/** A Sentinel that counts a master as gone after half a second. */
export async function startSentinelGroup(t: TestContext): Promise<SentinelGroup> {
  const folder = temporaryFolder(t)
  const login = ['--requirepass', GROUP_PASSWORD, '--masterauth', GROUP_PASSWORD]
  const master = await startOnPort(t, (port) => ['--port', `${port}`, ...plain(folder, 'master'), ...login])
  const replicaOf = ['--replicaof', '127.0.0.1', `${master.port}`]
  await startOnPort(t, (port) => ['--port', `${port}`, ...plain(folder, 'replica'), ...login, ...replicaOf])
  const sentinel = await startOnPort(t, (port) => {
    const path = join(folder, 'sentinel.conf')
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      'protected-mode no',
      `dir ${folder}`,
      `requirepass ${SENTINEL_PASSWORD}`,
      `sentinel monitor ${GROUP} 127.0.0.1 ${master.port} 1`,
      `sentinel auth-pass ${GROUP} ${GROUP_PASSWORD}`,
      `sentinel down-after-milliseconds ${GROUP} 500`,
      `sentinel failover-timeout ${GROUP} 5000`,
    ]
    writeFileSync(path, `${lines.join('\n')}\n`)
    return [path, '--sentinel']
  })
  await untilReplicated(sentinel.port)
  return { address: `127.0.0.1:${sentinel.port}`, killMaster: master.kill }
}

function plain(folder: string, name: string): readonly string[] {
  return ['--bind', '127.0.0.1', '--dir', folder, '--dbfilename', `${name}.rdb`, '--save', '', '--appendonly', 'no']
}

interface Started {
  readonly port: number
  readonly kill: () => Promise<void>
}

/** A port that was taken meanwhile ends the server, and another is tried. */
async function startOnPort(t: TestContext, flagsFor: (port: number) => readonly string[]): Promise<Started> {
  for (;;) {
    const port = await freePort()
    const child = spawn(PROGRAM, [...flagsFor(port)], { stdio: 'ignore' })
    const ended = once(child, 'exit').then(() => 'ended' as const)
    t.after(() => child.kill('SIGKILL'))
    const first = await Promise.race([untilListening(port).then(() => 'listening' as const), ended])
    if (first === 'ended') continue
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL')
      await ended
    }
    return { port, kill }
  }
}

async function untilListening(port: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  while (!(await ask(port, 'PING\r\n')).includes('\r\n')) {
    if (Date.now() > deadline) throw new Error(`redis-server does not listen on ${port}`)
    await pause(20)
  }
}

/** A Sentinel learns of replicas from the master, which it asks every ten seconds, and may promote none that it does not know. */
async function untilReplicated(port: number): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  const question = `AUTH ${SENTINEL_PASSWORD}\r\nSENTINEL MASTER ${GROUP}\r\n`
  while (!/num-slaves\r\n\$\d+\r\n1\r\n/.test(await ask(port, question))) {
    if (Date.now() > deadline) throw new Error('the Sentinel does not see the replica')
    await pause(50)
  }
}

/** What is answered within a moment; empty where nobody is there. */
function ask(port: number, question: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(question))
  socket.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  socket.setTimeout(200, () => socket.destroy())
  socket.on('error', () => resolve(text))
  socket.on('close', () => resolve(text))
  return promise
}
