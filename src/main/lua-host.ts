// Lua for this process: loaded when argocd-cm first has a script, and the user's rules made of it anew when they change.
import { ResourceActions } from '../actions/scripted.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { createScriptedHealth, type ScriptedHealth } from '../health/scripted.ts'
import { loadLua, type LuaMachine } from '../lang/lua/machine.ts'
import type { ResourceCustomization } from '../settings/resource-customizations.ts'

export interface LuaHostOptions {
  readonly log: Log
  readonly customizations: () => readonly ResourceCustomization[]
  /** Lua is there: what was judged without it is judged again. */
  readonly onLoaded: () => void
}

/** What the scripts of argocd-cm decide: health and actions. */
export class LuaHost {
  readonly #options: LuaHostOptions
  #loading: Promise<void> | undefined
  /** Before that nothing was judged that would have to be judged again. */
  #isServing = false
  #machine: LuaMachine | undefined
  #madeOf: readonly ResourceCustomization[] | undefined
  #health: ScriptedHealth = () => undefined
  #actions: ResourceActions = new ResourceActions([], undefined)

  constructor(options: LuaHostOptions) {
    this.#options = options
  }

  /** Loads Lua where there are scripts, so that the first look at a resource has it. */
  async ready(): Promise<void> {
    this.#refresh()
    await this.#loading
    this.#isServing = true
  }

  health(): ScriptedHealth {
    this.#refresh()
    return this.#health
  }

  actions(): ResourceActions {
    this.#refresh()
    return this.#actions
  }

  async close(): Promise<void> {
    await this.#loading
    this.#machine?.close()
  }

  #refresh(): void {
    const customizations = this.#options.customizations()
    if (customizations === this.#madeOf) return
    this.#madeOf = customizations
    this.#health = createScriptedHealth(customizations, this.#machine)
    this.#actions = new ResourceActions(customizations, this.#machine)
    const hasScripts = customizations.some(({ healthLua = '', actions = '' }) => healthLua !== '' || actions !== '')
    if (hasScripts && this.#machine === undefined) this.#loading ??= this.#load()
  }

  async #load(): Promise<void> {
    try {
      this.#machine = await loadLua()
      this.#madeOf = undefined
      if (this.#isServing) this.#options.onLoaded()
    } catch (error) {
      this.#options.log.error('Lua cannot be loaded; scripts of argocd-cm do not run', { error: messageOf(error) })
    }
  }
}
