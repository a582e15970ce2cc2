// Reads that may not be older than the question: those who ask while one is under way share the one after it.

interface Turn<T> {
  readonly running: Promise<T>
  next: Promise<T> | undefined
}

/** One reader by key. What a caller is given was asked for after its call, and no more than one read of a key is under way. */
export class LaterReads<T> {
  readonly #read: (key: string) => Promise<T>
  readonly #turns = new Map<string, Turn<T>>()

  constructor(read: (key: string) => Promise<T>) {
    this.#read = read
  }

  /** Rejects with what the reading rejects with, for everyone who shares it. */
  read(key: string): Promise<T> {
    const turn = this.#turns.get(key)
    if (turn === undefined) return this.#start(key)
    turn.next ??= turn.running.then(
      () => this.#start(key),
      () => this.#start(key),
    )
    return turn.next
  }

  #start(key: string): Promise<T> {
    const running = this.#read(key)
    const turn: Turn<T> = { running, next: undefined }
    this.#turns.set(key, turn)
    const end = (): void => {
      if (turn.next === undefined) this.#turns.delete(key)
    }
    running.then(end, end)
    return running
  }
}
