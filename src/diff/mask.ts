// Masks the values of Secrets so that people see where two sides differ and never what they hold.
import { LAST_APPLIED_ANNOTATION } from '../kube/apply/last-applied.ts'
import { isObject, sortedJson } from '../kube/json-value.ts'
import type { JsonObject, JsonValue, KubeObject } from '../kube/object.ts'
import { asJson, asObject, withKey } from './edit.ts'
import { normalizeSecret } from './normalize.ts'
import { jsonText, parseJson } from '../kube/json-digits.ts'

const FIRST_MASK = '++++++++'
const MASK_STEP = '++++'

export interface MaskedSecret {
  readonly wanted?: KubeObject
  readonly live?: KubeObject
}

/** The four places that hold a value: both sides, and what both say was last applied. */
interface Copies {
  wanted?: JsonObject | undefined
  live?: JsonObject | undefined
  wantedOriginal?: JsonObject | undefined
  liveOriginal?: JsonObject | undefined
}

const PLACES = ['wanted', 'live', 'wantedOriginal', 'liveOriginal'] as const

/**
 * Replaces every value of `data`, and of the annotations named, by runs of `+`: per key, equal values get equal runs and each
 * new value four more. A last-applied annotation that does not parse is replaced as a whole
 * (gitops-engine `pkg/diff/diff.go` `HideSecretData`, argo-cd v3.5.1).
 */
export function hideSecretData(
  wanted: KubeObject | undefined,
  live: KubeObject | undefined,
  hiddenAnnotations: ReadonlySet<string> = new Set(),
): MaskedSecret {
  const copies: Copies = {
    wanted: wanted && normalizeSecret(asJson(wanted)),
    live: live && normalizeSecret(asJson(live)),
    wantedOriginal: wanted && lastAppliedOf(wanted),
    liveOriginal: live && lastAppliedOf(live),
  }
  maskMaps(copies, (object) => mapAt(object, 'data'), { write: (object, data) => withKey(object, 'data', data) })
  maskMaps(copies, annotationsOf, { write: withAnnotations, only: hiddenAnnotations })
  const maskedWanted = putLastApplied(copies.wanted, copies.wantedOriginal, hiddenAnnotations)
  const maskedLive = putLastApplied(copies.live, copies.liveOriginal, hiddenAnnotations)
  return {
    ...(maskedWanted === undefined ? {} : { wanted: asObject(maskedWanted) }),
    ...(maskedLive === undefined ? {} : { live: asObject(maskedLive) }),
  }
}

interface MaskTarget {
  readonly write: (object: JsonObject, map: JsonObject) => JsonObject
  /** Keys to mask; all where absent. */
  readonly only?: ReadonlySet<string>
}

function maskMaps(copies: Copies, read: (object: JsonObject) => JsonObject | undefined, target: MaskTarget): void {
  const runs = new Map<string, Map<string, string>>()
  for (const place of PLACES) {
    const object = copies[place]
    const map = object && read(object)
    if (object === undefined || map === undefined) continue
    const masked: Record<string, JsonValue> = { ...map }
    for (const [key, value] of Object.entries(map)) {
      const hides = target.only === undefined ? true : target.only.has(key) && key !== LAST_APPLIED_ANNOTATION
      if (hides) masked[key] = maskFor(runs, key, textOf(value))
    }
    copies[place] = target.write(object, masked)
  }
}

function maskFor(runs: Map<string, Map<string, string>>, key: string, value: string): string {
  const known = runs.get(key) ?? new Map<string, string>()
  runs.set(key, known)
  const mask = known.get(value) ?? FIRST_MASK + MASK_STEP.repeat(known.size)
  known.set(value, mask)
  return mask
}

function textOf(value: JsonValue): string {
  if (value === null) return ''
  return typeof value === 'object' ? jsonText(value) : String(value)
}

function lastAppliedOf(object: KubeObject): JsonObject | undefined {
  const text = object.metadata?.annotations?.[LAST_APPLIED_ANNOTATION]
  if (typeof text !== 'string') return undefined
  try {
    const parsed = parseJson(text)
    return isObject(parsed) ? normalizeSecret(parsed) : undefined
  } catch {
    return undefined // putLastApplied then hides the text as a whole
  }
}

function putLastApplied(
  object: JsonObject | undefined,
  original: JsonObject | undefined,
  hidden: ReadonlySet<string>,
): JsonObject | undefined {
  const annotations = object && annotationsOf(object)
  if (object === undefined || annotations === undefined || !Object.hasOwn(annotations, LAST_APPLIED_ANNOTATION))
    return object
  const isWhole = original === undefined || hidden.has(LAST_APPLIED_ANNOTATION)
  return withAnnotations(
    object,
    withKey(annotations, LAST_APPLIED_ANNOTATION, isWhole ? FIRST_MASK : sortedJson(original)),
  )
}

function mapAt(object: JsonObject, key: string): JsonObject | undefined {
  const value = object[key]
  return isObject(value) ? value : undefined
}

function annotationsOf(object: JsonObject): JsonObject | undefined {
  const metadata = mapAt(object, 'metadata')
  return metadata && mapAt(metadata, 'annotations')
}

function withAnnotations(object: JsonObject, annotations: JsonObject): JsonObject {
  return withKey(object, 'metadata', withKey(mapAt(object, 'metadata') ?? {}, 'annotations', annotations))
}
