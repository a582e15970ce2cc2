// The body of a list of stored texts: whole where it is wanted so, and in pieces that stay the same from one list to the next.
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { StoredObject } from '../storage/store.ts'

/** Some items that stand one after the other. */
export interface ListPiece {
  /** The same for the same items at the same revisions in the same form. */
  readonly identity: string
  /** The items with commas between them. */
  text(): string
}

export interface ListParts {
  /** Kind, version and schema the items are shown in. */
  readonly form: string
  readonly items: readonly StoredObject[]
  /** Of one item. */
  readonly textOf: (stored: StoredObject) => string
  readonly around: readonly [before: string, after: string]
  /** All in one step. */
  readonly whole: () => string
}

/** On the average a piece has so many items: one that changes takes no more of them along. */
const PIECE_BITS = 5
/** No piece grows further, whatever its items are called. */
const MAX_PIECE_LENGTH = 256 * 1024

export class ListBody {
  readonly #parts: ListParts
  #whole: string | undefined

  constructor(parts: ListParts) {
    this.#parts = parts
  }

  get around(): readonly [before: string, after: string] {
    return this.#parts.around
  }

  /** About as many characters as the whole has. */
  get length(): number {
    return this.#parts.items.reduce((sum, { value }) => sum + value.length, 0)
  }

  whole(): string {
    this.#whole ??= this.#parts.whole()
    return this.#whole
  }

  /** Cut where the names say so, not where the numbers do: an item more or less moves no other cut. */
  pieces(): readonly ListPiece[] {
    const pieces: ListPiece[] = []
    let [items, length]: [StoredObject[], number] = [[], 0]
    for (const stored of this.#parts.items) {
      items.push(stored)
      length += stored.value.length
      if (!endsPiece(stored.key) && length < MAX_PIECE_LENGTH) continue
      pieces.push(this.#piece(items))
      items = []
      length = 0
    }
    return items.length === 0 ? pieces : [...pieces, this.#piece(items)]
  }

  #piece(items: readonly StoredObject[]): ListPiece {
    const { form, textOf } = this.#parts
    // No two writes have the same revision.
    const identity = `${form} ${items.map(({ revision }) => revision).join(',')}`
    return { identity, text: () => items.map(textOf).join(',') }
  }
}

function endsPiece(key: string): boolean {
  let hash = 0
  for (let index = Math.max(0, key.length - 16); index < key.length; index++)
    hash = Math.imul(hash, 31) + key.charCodeAt(index)
  return Math.imul(hash, 0x9e3779b1) >>> (32 - PIECE_BITS) === 0
}

/** An answer whose body is made only for those who take it whole. */
export class ListAnswer implements ApiResponse {
  readonly status: number
  readonly headers: ApiResponse['headers']
  readonly list: ListBody

  constructor({ status, headers }: Pick<ApiResponse, 'status' | 'headers'>, list: ListBody) {
    this.status = status
    this.headers = headers
    this.list = list
  }

  get body(): string {
    return this.list.whole()
  }
}
