// One open terminal: what is typed goes to the container, what it shows comes back, for as long as the person may be there (server/application/websocket.go, v3.5.1).
import { messageOf } from '../../base/errors.ts'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { WebSocketEnd } from '../../base/web-socket.ts'
import type { CommandEnd, RunningCommand } from '../../kube/client/client.ts'
import type { Standing } from './terminal-access.ts'

export interface TerminalOptions {
  readonly clock: Clock
  readonly shells: readonly string[]
  /** Starts a shell in the container. Throws where that cannot be done. */
  readonly start: (shell: string, signal: AbortSignal) => Promise<RunningCommand>
  readonly standing: () => Promise<Standing>
}

/** Keeps the connection alive through load balancers, and is how often rights are asked for again while nobody types. */
export const KEEP_ALIVE_MS = 5_000
/** So many pings without a sign of life: nobody is there. */
export const MAX_SILENT_PINGS = 12
/** Exit codes with which runtimes tell that there is no such program. */
const NO_SUCH_PROGRAM: ReadonlySet<number | undefined> = new Set([126, 127, undefined])
const MAX_CELLS = 65_535
const RECONNECT = { code: 1, text: '\nReconnect because the token was refreshed...\n' } as const
/** The endpoint ends the connection because of a rule of its own (RFC 6455, 7.4.1). */
const POLICY = 1008

/** Runs until the shell ends, the person leaves, or may no longer stay. Closes the socket. */
export async function runTerminal(socket: WebSocketEnd, options: TerminalOptions): Promise<void> {
  const terminal = new Terminal(socket, options)
  const stop = terminal.watch()
  try {
    await Promise.all([terminal.read(), terminal.show()])
  } finally {
    stop()
  }
}

class Terminal {
  readonly #socket: WebSocketEnd
  readonly #options: TerminalOptions
  readonly #over = new AbortController()
  #command: RunningCommand | undefined
  /** Told before there was a command. */
  #size: { readonly columns: number; readonly rows: number } | undefined
  #isTyped = false

  constructor(socket: WebSocketEnd, options: TerminalOptions) {
    this.#socket = socket
    this.#options = options
  }

  /** What the person sends, until they leave. */
  async read(): Promise<void> {
    try {
      for await (const { data } of this.#socket.messages()) {
        if (this.#over.signal.aborted || !(await this.#mayStay())) return
        const isGood = await this.#take(data.toString('utf8'))
        if (!isGood) return
      }
    } finally {
      this.#end()
    }
  }

  /** False for what is no message of a terminal: it is over then, as upstream has it. */
  async #take(text: string): Promise<boolean> {
    const message = readMessage(text)
    if (message === undefined) return false
    const { operation, data, columns, rows } = message
    if (operation === 'resize') {
      if (columns === undefined || rows === undefined) return true
      this.#size = { columns, rows }
      await this.#command?.resize(columns, rows)
    } else if (data !== '') {
      this.#isTyped = true
      await this.#command?.write(Buffer.from(data, 'utf8'))
    }
    return true
  }

  /** Tries shell after shell until one runs, and shows what it says. */
  async show(): Promise<void> {
    let end: CommandEnd = { message: 'no shell is allowed: set exec.shells in argocd-cm' }
    try {
      for (const shell of this.#options.shells) {
        end = await this.#run(shell)
        const isMissing = NO_SUCH_PROGRAM.has(end.exitCode) && !this.#isTyped
        if (!isMissing || this.#over.signal.aborted) break
      }
      if (end.exitCode === undefined && !this.#over.signal.aborted) await this.#tell(`${end.message}\r\n`)
    } finally {
      this.#end()
    }
  }

  async #run(shell: string): Promise<CommandEnd> {
    const { signal } = this.#over
    let command: RunningCommand
    try {
      command = await this.#options.start(shell, signal)
    } catch (error) {
      return { message: messageOf(error) }
    }
    this.#command = command
    if (this.#size !== undefined) await command.resize(this.#size.columns, this.#size.rows)
    // A character may come in two pieces.
    const decoder = new TextDecoder()
    for await (const piece of command.output) await this.#tell(decoder.decode(piece, { stream: true }))
    return command.end()
  }

  /** Asks at intervals whether the person is still there and may be. The result stops it. */
  watch(): Cancel {
    const { clock } = this.#options
    let [heard, silent] = [this.#socket.heard, 0]
    let cancel: Cancel = () => undefined
    const look = (): void => {
      silent = this.#socket.heard === heard ? silent + 1 : 0
      heard = this.#socket.heard
      if (silent >= MAX_SILENT_PINGS) return this.#end()
      void this.#socket.ping()
      void this.#mayStay()
      cancel = clock.schedule(KEEP_ALIVE_MS, look)
    }
    cancel = clock.schedule(KEEP_ALIVE_MS, look)
    return () => cancel()
  }

  /** Tells the person, and ends, where they may not. */
  async #mayStay(): Promise<boolean> {
    const standing = await this.#options.standing().catch((): Standing => 'denied')
    if (standing === 'good' || this.#over.signal.aborted) return standing === 'good'
    if (standing === 'denied') void this.#tell('Permission denied')
    else {
      void this.#tell(RECONNECT.text)
      void this.#socket.send(JSON.stringify({ Code: RECONNECT.code }))
    }
    this.#end(POLICY)
    return false
  }

  async #tell(text: string): Promise<void> {
    if (text !== '') await this.#socket.send(JSON.stringify({ operation: 'stdout', data: text, rows: 0, cols: 0 }))
  }

  #end(code?: number): void {
    if (this.#over.signal.aborted) return
    this.#over.abort(new Error('the terminal was closed'))
    this.#command?.close()
    this.#socket.close(code)
  }
}

interface TerminalMessage {
  readonly operation: 'stdin' | 'resize'
  readonly data: string
  readonly columns: number | undefined
  readonly rows: number | undefined
}

/** Undefined for what is neither input nor a size. */
function readMessage(text: string): TerminalMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { operation, data = '', rows, cols } = Object(value)
  if ((operation !== 'stdin' && operation !== 'resize') || typeof data !== 'string') return undefined
  return { operation, data, columns: cellsOf(cols), rows: cellsOf(rows) }
}

function cellsOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_CELLS ? value : undefined
}
