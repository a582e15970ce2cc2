// Replays what Masterminds/semver says of versions and constraints (recorded through helm 4.2.1).
import { isDeepStrictEqual } from 'node:util'
import { test } from 'node:test'
import { messageOf } from '../../src/base/errors.ts'
import { parseConstraint, satisfies } from '../../src/lang/semver/constraint.ts'
import { parseVersion, versionText } from '../../src/lang/semver/version.ts'
import type { CaseResult } from '../support/corpus.ts'
import { CORPUS_ABSENT, compareWithKnownFailures, corpusFolder, readCases } from '../support/corpus.ts'

type SemverCase =
  | {
      readonly constraint: string
      readonly satisfied?: string[]
      readonly unsatisfied?: string[]
      readonly error?: string
    }
  | { readonly version: string; readonly parsed?: Record<string, unknown>; readonly error?: string }

test('reads versions and checks constraints as Masterminds/semver does', (t) => {
  if (corpusFolder() === undefined) return t.skip(CORPUS_ABSENT)

  const cases = [...readCases<SemverCase>('render/helm-probes', 'semver.jsonl')]

  compareWithKnownFailures('semver', cases.map(result))
})

function result(item: SemverCase, index: number): CaseResult {
  const { wanted, got } = 'version' in item ? versionOutcome(item.version, item) : constraintOutcome(item)
  const same = isDeepStrictEqual(got, wanted)
  return {
    id: `${index + 1}`,
    failure: same ? undefined : `${JSON.stringify(item).slice(0, 80)}: ${JSON.stringify(got)}`,
  }
}

interface Outcome {
  readonly wanted: unknown
  readonly got: unknown
}

function versionOutcome(text: string, item: { parsed?: unknown; error?: string }): Outcome {
  const got = attempt(() => {
    const { major, minor, patch, prerelease, metadata, original } = parseVersion(text)
    return { major, metadata, minor, original, patch, prerelease, string: versionText(parseVersion(text)) }
  })
  return { wanted: item.parsed ?? item.error, got }
}

function constraintOutcome(item: Extract<SemverCase, { constraint: string }>): Outcome {
  const { satisfied = [], unsatisfied = [], error } = item
  const got = attempt(() => {
    const constraint = parseConstraint(item.constraint)
    return [satisfied, unsatisfied].map((versions) => versions.map((version) => satisfies(constraint, version)))
  })
  return { wanted: error ?? [satisfied.map(() => true), unsatisfied.map(() => false)], got }
}

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return messageOf(error)
  }
}
