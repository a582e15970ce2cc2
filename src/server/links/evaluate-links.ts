// Which deep links are shown for an object, and where they lead.
import { randomBytes } from 'node:crypto'
import { messageOf } from '../../base/errors.ts'
import { compileExpression } from '../../lang/expr/program.ts'
import { builtinOf } from '../../lang/go-template/builtins.ts'
import { executeTemplate } from '../../lang/go-template/execute.ts'
import { parseTemplate } from '../../lang/go-template/template-set.ts'
import type { GoFunction, GoMap, GoValue } from '../../lang/go/values.ts'
import { sprigFunctions } from '../../lang/sprig/functions.ts'
import type { DeepLink } from '../../settings/deep-links.ts'

/** As clients get it: upstream's message LinkInfo. */
export interface ShownLink {
  readonly title: string
  readonly url: string
  readonly description?: string
  readonly iconClass?: string
}

export interface EvaluatedLinks {
  readonly items: readonly ShownLink[]
  /** In upstream's words; links that fail are left out. */
  readonly errors: readonly string[]
}

/** For one link: a condition or an address takes some dozens. */
const LIMITS = { steps: 100_000, memory: 50_000, text: 1 << 20 }
const MAX_STEPS = 100_000
const MAX_URL_LENGTH = 65_536
const NAME = 'deep-link'

/** `object` holds what conditions and addresses may speak of, by name (argo-cd v3.5.1 `server/deeplinks/deeplinks.go`). */
export function evaluateLinks(
  links: readonly DeepLink[],
  object: Readonly<Record<string, unknown>>,
  { name, nowMs }: { readonly name: string; readonly nowMs: () => number },
): EvaluatedLinks {
  const environment = goMapOf(object)
  const functions = templateFunctions(nowMs)
  const items: ShownLink[] = []
  const errors: string[] = []
  for (const link of links) {
    const { condition, url, title, description, iconClass } = link
    try {
      if (condition !== undefined && !isShown(condition, { environment, name, nowMs })) continue
      items.push({
        title,
        url: addressOf(url, { environment, functions, name }),
        ...(description === undefined ? {} : { description }),
        ...(iconClass === undefined ? {} : { iconClass }),
      })
    } catch (error) {
      errors.push(messageOf(error))
    }
  }
  return { items, errors }
}

interface ConditionScope {
  readonly environment: GoMap
  readonly name: string
  readonly nowMs: () => number
}

function isShown(condition: string, { environment, name, nowMs }: ConditionScope): boolean {
  let result: GoValue
  try {
    result = compileExpression(condition).evaluate(environment, { limits: LIMITS, nowMs })
  } catch (error) {
    const text = `failed to evaluate link condition '${condition}' with resource ${name}, error=${messageOf(error)}`
    throw new Error(text, { cause: error })
  }
  if (typeof result === 'boolean') return result
  throw new Error(`link condition '${condition}' evaluated to non-boolean value for resource ${name}`)
}

interface AddressScope {
  readonly environment: GoMap
  readonly functions: ReadonlyMap<string, GoFunction>
  readonly name: string
}

function addressOf(url: string, { environment, functions, name }: AddressScope): string {
  const hasFunction = (one: string): boolean => functions.has(one) || builtinOf(one) !== undefined
  let set: ReturnType<typeof parseTemplate>
  try {
    set = parseTemplate(NAME, url, { hasFunction })
  } catch (error) {
    throw new Error(`failed to parse link template '${url}', error=${messageOf(error)}`, { cause: error })
  }
  try {
    const budget = { steps: MAX_STEPS, outputLength: MAX_URL_LENGTH }
    const address = executeTemplate(set, NAME, { data: environment, functions, options: { budget } })
    // Words of an application may stand in it: they must not become a program in the page.
    if (isProgram(address)) throw new Error('addresses of programs are not shown')
    return address
  } catch (error) {
    const text = `failed to evaluate link template '${url}' with resource ${name}, error=${messageOf(error)}`
    throw new Error(text, { cause: error })
  }
}

const PROGRAMS: ReadonlySet<string> = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:'])

/** As a browser reads it, which passes over control characters before and line ends within. */
function isProgram(address: string): boolean {
  const protocol = URL.parse(address, 'https://page.invalid/')?.protocol
  return protocol === undefined || PROGRAMS.has(protocol)
}

/** Sprig's, less those that tell of the server's surroundings; `env` and `expandenv` are not among ours. */
function templateFunctions(nowMs: () => number): ReadonlyMap<string, GoFunction> {
  const functions = sprigFunctions({ random: (count) => randomBytes(count), nowMs, timeZone: 'UTC' })
  functions.delete('getHostByName')
  return functions
}

/** Kubernetes' unstructured form: whole numbers are integers, which templates print and compare as such. */
function goMapOf(object: Readonly<Record<string, unknown>>): GoMap {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined)
  return new Map(entries.map(([key, value]) => [key, goValueOf(value)]))
}

function goValueOf(value: unknown): GoValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return value
  if (Array.isArray(value)) return value.map(goValueOf)
  if (typeof value === 'object' && value !== null) return goMapOf(value as Readonly<Record<string, unknown>>)
  return null
}
