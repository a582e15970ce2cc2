// The demo's live table: rewritten in place on a terminal, a line per change elsewhere.
import type { Application } from '../crds/application.ts'

interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface Row {
  readonly sync: string
  readonly health: string
  readonly message: string
}

const UNKNOWN = '…'
const WAITING: Row = { sync: UNKNOWN, health: UNKNOWN, message: 'waiting' }
/** Longer messages are cut: a row is one line of a terminal. */
const MAX_MESSAGE = 60

export class DemoTable {
  readonly #output: Output
  readonly #rows: Map<string, Row>
  #drawn = 0

  constructor(output: Output, names: readonly string[]) {
    this.#output = output
    this.#rows = new Map(names.map((name) => [name, WAITING]))
    this.#draw()
  }

  /** Takes over an application's state. */
  show(application: Application): void {
    const name = application.metadata.name ?? ''
    const before = this.#rows.get(name)
    const row = rowOf(application)
    if (
      before === undefined ||
      (before.sync === row.sync && before.health === row.health && before.message === row.message)
    )
      return
    this.#rows.set(name, row)
    if (this.#output.isTTY === true) this.#draw()
    else this.#output.write(`${line(name, row)}\n`)
  }

  end(): void {
    this.#drawn = 0
  }

  #draw(): void {
    if (this.#output.isTTY !== true) return
    const up = this.#drawn > 0 ? `\u001B[${this.#drawn}A` : ''
    const lines = [
      line('APPLICATION', { sync: 'SYNC', health: 'HEALTH', message: 'LAST OPERATION' }),
      ...[...this.#rows].map(([name, row]) => line(name, row)),
    ]
    this.#output.write(up + lines.map((text) => `\u001B[2K${text}\n`).join(''))
    this.#drawn = lines.length
  }
}

/** How an application stands, in words; the message is its first condition's, else its operation's. */
export function rowOf({ status = {} }: Application): Row {
  const message = status.conditions?.[0]?.message ?? status.operationState?.message ?? ''
  return {
    sync: status.sync?.status ?? UNKNOWN,
    health: status.health?.status ?? UNKNOWN,
    message: message.replaceAll(/\s+/g, ' '),
  }
}

function cut(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message
}

function line(name: string, { sync, health, message }: Row): string {
  return `${name.padEnd(18)}${sync.padEnd(12)}${health.padEnd(14)}${cut(message)}`
}
