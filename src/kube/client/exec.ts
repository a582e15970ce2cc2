// Runs a command in a container over channels: what it shows, what is typed, how it ended.
import type { Clock } from '../../base/clock.ts'
import { CapstanError } from '../../base/errors.ts'
import type { CommandEnd, ExecOptions, ResourceRef, RunningCommand } from './client.ts'
import { withDeadline } from './deadline.ts'
import { objectPath } from './request-path.ts'
import { unreachable } from './requests.ts'
import { errorOfAnswer } from './status-error.ts'
import type { ApiRequest, ApiResponse, Channels, Transport } from './transport.ts'

/** Channels by their numbers (k8s.io/streaming remotecommand). */
const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4

/** A Status is some hundred bytes. */
const MAX_STATUS_BYTES: number = 64 << 10

export interface ExecHost {
  readonly transport: Transport
  readonly clock: Clock
  readonly userAgent: string
  /** Until the connection stands. */
  readonly requestTimeoutMs: number
  readonly signal: AbortSignal
}

/** A command at a terminal. Throws `KubeError` with the server's words, `unsupported` where the transport has no channels. */
export async function openCommand(
  { transport, clock, userAgent, requestTimeoutMs: timeoutMs, signal }: ExecHost,
  ref: ResourceRef,
  { container, command }: ExecOptions,
): Promise<RunningCommand> {
  const query = new URLSearchParams({ container, stdin: 'true', stdout: 'true', stderr: 'true', tty: 'true' })
  for (const word of command) query.append('command', word)
  const path = `${objectPath({ ...ref, subresource: 'exec' })}?${query.toString()}`
  const request: ApiRequest = { method: 'GET', path, headers: { accept: '*/*', 'user-agent': userAgent }, signal }
  const onTimeout = (): Error => new CapstanError('timeout', `exec: no answer within ${timeoutMs / 1000} s`)
  const answer = await withDeadline({ clock, timeoutMs, signal, onTimeout }, () => connect(transport, request))
  if ('status' in answer) throw errorOfAnswer(answer.status, textOf(answer))
  return runningCommand(answer)
}

async function connect(transport: Transport, request: ApiRequest): Promise<Channels | ApiResponse> {
  if (transport.connect === undefined) throw new CapstanError('unsupported', 'this cluster is reached without channels')
  try {
    return await transport.connect(request)
  } catch (error) {
    throw request.signal?.aborted === true ? error : unreachable(error)
  }
}

function textOf({ body }: ApiResponse): string {
  if (typeof body === 'string') return body
  return body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : ''
}

function runningCommand(channels: Channels): RunningCommand {
  let status = ''
  return {
    output: shown(channels, (text) => {
      if (status.length + text.length <= MAX_STATUS_BYTES) status += text
    }),
    write: (data) => channels.send(STDIN, data),
    resize: (columns, rows) => channels.send(RESIZE, Buffer.from(JSON.stringify({ Width: columns, Height: rows }))),
    end: () => endOf(status),
    close: () => channels.close(),
  }
}

async function* shown({ messages }: Channels, onStatus: (text: string) => void): AsyncGenerator<Uint8Array> {
  for await (const { channel, data } of messages) {
    if (channel === ERROR) onStatus(Buffer.from(data).toString('utf8'))
    else if ((channel === STDOUT || channel === STDERR) && data.length > 0) yield data
  }
}

/** Reads the Status that a server sends at the end; without one the connection broke. */
function endOf(text: string): CommandEnd {
  if (text === '') return { message: 'the connection to the container ended' }
  let status: unknown
  try {
    status = JSON.parse(text)
  } catch {
    return { message: text }
  }
  const { status: word, message, details } = Object(status)
  if (word === 'Success') return { exitCode: 0, message: '' }
  const causes: unknown = Object(details).causes
  const exit = Array.isArray(causes) ? causes.find((cause) => Object(cause).reason === 'ExitCode') : undefined
  const exitCode = Number(Object(exit).message)
  const told = typeof message === 'string' ? message : text
  return Number.isInteger(exitCode) && exit !== undefined ? { exitCode, message: told } : { message: told }
}
