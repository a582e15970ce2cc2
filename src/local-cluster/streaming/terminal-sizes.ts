// The sizes a client tells its terminal has: JSON objects one after the other on the resize channel (client-go remotecommand `TerminalSize`).
import type { ByteSource, TerminalSize } from '../apiserver/hooks.ts'

/** No size is longer; what is gives up the rest. */
const MAX_SIZE_BYTES = 1024
const MAX_CELLS = 65_535

/** Reads until the client ends; the newest size counts. */
export class TerminalSizes {
  #current: TerminalSize | undefined
  readonly #first = Promise.withResolvers<void>()

  constructor(source: ByteSource) {
    void this.#pump(source)
  }

  /** The newest size. Waits for the first, which a client sends once it is connected, as long as `patience` lasts. */
  async size(patience: () => Promise<unknown>): Promise<TerminalSize | undefined> {
    if (this.#current === undefined) await Promise.race([this.#first.promise, patience()])
    return this.#current
  }

  async #pump(source: ByteSource): Promise<void> {
    let text = ''
    for (let data = await source.read(); data !== undefined; data = await source.read()) {
      text += Buffer.from(data).toString('utf8')
      for (let end = text.indexOf('}') + 1; end > 0; end = text.indexOf('}') + 1) {
        this.#told(text.slice(0, end))
        text = text.slice(end)
      }
      if (text.length > MAX_SIZE_BYTES) text = ''
    }
    this.#first.resolve()
  }

  #told(text: string): void {
    const size = sizeOf(text)
    if (size === undefined) return
    this.#current = size
    this.#first.resolve()
  }
}

function sizeOf(text: string): TerminalSize | undefined {
  let told: unknown
  try {
    told = JSON.parse(text)
  } catch {
    return undefined // a size that cannot be read is none: the next one counts
  }
  const { Width, Height } = (told ?? {}) as { readonly Width?: unknown; readonly Height?: unknown }
  return isCells(Width) && isCells(Height) ? { columns: Width, rows: Height } : undefined
}

function isCells(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MAX_CELLS
}
