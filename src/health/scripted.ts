// Health by a user's Lua script (`resource.customizations.health.*`): which script fits, and what its answer means.
import { matchesGlob } from '../base/glob.ts'
import { kindOf, type KubeObject } from '../kube/object.ts'
import type { LuaAnswer, LuaScript } from '../lang/lua/machine.ts'
import { LuaError } from '../lang/lua/error.ts'
import { isObject, textIn } from './fields.ts'
import { HEALTH_ORDER, healthOf, type Health } from './health.ts'

/** One customization of argocd-cm; group and kind may be globs. */
export interface HealthScript {
  readonly group: string
  readonly kind: string
  readonly healthLua?: string
  readonly useOpenLibs?: boolean
}

/** What runs scripts: a LuaMachine. */
export interface ScriptRunner {
  run(script: LuaScript): LuaAnswer
}

/** `none`: the script has the word and says nothing; undefined: there is no script for the kind. */
export type ScriptedHealth = (object: KubeObject) => Health | 'none' | undefined

/**
 * The user's rules as one function. The very kind goes before globs, those in their order (argo-cd v3.5.1 `util/lua/lua.go`).
 * A script that fails gives Unknown with its error, never a throw. Without a runner, one that should run gives Unknown, too.
 */
export function createScriptedHealth(
  scripts: readonly HealthScript[],
  runner: ScriptRunner | undefined,
): ScriptedHealth {
  const written = scripts.filter(({ healthLua }) => healthLua !== undefined && healthLua !== '')
  if (written.length === 0) return () => undefined
  const found = new Map<string, HealthScript | undefined>()
  return (object) => {
    const { group, kind } = kindOf(object)
    const key = `${group}/${kind}`
    if (!found.has(key)) found.set(key, scriptFor(written, group, kind))
    const script = found.get(key)
    return script === undefined ? undefined : assessByScript(object, script, runner)
  }
}

/** Which of the customizations speaks for a kind. */
export function scriptFor<T extends Pick<HealthScript, 'group' | 'kind'>>(
  scripts: readonly T[],
  group: string,
  kind: string,
): T | undefined {
  return (
    scripts.find((script) => script.group === group && script.kind === kind) ??
    scripts.find((script) => matchesGlob(script.group, group) && matchesGlob(script.kind, kind))
  )
}

function assessByScript(
  object: KubeObject,
  { healthLua = '', useOpenLibs = false }: HealthScript,
  runner: ScriptRunner | undefined,
): Health | 'none' {
  if (runner === undefined) return healthOf('Unknown', 'Lua is being loaded')
  try {
    return readHealth(runner.run({ script: healthLua, globals: { obj: object }, openLibs: useOpenLibs }))
  } catch (error) {
    if (!(error instanceof LuaError)) throw error
    return healthOf('Unknown', error.message)
  }
}

/** An empty table arrives as an empty list. */
function readHealth({ type, value }: LuaAnswer): Health | 'none' {
  if (type === 'nil' || (Array.isArray(value) && value.length === 0)) return 'none'
  if (type !== 'table') return healthOf('Unknown', `expect table output from Lua script, not ${type}`)
  if (!isObject(value)) return healthOf('Unknown', 'Lua returned an invalid health status')
  const status = HEALTH_ORDER.find((known) => known === value['status'])
  if (status === undefined) return healthOf('Unknown', 'Lua returned an invalid health status')
  return healthOf(status, textIn(value, 'message'))
}
