// The difference of a managed resource: its live state against what a sync would make of it.
import type { ResourceDiff } from '../../../src/crds/tree.ts'
import { compareTexts, type TextDiff } from './hunks.ts'
import { yamlOfJson } from './yaml.ts'

/** Compares the normalised states, as the decision OutOfSync does; a resource on one side only is shown whole. */
export function differenceOf({
  normalizedLiveState,
  liveState,
  predictedLiveState,
  targetState,
}: ResourceDiff): TextDiff {
  const isWanted = yamlOfJson(targetState) !== ''
  const before = yamlOfJson(isPresent(normalizedLiveState) ? normalizedLiveState : liveState)
  const after = isWanted ? yamlOfJson(isPresent(predictedLiveState) ? predictedLiveState : targetState) : ''
  return compareTexts(before, after)
}

function isPresent(json: string | undefined): boolean {
  return json !== undefined && json !== '' && json !== 'null'
}
