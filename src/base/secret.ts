// A value that must not be shown: prints *** wherever it is printed by accident.
import { inspect } from 'node:util'

const MASK = '***'

/** Holds text that only `reveal()` gives back; string conversion, JSON and inspection show `***`. */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
    // Not a method of the class: its declaration could not be written without inference.
    Object.defineProperty(this, inspect.custom, { value: () => MASK })
  }

  /** The text itself: call it only where it leaves for its destination. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }
}

/** Replaces every occurrence of the given secrets in a text that came from elsewhere, such as a program's output. */
export function maskSecrets(text: string, secrets: readonly Secret[]): string {
  return secrets
    .map((secret) => secret.reveal())
    .filter((value) => value !== '')
    .toSorted((a, b) => b.length - a.length)
    .reduce((masked, value) => masked.replaceAll(value, MASK), text)
}
