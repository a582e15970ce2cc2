// Actions a user has written in Lua (`resource.customizations.actions.*`), before and beside the built-in ones.
import { CapstanError, messageOf } from '../base/errors.ts'
import { scriptFor, type ScriptRunner } from '../health/scripted.ts'
import { kindOf, type JsonObject, type JsonValue, type KubeObject } from '../kube/object.ts'
import { LuaError } from '../lang/lua/error.ts'
import type { LuaAnswer } from '../lang/lua/machine.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import { discoverActions, runAction } from './actions.ts'
import type { ActionChange, ActionInput, ResourceAction } from './contract.ts'
import { restoreForms } from './restore.ts'

/** One customization of argocd-cm; group and kind may be globs. */
export interface ActionScripts {
  readonly group: string
  readonly kind: string
  /** YAML: `discovery.lua`, `definitions`, `mergeBuiltinActions`. */
  readonly actions?: string
  readonly useOpenLibs?: boolean
}

interface Definitions {
  readonly discovery: string
  readonly scripts: ReadonlyMap<string, string>
  readonly isMerged: boolean
  readonly openLibs: boolean
}

/** What may be done to live objects by the rules of this control plane. */
export class ResourceActions {
  readonly #customizations: readonly ActionScripts[]
  readonly #runner: ScriptRunner | undefined

  constructor(customizations: readonly ActionScripts[], runner: ScriptRunner | undefined) {
    this.#customizations = customizations.filter(({ actions }) => actions !== undefined && actions !== '')
    this.#runner = runner
  }

  /**
   * The user's actions; the built-in ones follow where the user has none or merges (argo-cd v3.5.1 `util/lua/lua.go`).
   * Throws `bad-input` with the script's error.
   */
  discover(object: KubeObject): readonly ResourceAction[] {
    const own = this.#definitionsFor(object)
    if (own === undefined) return discoverActions(object)
    const found = own.discovery === '' ? [] : readActions(this.#run(own.discovery, { obj: object }, own.openLibs))
    if (!own.isMerged) return found
    const names = new Set(found.map(({ name }) => name))
    return [...found, ...discoverActions(object).filter(({ name }) => !names.has(name))]
  }

  /** What an action does; the user's script of that name goes first. Throws `not-found`, and `bad-input` with the action's error. */
  run(object: KubeObject, name: string, input: ActionInput): readonly ActionChange[] {
    const own = this.#definitionsFor(object)
    const script = own?.scripts.get(name)
    if (own === undefined || script === undefined) return runAction(object, name, input)
    return readChanges(this.#run(script, { obj: object, actionParams: input.parameters }, own.openLibs), object)
  }

  #definitionsFor(object: KubeObject): Definitions | undefined {
    const { group, kind } = kindOf(object)
    const found = scriptFor(this.#customizations, group, kind)
    return found === undefined ? undefined : parseDefinitions(found)
  }

  #run(script: string, globals: Readonly<Record<string, unknown>>, openLibs: boolean): LuaAnswer {
    if (this.#runner === undefined) throw new CapstanError('unavailable', 'Lua is being loaded: try again in a moment')
    try {
      return this.#runner.run({ script, globals, openLibs })
    } catch (error) {
      if (!(error instanceof LuaError)) throw error
      throw new CapstanError('bad-input', error.message, { cause: error })
    }
  }
}

function parseDefinitions({ group, kind, actions = '', useOpenLibs = false }: ActionScripts): Definitions {
  const place = `argocd-cm: actions of ${group === '' ? kind : `${group}/${kind}`}`
  const yaml = readYaml(actions, place)
  const definitions = Array.isArray(yaml['definitions']) ? yaml['definitions'] : []
  const scripts = definitions.filter(isMap).map((each) => [textIn(each, 'name'), textIn(each, 'action.lua')] as const)
  return {
    discovery: textIn(yaml, 'discovery.lua'),
    scripts: new Map(scripts),
    isMerged: yaml['mergeBuiltinActions'] === true,
    openLibs: useOpenLibs,
  }
}

function readYaml(text: string, place: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parseYaml(text)
    return isMap(value) ? value : {}
  } catch (error) {
    throw new CapstanError('bad-input', `${place}: no YAML: ${messageOf(error)}`, { cause: error })
  }
}

/** A table from names to what is shown; an entry without anything is an empty list. */
function readActions({ type, value }: LuaAnswer): readonly ResourceAction[] {
  if (type !== 'table') throw wrongType(type)
  if (!isMap(value)) return []
  return Object.entries(value).map(([name, shown]) => ({ name, ...readAction(isMap(shown) ? shown : {}) }))
}

function readAction(shown: Readonly<Record<string, unknown>>): Omit<ResourceAction, 'name'> {
  const { disabled, params } = shown
  const [iconClass, displayName] = [textIn(shown, 'iconClass'), textIn(shown, 'displayName')]
  const parameters = (Array.isArray(params) ? params : []).filter(isMap)
  return {
    ...(typeof disabled === 'boolean' ? { disabled } : {}),
    ...(iconClass === '' ? {} : { iconClass }),
    ...(displayName === '' ? {} : { displayName }),
    ...(parameters.length === 0 ? {} : { params: parameters.map((each) => ({ name: textIn(each, 'name') })) }),
  }
}

/** An object is the new state of the one the action ran on; a list says of each object what to do with it. */
function readChanges({ type, value }: LuaAnswer, object: KubeObject): readonly ActionChange[] {
  if (type !== 'table') throw wrongType(type)
  if (!Array.isArray(value)) return [patchOf(value, object)]
  return value.map((entry) => {
    const { operation, resource } = isMap(entry) ? entry : {}
    if (operation === 'patch') return patchOf(resource, object)
    if (operation === 'create') return { operation, object: asObject(resource) }
    throw new CapstanError('bad-input', `unsupported operation: ${typeof operation === 'string' ? operation : ''}`)
  })
}

function patchOf(value: unknown, object: KubeObject): ActionChange {
  const changed = restoreForms(asObject(value) as unknown as JsonValue, object as unknown as JsonObject)
  return { operation: 'patch', object: asObject(changed) }
}

function asObject(value: unknown): KubeObject {
  if (isMap(value) && typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string') {
    return { ...value, metadata: isMap(value['metadata']) ? value['metadata'] : {} } as unknown as KubeObject // checked above
  }
  throw new CapstanError('bad-input', 'the action returned an object without apiVersion and kind')
}

function wrongType(type: string): CapstanError {
  return new CapstanError('bad-input', `expect table output from Lua script, not ${type}`)
}

function textIn(map: Readonly<Record<string, unknown>>, key: string): string {
  const value = map[key]
  return typeof value === 'string' ? value : ''
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
