// Compares two texts of manifests: as bytes, then as objects in order, values that change each time aside.
import { parseYaml } from '../../src/lang/yaml/read.ts'
import { splitDocuments } from '../../src/render/plain/documents.ts'

export type Outcome =
  | 'same bytes'
  | 'same objects'
  | 'same but for random values'
  | 'different'
  | 'both fail'
  | 'only helm fails'
  | 'only we fail'

export interface Comparison {
  readonly outcome: Outcome
  /** The first difference. */
  readonly detail: string
}

/** `again` is the original's output of a second time: what differs between its two is not compared. */
export function compareOutputs(original: string, ours: string, again?: string): Comparison {
  if (original === ours) return { outcome: 'same bytes', detail: '' }
  const wanted = objectsOf(original)
  const random = again === undefined ? undefined : objectsOf(again)
  const detail = firstDifference({ wanted, found: objectsOf(ours), random, path: '' })
  if (detail !== undefined) return { outcome: 'different', detail }
  if (again !== undefined) return { outcome: 'same but for random values', detail: '' }
  return { outcome: 'same objects', detail: firstLine(original, ours) }
}

function objectsOf(text: string): unknown[] {
  return splitDocuments(text).map((document) => parseYaml(document.text))
}

interface Place {
  readonly wanted: unknown
  readonly found: unknown
  readonly random: unknown
  readonly path: string
}

/** The first place where two values differ and the original is the same both times. */
function firstDifference({ wanted, found, random, path }: Place): string | undefined {
  const keys = sharedKeys(wanted, found)
  if (keys === undefined) {
    if (wanted === found) return undefined
    if (random !== undefined && random !== wanted) return undefined
    return `${path}: ${shortened(wanted)} is ${shortened(found)} here`
  }
  for (const key of keys) {
    const inner = { wanted: at(wanted, key), found: at(found, key), path: `${path}/${key}` }
    const difference = firstDifference({ ...inner, random: random === undefined ? undefined : at(random, key) })
    if (difference !== undefined) return difference
  }
  return undefined
}

/** All keys of two tables or two lists; undefined where they are not both. */
function sharedKeys(one: unknown, other: unknown): readonly string[] | undefined {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return undefined
  if (Array.isArray(one) !== Array.isArray(other)) return undefined
  return [...new Set([...Object.keys(one), ...Object.keys(other)])]
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function shortened(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 200)
}

function firstLine(original: string, ours: string): string {
  const found = ours.split('\n')
  const lines = original.split('\n')
  const index = lines.findIndex((line, number) => line !== found[number])
  return `line ${index + 1}: ${shortened(lines[index])} is ${shortened(found[index])} here`
}
