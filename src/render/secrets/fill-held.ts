// Replaces what stands for decrypted values in one text, plain or wrapped in base64 by a template.
import { bytesOfText, textOfBytes } from '../../lang/go/text.ts'
import type { Secret } from '../../base/secret.ts'
import { HELD, mayHold, mayHoldEncoded, type HeldValues } from './held.ts'

export interface FilledText {
  readonly text: string
  readonly values: readonly Secret[]
}

/** A pull secret is base64 in base64; more layers than this are nobody's. */
export const MAX_LAYERS = 4

/** Undefined where something in the text is left of a name that cannot be replaced. */
export function fillHeld(text: string, held: HeldValues): FilledText | undefined {
  const values: Secret[] = []
  const filled = fillLayer(text, { held, values }, MAX_LAYERS)
  return filled === undefined ? undefined : { text: filled, values }
}

interface Filling {
  readonly held: HeldValues
  readonly values: Secret[]
}

function fillLayer(text: string, filling: Filling, layers: number): string | undefined {
  const plain = fillPlain(text, filling)
  if (plain === undefined) return undefined
  const { outside, filled } = plain
  if (!mayHoldEncoded(outside)) return filled
  return layers === 0 ? undefined : fillEncoded(filled, filling, layers)
}

/** `outside` is what the text holds besides the names: a value may hold anything. */
function fillPlain(text: string, { held, values }: Filling): { outside: string; filled: string } | undefined {
  const outside = text.replaceAll(HELD, '')
  if (outside.includes('capstan-held-')) return undefined
  let isUnknown = false
  const filled = text.replaceAll(HELD, (name) => {
    const value = held.get(name)
    if (value === undefined) {
      isUnknown = true
      return name
    }
    values.push(value)
    return value.reveal()
  })
  return isUnknown ? undefined : { outside, filled }
}

const RUN = /[A-Za-z0-9+/]{20,}={0,2}/g
/** Lines of base64 as programs break them, the last one shorter. */
const WRAPPED_RUN = /[A-Za-z0-9+/]{20,}(?:\r?\n[ \t]*[A-Za-z0-9+/]+)+={0,2}/g

function fillEncoded(text: string, filling: Filling, layers: number): string | undefined {
  const fill = (run: string): string => {
    const joined = run.replaceAll(/\s+/g, '')
    return mayHoldEncoded(joined) ? (fillRun(joined, filling, layers) ?? run) : run
  }
  const filled = text.replaceAll(WRAPPED_RUN, fill).replaceAll(RUN, fill)
  // What is left of a name could not be read: the name of a value that was filled in is gone.
  return mayHoldEncoded(filled) ? undefined : filled
}

/** Letters in front of the encoded part shift its groups of four: each place is tried. Undefined where none fits. */
function fillRun(run: string, filling: Filling, layers: number): string | undefined {
  for (let start = 0; start < 4; start++) {
    const encoded = run.slice(start)
    const bytes = Buffer.from(encoded, 'base64')
    const inner = textOfBytes(bytes)
    const isWhole = bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '')
    if (!isWhole || !mayHold(inner)) continue
    const filled = fillLayer(inner, filling, layers - 1)
    if (filled === undefined) return undefined
    const again = bytesOfText(filled).toString('base64')
    return run.slice(0, start) + (encoded.endsWith('=') || encoded.length % 4 === 0 ? again : again.replace(/=+$/, ''))
  }
  return undefined
}
