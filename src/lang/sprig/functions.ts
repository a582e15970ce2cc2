// All functions of Sprig 3.3, and those helm adds that need no chart.
import { fixed } from './define.ts'
import type { FunctionTable } from './define.ts'
import { STRING } from '../go/values.ts'
import type { GoFunction } from '../go/values.ts'
import { cryptoFunctions } from './crypto.ts'
import { dateFunctions } from './dates.ts'
import { DEFAULT_FUNCTIONS } from './defaults.ts'
import { ENCODE_FUNCTIONS, HELM_ENCODE_FUNCTIONS } from './encode.ts'
import type { SprigEnvironment } from './environment.ts'
import { LIST_FUNCTIONS } from './lists.ts'
import { MAP_FUNCTIONS } from './maps.ts'
import { MATH_FUNCTIONS } from './math.ts'
import { PATH_FUNCTIONS } from './paths.ts'
import { randomFunctions } from './random.ts'
import { REGEXP_FUNCTIONS } from './regexps.ts'
import { SEMVER_FUNCTIONS } from './semver.ts'
import { STRING_FUNCTIONS } from './strings.ts'
import { HELM_TOML_FUNCTIONS } from './toml.ts'
import { URL_FUNCTIONS } from './urls.ts'

const PURE: FunctionTable = {
  ...STRING_FUNCTIONS,
  ...MATH_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...MAP_FUNCTIONS,
  ...DEFAULT_FUNCTIONS,
  ...ENCODE_FUNCTIONS,
  ...PATH_FUNCTIONS,
  ...REGEXP_FUNCTIONS,
  ...SEMVER_FUNCTIONS,
  ...URL_FUNCTIONS,
}

/**
 * Sprig's text functions by name, without `env` and `expandenv`: the environment of the process is never shown.
 * `getHostByName` gives "", as helm has it without `--enable-dns`.
 */
export function sprigFunctions(environment: SprigEnvironment): Map<string, GoFunction> {
  return new Map(
    Object.entries({
      ...PURE,
      ...dateFunctions(environment),
      ...randomFunctions(environment),
      ...cryptoFunctions(environment),
      getHostByName: fixed([STRING], () => ''),
    }),
  )
}

/** Sprig's functions with helm's own toYaml, fromYaml, toJson, toToml … in their place (v4.2.1). */
export function helmFunctions(environment: SprigEnvironment): Map<string, GoFunction> {
  const functions = sprigFunctions(environment)
  for (const [name, target] of Object.entries({ ...HELM_ENCODE_FUNCTIONS, ...HELM_TOML_FUNCTIONS })) {
    functions.set(name, target)
  }
  return functions
}
