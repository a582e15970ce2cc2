// The words in which actions are written: what is offered when, and what it sets.
import { CapstanError } from '../base/errors.ts'
import { rfc3339Seconds } from '../base/rfc3339.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import type { ActionRule, ResourceAction } from './contract.ts'
import { fieldAt, withAnnotation, withField, withoutField } from './edit.ts'

export type Test = (object: KubeObject) => boolean
type Run = ActionRule['run']

export interface Appearance extends Pick<ResourceAction, 'iconClass' | 'displayName' | 'params'> {
  /** Listed, but not to be run now. */
  readonly disabledWhen?: Test
  /** Not listed otherwise. */
  readonly offeredWhen?: Test
}

export function action(name: string, run: Run, appearance: Appearance = {}): ActionRule {
  const { disabledWhen, offeredWhen, ...shown } = appearance
  return {
    name,
    run,
    describe(object) {
      if (offeredWhen?.(object) === false) return undefined
      return disabledWhen === undefined ? shown : { ...shown, disabled: disabledWhen(object) }
    },
  }
}

export function set(path: readonly string[], value: JsonValue): Run {
  return (object) => withField(object, path, value)
}

export function remove(path: readonly string[]): Run {
  return (object) => withoutField(object, path)
}

export function annotate(name: string, value: string): Run {
  return (object) => withAnnotation(object, name, value)
}

/** Writes the time into an annotation or another field. */
export function stamp(path: readonly string[], print: (now: number) => string = isoTime): Run {
  return (object, { now }) => withField(object, path, print(now))
}

export function isTrue(...path: readonly string[]): Test {
  return (object) => fieldAt(object, ...path) === true
}

export function not(test: Test): Test {
  return (object) => !test(object)
}

/** `2026-01-31T08:05:09Z`. */
export function isoTime(now: number): string {
  return rfc3339Seconds(now)
}

/** Digits of the time for names: `20260131` and `0805` of the above, the year in two digits where asked. */
export function nameTime(now: number, yearDigits: 2 | 4): string {
  return isoTime(now)
    .slice(0, 16)
    .replaceAll(/\D/gu, '')
    .slice(4 - yearDigits)
}

/** A parameter as a number, as Lua reads one. Throws upstream's text. */
export function numberParameter(text: string = '', hint = ''): number {
  const number = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(number)) throw new CapstanError('bad-input', `invalid number: ${text}${hint}`)
  return number
}
