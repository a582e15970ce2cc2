// What stands for a secret value while manifests are rendered, kept and shown: a name without a meaning of its own.
import { createHmac } from 'node:crypto'
import type { Secret } from '../../base/secret.ts'

/** Values by what stands for them. */
export type HeldValues = ReadonlyMap<string, Secret>

const PREFIX = 'capstan-held-'

/** Everything that may stand for a value. */
export const HELD: RegExp = /capstan-held-[0-9a-f]{39}[0-9a-fn]/g

/**
 * The name of a value: it changes with the value, so that checksums and name suffixes made of it do, and it tells nothing
 * of it, because the file's own key goes into it. Equal in every process and on every installation.
 */
export function heldName(dataKey: Buffer, place: string, value: Buffer): string {
  const mac = createHmac('sha256', dataKey).update('capstan\0').update(`${place}\0`).update(value)
  return PREFIX + mac.digest('hex').slice(0, 40)
}

/** The name that stands where a number is wanted, not its digits. */
export function heldNumberName(name: string): string {
  return `${name.slice(0, -1)}n`
}

/** Is a text nothing but the name of a number? */
export function isHeldNumber(text: string): boolean {
  return /^capstan-held-[0-9a-f]{39}n$/.test(text)
}

/** May a text hold such a name, plain or in base64? Cheap, for texts of any size. */
export function mayHold(text: string): boolean {
  return text.includes(PREFIX) || mayHoldEncoded(text)
}

/** In base64, which kustomize and others break into lines. */
export function mayHoldEncoded(text: string): boolean {
  const joined = text.includes('\n') ? text.replaceAll(/\r?\n[ \t]*/g, '') : text
  return ENCODED.some((part) => joined.includes(part))
}

/** A text within another one, as it looks in base64: by its place in a group of three bytes, edges cut off. */
function encodedForms(text: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), Buffer.from(text)])
    const whole = padded.subarray(0, padded.length - (padded.length % 3)).toString('base64')
    return whole.slice(Math.ceil((shift * 4) / 3))
  })
}

/** How the prefix looks in base64, and in base64 of base64, as in pull secrets. */
const ENCODED: readonly string[] = [
  ...encodedForms(PREFIX),
  ...encodedForms(PREFIX).flatMap((form) => encodedForms(form)),
]
