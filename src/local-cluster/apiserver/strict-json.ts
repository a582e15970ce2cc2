// Finds what JSON.parse hides: fields that stand twice in one object, and nesting without end.
import { jsonText, parseJson } from '../../kube/json-digits.ts'
import type { JsonValue } from '../../kube/object.ts'
import { MAX_DEPTH } from './limits.ts'

export interface StrictJson {
  readonly value: JsonValue
  /** Paths of fields that stand twice: `data.k`, `spec.ports[0].name`. */
  readonly duplicates: readonly string[]
}

/** Parses JSON and tells what stands twice in it. Throws SyntaxError as JSON.parse does, RangeError beyond MAX_DEPTH levels. */
export function parseStrictJson(text: string): StrictJson {
  const value = parseJson(text)
  return { value, duplicates: isCompact(value, text) ? [] : duplicateFields(text) }
}

/** Whether the text is what its value is written as: then nothing got lost. So most programs write, and comparing is faster than looking. */
function isCompact(value: JsonValue, text: string): boolean {
  // An encoder of Go ends its text with a line break.
  const end = text.endsWith('\n') ? text.length - 1 : text.length
  return isShallow(value, MAX_COMPACT_DEPTH) && jsonText(value) === text.slice(0, end)
}

/** Deeper values go the long way, on which the depth is limited. */
const MAX_COMPACT_DEPTH = 64

function isShallow(value: unknown, left: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (left === 0) return false
  // Most values are no containers: those are told here, without a call.
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isShallow(item, left - 1)) return false
    return true
  }
  const fields = value as Readonly<Record<string, unknown>> // neither null nor a list
  for (const key in fields) if (typeof fields[key] === 'object' && !isShallow(fields[key], left - 1)) return false
  return true
}

/** What YAML reads in another way than JSON, or refuses: tabs, control characters, breaks of its own, halves of characters, very long keys. */
const NOT_AS_JSON = /[\t\u007f-\u009f\u2028\u2029\ufeff]|\\u[dD][89a-fA-F]|"[^"]{1000,}"\s*:/

/** The value of a YAML text that is JSON, nothing twice; undefined where the YAML reader has to decide. */
export function jsonInYaml(text: string): JsonValue | undefined {
  if (!text.startsWith('{') || NOT_AS_JSON.test(text)) return undefined
  try {
    const { value, duplicates } = parseStrictJson(text)
    return duplicates.length === 0 ? value : undefined
  } catch {
    return undefined // not JSON, or too deep: the reader of YAML has words for both
  }
}

interface Frame {
  /** Keys seen; undefined for an array. */
  readonly keys: Set<string> | undefined
  readonly path: string
  key: string
  index: number
}

/** Paths of duplicate fields of a text that JSON.parse accepts (`data.k`, `spec.ports[0].name`), in order. Throws RangeError beyond MAX_DEPTH levels. */
export function duplicateFields(text: string): readonly string[] {
  const found: string[] = []
  const stack: Frame[] = []
  let wantsKey = false
  for (let at = 0; at < text.length; at++) {
    const frame = stack.at(-1)
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = stringEnd(text, at)
        if (wantsKey && frame !== undefined) {
          noteKey(frame, text.slice(at, end), found)
          wantsKey = false
        }
        at = end - 1
        break
      }
      case 0x7b:
        stack.push(openFrame(stack, new Set()))
        wantsKey = true
        break
      case 0x5b:
        stack.push(openFrame(stack, undefined))
        wantsKey = false
        break
      case 0x7d:
      case 0x5d:
        stack.pop()
        wantsKey = false
        break
      case 0x2c:
        wantsKey = frame?.keys !== undefined
        if (frame !== undefined) frame.index++
        break
      default:
    }
  }
  return found
}

function openFrame(stack: readonly Frame[], keys: Set<string> | undefined): Frame {
  if (stack.length >= MAX_DEPTH)
    throw new RangeError(`invalid character '${keys === undefined ? '[' : '{'}' exceeded max depth`)
  const parent = stack.at(-1)
  return { keys, path: parent === undefined ? '' : childPath(parent), key: '', index: 0 }
}

function childPath(frame: Frame): string {
  if (frame.keys === undefined) return `${frame.path}[${frame.index}]`
  return frame.path === '' ? frame.key : `${frame.path}.${frame.key}`
}

function noteKey(frame: Frame, quoted: string, found: string[]): void {
  const key = quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
  frame.key = key
  if (frame.keys?.has(key) === true) found.push(childPath(frame))
  frame.keys?.add(key)
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    at += code === 0x5c ? 2 : 1
  }
  return at
}
