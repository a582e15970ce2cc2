// Remembers that an application fights with another controller, from the second heal in a row until that is solved.
import type { RememberedFight } from './app-memory.ts'
import { type AutoSyncDecision, HEAL_COOLDOWN_MS } from './auto-sync.ts'
import type { Comparison } from './comparison-result.ts'
import type { Condition } from './conditions.ts'
import { FIGHT_ATTEMPTS, fightCondition } from './fight-hint.ts'
import { comeBack, type Pass } from './pass.ts'

/**
 * The warning, the same one until the fight is solved: by another wish (rules, options, policy), by another revision, or because
 * the application has stayed in step for as long as self-heal needs to forget.
 */
export async function fightConditions(
  pass: Pass,
  comparison: Comparison,
  decision: AutoSyncDecision,
): Promise<readonly Condition[]> {
  const { memory } = pass
  const wish = wishOf(pass, comparison)
  if (decision.action === 'wait' && decision.attempts >= FIGHT_ATTEMPTS) {
    const [condition] = await fightCondition(pass, comparison)
    if (condition !== undefined) memory.fight = { condition, wish }
  } else {
    memory.fight ??= fromStatus(pass, wish)
    if (memory.fight?.wish !== wish || hasCalmed(pass, comparison)) memory.fight = undefined
  }
  return memory.fight === undefined ? [] : [memory.fight.condition]
}

function wishOf({ application: { spec } }: Pass, { sources }: Comparison): string {
  return JSON.stringify([spec.ignoreDifferences, spec.syncPolicy, sources.map(({ revision }) => revision)])
}

/** After a restart of this process the status remembers. */
function fromStatus({ application }: Pass, wish: string): RememberedFight | undefined {
  const known = application.status?.conditions?.find(({ type }) => type === 'SelfHealLoopWarning')
  return known === undefined ? undefined : { condition: { type: 'SelfHealLoopWarning', message: known.message }, wish }
}

function hasCalmed(pass: Pass, { status }: Comparison): boolean {
  if (pass.memory.fight === undefined || status !== 'Synced') return false
  const healedMs = Date.parse(pass.application.status?.operationState?.finishedAt ?? '')
  const remainingMs = healedMs + HEAL_COOLDOWN_MS - pass.dependencies.clock.now()
  if (!(remainingMs > 0)) return true
  pass.memory.asked ??= 'recent'
  comeBack(pass, remainingMs)
  return false
}
