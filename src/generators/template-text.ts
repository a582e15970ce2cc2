// Texts with templates in them become plain texts, in the mode the ApplicationSet asks for.
import { CapstanError, messageOf } from '../base/errors.ts'
import { LruCache } from '../base/lru.ts'
import type { ApplicationSetSpec } from '../crds/application-set.ts'
import { replaceTags } from '../lang/fasttemplate/replace-tags.ts'
import { builtinOf } from '../lang/go-template/builtins.ts'
import { executeTemplate } from '../lang/go-template/execute.ts'
import type { Budget, ExecuteOptions } from '../lang/go-template/run.ts'
import { parseTemplate, type TemplateSet } from '../lang/go-template/template-set.ts'
import type { GoFunction, GoMap } from '../lang/go/values.ts'
import { failed } from './failure.ts'

/** Steps of all templates of one run together: some thousand times what a set of a thousand applications takes. */
export const MAX_RUN_STEPS = 20_000_000
/** Steps and characters of the templates of one application; etcd takes objects of 1.5 MiB. */
export const MAX_APPLICATION_STEPS = 500_000
export const MAX_APPLICATION_LENGTH: number = 4 * 1024 * 1024

/** Parsed templates kept by their text. */
const MAX_PARSED = 2000

/** The name under which upstream's errors speak of a template. */
const NAME = 'base'

export type MissingKey = NonNullable<ExecuteOptions['missingKey']>

/** Renders the texts of one run of one ApplicationSet; what they may use up is counted over the run. */
export class TemplateRenderer {
  readonly isGoTemplate: boolean
  readonly #missingKey: MissingKey
  readonly #functions: ReadonlyMap<string, GoFunction>
  readonly #parsed = new LruCache<TemplateSet>({ maxSize: MAX_PARSED })
  #stepsLeft = MAX_RUN_STEPS
  #granted = MAX_APPLICATION_STEPS
  #budget: Budget = { steps: MAX_APPLICATION_STEPS, outputLength: MAX_APPLICATION_LENGTH }

  /** Throws `bad-input` for an option Go does not know. */
  constructor(
    spec: Pick<ApplicationSetSpec, 'goTemplate' | 'goTemplateOptions'>,
    functions: ReadonlyMap<string, GoFunction>,
  ) {
    this.isGoTemplate = spec.goTemplate === true
    this.#functions = functions
    this.#missingKey = this.isGoTemplate ? missingKeyOf(spec.goTemplateOptions ?? []) : 'default'
  }

  /** A new application begins: its templates may use a whole share again. */
  beginApplication(): void {
    this.#stepsLeft -= this.#granted - Math.max(this.#budget.steps, 0)
    this.#granted = Math.max(0, Math.min(MAX_APPLICATION_STEPS, this.#stepsLeft))
    this.#budget = { steps: this.#granted, outputLength: MAX_APPLICATION_LENGTH }
  }

  /** The text with its templates carried out. Throws `bad-input` with upstream's text, `limit` where too much is used up. */
  render(text: string, parameters: GoMap, missingKey: MissingKey = this.#missingKey): string {
    if (!text.includes('{{')) return text
    if (!this.isGoTemplate) {
      return replaceTags(text, (name) => {
        const value = parameters.get(name)
        return typeof value === 'string' ? value : undefined
      })
    }
    const set = this.#parse(text)
    try {
      return executeTemplate(set, NAME, {
        data: parameters,
        functions: this.#functions,
        options: { missingKey, budget: this.#budget },
      })
    } catch (error) {
      throw failed(`failed to execute go template ${text}`, error)
    }
  }

  #parse(text: string): TemplateSet {
    const known = this.#parsed.get(text)
    if (known !== undefined) return known
    const hasFunction = (name: string): boolean => this.#functions.has(name) || builtinOf(name) !== undefined
    try {
      const set = parseTemplate(NAME, text, { hasFunction })
      this.#parsed.set(text, set)
      return set
    } catch (error) {
      throw failed(`failed to parse template ${text}`, error)
    }
  }
}

/** Whether a template failed because a parameter is missing (argo-cd v3.5.1 `isMissingKeyError`). */
export function isMissingKeyFault(error: unknown): boolean {
  const text = messageOf(error)
  return text.includes('map has no entry for key') || text.includes("can't evaluate field")
}

const MISSING_KEY_OPTIONS: ReadonlyMap<string, MissingKey> = new Map([
  ['missingkey=default', 'default'],
  ['missingkey=invalid', 'default'],
  ['missingkey=zero', 'zero'],
  ['missingkey=error', 'error'],
])

/** The last option of a kind counts, as Go's Option has it. */
function missingKeyOf(options: readonly string[]): MissingKey {
  let found: MissingKey = 'default'
  for (const option of options) {
    const value = MISSING_KEY_OPTIONS.get(option)
    if (value === undefined) throw new CapstanError('bad-input', `unrecognized option: ${option}`)
    found = value
  }
  return found
}
