// Flags of commands as data: text, lists, truths and numbers, with the values they give by type.
import { Option, type Command } from 'commander'
import { csvFields } from './csv-fields.ts'
import { wholeNumber } from './flags.ts'

interface FlagOptions<T> {
  /** One letter. */
  readonly short?: string
  readonly initial?: T
  /** Accepted, not shown. */
  readonly isHidden?: boolean
}

export interface Flag<T> extends FlagOptions<T> {
  readonly about: string
  /** What stands for the value in the help; none for a truth. */
  readonly value?: string
  /** `before` is what the flag gave when it stood there before. */
  readonly read?: (text: string, before: unknown) => T
}

/** By the camel-case form of their names: `destName` is `--dest-name`. */
export type Flags = Readonly<Record<string, Flag<unknown>>>

/** What they gave; those that were not given and have no initial value are absent. */
export type Values<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends { readonly initial: infer I }
    ? Widened<I>
    : (F[Name] extends Flag<infer T> ? T : never) | undefined
}
type Widened<I> = I extends string ? string : I extends boolean ? boolean : I extends number ? number : I
type Initial<T> = { readonly initial: T }

export function text(about: string, options: FlagOptions<string> & Initial<string>): Flag<string> & Initial<string>
export function text(about: string, options?: FlagOptions<string>): Flag<string>
export function text(about: string, options: FlagOptions<string> = {}): Flag<string> {
  return { about, value: 'text', read: (given) => given, ...options }
}

/** The path of a file; completed as such by shells. */
export function file(about: string, options: FlagOptions<string> = {}): Flag<string> {
  return { ...text(about, options), value: 'file' }
}

/** One value each time it is given (pflag StringArray). */
export function repeated(about: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> {
  return {
    about: `${about} (repeatable)`,
    value: 'text',
    read: (given, before) => [...textsOf(before), given],
    ...options,
  }
}

/** Values with commas between them, several times (pflag StringSlice). */
export function list(about: string, options: FlagOptions<readonly string[]> = {}): Flag<readonly string[]> {
  return { about, value: 'a,b', read: (given, before) => [...textsOf(before), ...csvFields(given)], ...options }
}

export function truthFlag(about: string, options: FlagOptions<boolean> & Initial<boolean>): Flag<boolean> & Initial<boolean> // prettier-ignore
export function truthFlag(about: string, options?: FlagOptions<boolean>): Flag<boolean>
export function truthFlag(about: string, options: FlagOptions<boolean> = {}): Flag<boolean> {
  return { about, ...options }
}

export function number(about: string, options: FlagOptions<number> & Initial<number>): Flag<number> & Initial<number>
export function number(about: string, options?: FlagOptions<number>): Flag<number>
export function number(about: string, options: FlagOptions<number> = {}): Flag<number> {
  return { about, value: 'n', read: wholeNumber, ...options }
}

/** `-o` with the forms there are; the first is used where none is asked for. */
export function output(...forms: readonly [string, ...string[]]): Flag<string> & Initial<string> {
  return text(`one of ${forms.join('|')}`, { short: 'o', initial: forms[0] })
}

export function addFlags(command: Command, flags: Flags): void {
  for (const [name, flag] of Object.entries(flags)) command.addOption(optionOf(name, flag))
}

function optionOf(name: string, { about, short, initial, value, read, isHidden = false }: Flag<unknown>): Option {
  const letter = short === undefined ? '' : `-${short}, `
  const long = `--${name.replaceAll(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`
  const option = new Option(`${letter}${long}${value === undefined ? '' : ` <${value}>`}`, about).hideHelp(isHidden)
  // `--no-proxy LIST` is a flag of its own, not the opposite of another.
  option.negate = false
  if (initial !== undefined) option.default(initial)
  // commander hands over what the same reader gave before.
  if (read !== undefined) option.argParser(read)
  return option
}

/** Their values among a command's options. */
export function valuesOf<F extends Flags>(options: Readonly<Record<string, unknown>>, flags: F | undefined): Values<F> {
  const names = Object.keys(flags ?? {})
  // Each was read by the flag of that name.
  return Object.fromEntries(names.map((name) => [name, options[name]])) as Values<F>
}

function textsOf(before: unknown): readonly string[] {
  return Array.isArray(before) ? before.filter((value) => typeof value === 'string') : []
}
