// How functions are added to CEL.
import { Optional } from '@marcbachmann/cel-js'

/** Registers one function; it never waits. */
export type Register = (signature: string, handler: (...values: never[]) => unknown) => void

/** Gives an optional value. */
export function optionalOf(value: unknown): Optional {
  return value === undefined ? Optional.none() : Optional.of(value)
}
