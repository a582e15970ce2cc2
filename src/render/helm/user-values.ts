// The values a user lays over a chart's: files, then parameters, in helm's fixed order of kinds.
import { CapstanError, messageOf } from '../../base/errors.ts'
import { GoError } from '../../lang/go/error.ts'
import { decodeJson } from '../../lang/go/json.ts'
import type { GoMap, GoValue } from '../../lang/go/values.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import { mergeMaps } from './merge.ts'
import type { HelmRules } from './rules.ts'
import { setValues } from './set-values.ts'
import type { SetKind, SetOptions, ValueReader } from './set-values.ts'
import { readValuesFile } from './values-file.ts'

/** A values file: `name` is what errors call it. */
export interface NamedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface UserValues {
  /** `--values`, the later over the earlier. */
  readonly files?: readonly NamedFile[]
  readonly setJson?: readonly string[]
  /** `--set`: `a.b=1,c={x,y}` */
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  /** `--set-file`: texts whose values are paths, read by `readFile`. */
  readonly setFile?: readonly string[]
  readonly setLiteral?: readonly string[]
  /** The content of a `--set-file` path; undefined where there is no such file. */
  readonly readFile?: (path: string) => Uint8Array | undefined
}

/** Merges all of it (helm v4.2.1 cli/values MergeValues). Throws `bad-input` with helm's text. */
export function mergeUserValues(user: UserValues, rules?: HelmRules): GoMap {
  let values: GoMap = new Map()
  for (const file of user.files ?? []) values = mergeMaps(values, readFile(file, rules))
  for (const text of user.setJson ?? []) values = setJson(values, text, rules)
  const isStrict = rules?.version === '3'
  setAll(values, user.set, { kind: 'typed', flag: '--set', options: { isStrict } })
  setAll(values, user.setString, { kind: 'text', flag: '--set-string', options: { isStrict } })
  setAll(values, user.setFile, { kind: 'text', flag: '--set-file', options: { isStrict, read: fileReader(user) } })
  setAll(values, user.setLiteral, { kind: 'literal', flag: '--set-literal', options: { isStrict } })
  return values
}

function readFile({ name, bytes }: NamedFile, rules: HelmRules | undefined): GoMap {
  try {
    return readValuesFile(bytes, name, rules === undefined ? {} : { rules })
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError(error.code, `failed to parse ${name}: ${messageOf(error)}`, { cause: error })
  }
}

function setJson(values: GoMap, text: string, rules: HelmRules | undefined): GoMap {
  try {
    if (rules?.version !== '3' && text.trim().startsWith('{')) {
      const table = decodeJson(text, 'object')
      return table instanceof Map ? mergeMaps(values, table) : values
    }
    setValues(values, text, 'json')
    return values
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError('bad-input', `failed parsing --set-json data ${text}`, { cause: error })
  }
}

interface Flag {
  readonly kind: SetKind
  readonly flag: string
  readonly options: SetOptions
}

function setAll(values: GoMap, texts: readonly string[] | undefined, { kind, flag, options }: Flag): void {
  for (const text of texts ?? []) {
    try {
      setValues(values, text, kind, options)
    } catch (error) {
      if (!(error instanceof CapstanError)) throw error
      throw new CapstanError(error.code, `failed parsing ${flag} data: ${messageOf(error)}`, { cause: error })
    }
  }
}

function fileReader(user: UserValues): ValueReader {
  return (path): GoValue => {
    const bytes = user.readFile?.(path)
    if (bytes === undefined) throw new GoError(`open ${path}: no such file or directory`)
    return textOfBytes(bytes)
  }
}
