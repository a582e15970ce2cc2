// Values as text: all of one as JSON, and its beginning as errors name it.
import { type Budget, checkTextLength, visitsOfText } from './budget.ts'
import { fieldOf, isList, isMap, type Json, sortedKeys, typeOf } from './values.ts'

/** JSON text as jq prints it: keys sorted. Throws `JqLimitError` where the text, or the way to it, is too long. */
export function textOf(value: Json, budget: Budget): string {
  const text = writtenText(value, budget)
  checkTextLength(text.length)
  return text
}

function writtenText(value: Json, budget: Budget): string {
  budget.spend(typeof value === 'string' ? visitsOfText(value.length) : 1)
  if (isList(value)) return `[${value.map((item) => textOf(item, budget)).join(',')}]`
  if (!isMap(value)) return JSON.stringify(value)
  const fields = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${textOf(fieldOf(value, key), budget)}`)
  return `{${fields.join(',')}}`
}

/** How many characters of a value an error shows. */
const PREVIEW = 27

/** `object ({"a":1})`, `null`: how gojq names a value in an error. */
export function describe(value: Json): string {
  return value === null ? 'null' : `${typeOf(value)} (${preview(value)})`
}

/** The beginning alone is written: the rest may have no end. */
export function preview(value: Json): string {
  let text = ''
  for (const piece of piecesOf(value)) {
    text += piece
    if (text.length > PREVIEW + 3) return `${text.slice(0, PREVIEW)}...`
  }
  return text
}

function* piecesOf(value: Json): Generator<string, void, undefined> {
  if (typeof value === 'string') yield JSON.stringify(value.slice(0, PREVIEW + 4))
  else if (isList(value)) {
    yield '['
    for (const [index, item] of value.entries()) {
      if (index > 0) yield ','
      yield* piecesOf(item)
    }
    yield ']'
  } else if (isMap(value)) {
    yield '{'
    for (const [index, key] of sortedKeys(value).entries()) {
      yield `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`
      yield* piecesOf(fieldOf(value, key))
    }
    yield '}'
  } else yield JSON.stringify(value)
}
