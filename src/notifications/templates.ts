// Renders templates: every text in them is a Go template with Sprig's functions (notifications-engine templates, services).
import { randomBytes } from 'node:crypto'
import { CapstanError } from '../base/errors.ts'
import { executeTemplate } from '../lang/go-template/execute.ts'
import { builtinOf } from '../lang/go-template/builtins.ts'
import type { Budget } from '../lang/go-template/run.ts'
import { parseTemplate, type TemplateSet } from '../lang/go-template/template-set.ts'
import { limitError } from '../lang/go/error.ts'
import { GoFunction } from '../lang/go/values.ts'
import type { GoMap, GoValue } from '../lang/go/values.ts'
import { sprigFunctions } from '../lang/sprig/functions.ts'
import type { Block, Json, Notification } from './notification.ts'

/** Steps of one notification: some thousand times what messages take, and a second at most. */
export const MAX_TEMPLATE_STEPS = 1_000_000
/** Characters of one notification. */
export const MAX_NOTIFICATION_LENGTH = 1_000_000
/** Sprig's functions that make keys or slow hashes keep the whole process waiting while they run. */
const COSTLY = /^(?:gen(?!erate)|bcrypt|htpasswd|derivePassword|encryptAES|buildCustomCert)/
export const MAX_COSTLY_CALLS = 3
/** How deep the blocks of a template may nest. */
const MAX_BLOCK_DEPTH = 50

/** What a block of a kind of service says where its template says nothing (the services of notifications-engine). */
const DEFAULTS: Readonly<Record<string, Block>> = {
  github: {
    repoURLPath: '{{.app.spec.source.repoURL}}',
    revisionPath: '{{.app.status.operationState.syncResult.revision}}',
  },
  alertmanager: { generatorURL: '{{.app.spec.source.repoURL}}' },
  newrelic: {
    revision: '{{.app.status.operationState.syncResult.revision}}',
    changelog: '{{(call .repo.GetCommitMetadata .app.status.sync.revision).Message}}',
    user: '{{(call .repo.GetCommitMetadata .app.status.sync.revision).Author}}',
  },
}
/** Of these an empty text of a later template leaves an earlier one's. */
const KEEPS_EARLIER: ReadonlySet<string> = new Set(['email', 'teams', 'teams-workflows', 'googlechat'])

/** The templates of a configuration, parsed when they are first needed. */
export class Templates {
  readonly #templates: ReadonlyMap<string, Block>
  readonly #functions: ReadonlyMap<string, GoFunction>
  readonly #parsed = new Map<string, TemplateSet>()
  #costlyLeft = 0

  constructor(templates: ReadonlyMap<string, Block>, nowMs: () => number) {
    this.#templates = templates
    const functions = sprigFunctions({ random: (count) => randomBytes(count), nowMs, timeZone: 'UTC' })
    for (const [name, target] of functions) if (COSTLY.test(name)) functions.set(name, this.#counted(target))
    this.#functions = functions
  }

  /** The function, a few times in a notification. */
  #counted({ params, call, variadic }: GoFunction): GoFunction {
    const counted = (args: readonly GoValue[]): GoValue => {
      this.#costlyLeft -= 1
      if (this.#costlyLeft < 0) throw limitError(`more than ${MAX_COSTLY_CALLS} keys and hashes in one notification`)
      return call(args)
    }
    return new GoFunction(params, counted, variadic)
  }

  /** One notification of several templates, the later over the earlier. Throws what Go's template says. */
  render(names: readonly string[], variables: GoMap): Notification {
    this.#costlyLeft = MAX_COSTLY_CALLS
    const budget: Budget = { steps: MAX_TEMPLATE_STEPS, outputLength: MAX_NOTIFICATION_LENGTH }
    let notification: Notification = { message: '', blocks: {} }
    for (const name of names) {
      const template = this.#templates.get(name)
      if (template === undefined) throw new CapstanError('not-found', `template '${name}' is not supported`)
      const rendering = { name, variables, budget }
      notification = over(notification, this.#renderAll(rendering, template))
    }
    return notification
  }

  #renderAll(rendering: Rendering, template: Block): Notification {
    const { message, ...blocks } = template
    const rendered = Object.entries(blocks).flatMap(([kind, block]) => {
      if (typeof block !== 'object' || block === null || Array.isArray(block)) return []
      const whole = { ...DEFAULTS[kind], ...withoutEmpty(block as Block, DEFAULTS[kind]) } // a map: checked above
      return [[kind, this.#renderValue(rendering, whole, 0)] as const]
    })
    return {
      message: typeof message === 'string' ? this.#renderText(rendering, message) : '',
      blocks: Object.fromEntries(rendered) as Notification['blocks'],
    } // maps stay maps
  }

  #renderValue(rendering: Rendering, value: Json, depth: number): Json {
    if (depth > MAX_BLOCK_DEPTH) throw new CapstanError('limit', 'a template nests too deep')
    if (typeof value === 'string') return this.#renderText(rendering, value)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item: Json) => this.#renderValue(rendering, item, depth + 1))
    const entries = Object.entries(value).map(([key, item]) => [key, this.#renderValue(rendering, item, depth + 1)])
    return Object.fromEntries(entries) as Json // keys and values are JSON
  }

  #renderText({ name, variables, budget }: Rendering, text: string): string {
    if (!text.includes('{{')) return text
    const key = `${name}\0${text}`
    let set = this.#parsed.get(key)
    if (set === undefined) {
      set = parseTemplate(name, text, { hasFunction: (wanted) => this.#has(wanted) })
      this.#parsed.set(key, set)
    }
    return executeTemplate(set, name, { data: variables, functions: this.#functions, options: { budget } })
  }

  #has(name: string): boolean {
    return this.#functions.has(name) || builtinOf(name) !== undefined
  }
}

interface Rendering {
  readonly name: string
  readonly variables: GoMap
  readonly budget: Budget
}

/** A default stands where a template has the field, but empty. */
function withoutEmpty(block: Block, defaults: Block | undefined): Block {
  if (defaults === undefined) return block
  return Object.fromEntries(
    Object.entries(block).filter(([key, value]) => value !== '' || !Object.hasOwn(defaults, key)),
  )
}

function over(earlier: Notification, later: Notification): Notification {
  const blocks: Record<string, Block> = { ...earlier.blocks }
  for (const [kind, block] of Object.entries(later.blocks)) {
    const kept = KEEPS_EARLIER.has(kind) ? Object.entries(block).filter(([, value]) => value !== '') : undefined
    blocks[kind] = kept === undefined ? block : { ...blocks[kind], ...Object.fromEntries(kept) }
  }
  return { message: later.message === '' ? earlier.message : later.message, blocks }
}
