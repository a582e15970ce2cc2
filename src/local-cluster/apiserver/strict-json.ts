// Finds what JSON.parse hides: fields that stand twice in one object, and nesting without end.
import { MAX_DEPTH } from './limits.ts'

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
  if (stack.length >= MAX_DEPTH) throw new RangeError(`exceeded max depth`)
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
