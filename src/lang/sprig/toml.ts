// helm's toToml and fromToml, as BurntSushi/toml writes and reads it.
import { ANY, STRING } from '../go/values.ts'
import { fixed, textAt, valueAt } from './define.ts'
import type { FunctionTable } from './define.ts'
import { CapstanError } from '../../base/errors.ts'
import type { GoValue } from '../go/values.ts'
import { parseToml } from './toml-read.ts'
import { stringifyToml } from './toml-write.ts'

const mustToToml = fixed([ANY], (args) => stringifyToml(valueAt(args, 0)))

export const HELM_TOML_FUNCTIONS: FunctionTable = {
  toToml: fixed([ANY], (args) => textOrFault(() => stringifyToml(valueAt(args, 0)))),
  mustToToml,
  fromToml: fixed([STRING], (args) => {
    return tableOrFault(() => parseToml(textAt(args, 0)))
  }),
}

/** helm's toToml gives the error's text. */
function textOrFault(body: () => string): string {
  try {
    return body()
  } catch (error) {
    if (error instanceof CapstanError) return error.message
    throw error
  }
}

function tableOrFault(body: () => GoValue): GoValue {
  try {
    return body()
  } catch (error) {
    if (error instanceof CapstanError) return new Map<GoValue, GoValue>([['Error', error.message]])
    throw error
  }
}
