// What states mean to a person: their tone, and what to do about a condition.
import type { TextKey } from '../text/en.ts'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'quiet'

const TONES: Readonly<Record<string, Tone>> = {
  Synced: 'good',
  OutOfSync: 'warn',
  Healthy: 'good',
  Progressing: 'busy',
  Degraded: 'bad',
  Suspended: 'quiet',
  Missing: 'warn',
  Unknown: 'quiet',
  Running: 'busy',
  Terminating: 'busy',
  Failed: 'bad',
  Error: 'bad',
  Succeeded: 'good',
}

/** The tone of a sync status, a health, or an operation's phase. */
export function toneOf(status: string): Tone {
  return TONES[status] ?? 'quiet'
}

const ADVICE: Readonly<Record<string, TextKey>> = {
  ComparisonError: 'advice.comparison',
  InvalidSpecError: 'advice.invalidSpec',
  SyncError: 'advice.sync',
  DeletionError: 'advice.deletion',
  UnknownError: 'advice.unknown',
  SharedResourceWarning: 'advice.shared',
  RepeatedResourceWarning: 'advice.repeated',
  ExcludedResourceWarning: 'advice.excluded',
  OrphanedResourceWarning: 'advice.orphaned',
  SelfHealLoopWarning: 'advice.loop',
}

/** What to do about a condition of this type. */
export function adviceOf(conditionType: string): TextKey {
  return ADVICE[conditionType] ?? 'advice.unknown'
}

/** Conditions named `…Error` stop the delivery; others are warnings. */
export function isErrorCondition(conditionType: string): boolean {
  return conditionType.endsWith('Error')
}

/** A message in two parts: what happened, and the lines of YAML it suggests; empty where it suggests none. */
export function suggestionIn(message: string): readonly [words: string, lines: string] {
  const at = message.indexOf('\nspec:\n')
  return at < 0 ? [message, ''] : [message.slice(0, at), `${message.slice(at + 1).trimEnd()}\n`]
}
