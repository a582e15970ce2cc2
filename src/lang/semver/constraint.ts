// Constraints on versions as Masterminds/semver v3 (v3.5.0 constraints.go) reads and checks them.
import { CapstanError } from '../../base/errors.ts'
import type { Version } from './version.ts'
import { comparePrereleases, compareVersions, parseVersion, tryParseVersion, versionText } from './version.ts'

/** Longest constraint, and most alternatives in it (Masterminds v3.5.0). */
export const MAX_CONSTRAINT_LENGTH = 512
export const MAX_CONSTRAINT_GROUPS = 32

type Operator = '' | '=' | '!=' | '>' | '<' | '>=' | '=>' | '<=' | '=<' | '~' | '~>' | '^'

interface Comparator {
  readonly operator: Operator
  readonly version: Version
  /** As written, without the operator. */
  readonly text: string
  /** From which number on the version is left open. */
  readonly open: 'nothing' | 'major' | 'minor' | 'patch'
}

interface Group {
  readonly comparators: readonly Comparator[]
  /** One of them names a prerelease: prereleases may satisfy the group. */
  readonly allowsPrereleases: boolean
}

/** One of the groups must hold, and in it every comparator. */
export interface Constraint {
  readonly groups: readonly Group[]
}

const PART = '[0-9xX*|]+'
const WORDS = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const VERSION = `v?${PART}(?:\\.${PART})?(?:\\.${PART})?(?:-${WORDS})?(?:\\+${WORDS})?`
const SPACE = '[\\t\\n\\f\\r ]'
// The order matters: as in Go, the first alternative that lets the whole match wins.
const OPERATORS = '=||!=|>|<|>=|=>|<=|=<|~|~>|\\^'
const COMPARATOR = `(?:${OPERATORS})${SPACE}*(?:${VERSION})`

const RANGE = new RegExp(`${SPACE}*(?<from>${VERSION})${SPACE}+-${SPACE}+(?<to>${VERSION})${SPACE}*`, 'g')
const VALID = new RegExp(`^${SPACE}*${COMPARATOR}${SPACE}*(?:(?:${SPACE}+|,${SPACE}*)${COMPARATOR}${SPACE}*)*$`)
const FIND = new RegExp(COMPARATOR, 'g')
const ONE = new RegExp(
  `^(?<operator>${OPERATORS})${SPACE}*(?<text>v?(?<major>${PART})(?:\\.(?<minor>${PART}))?(?:\\.(?<patch>${PART}))?(?<pre>-${WORDS})?(?:\\+${WORDS})?)$`,
)

/** Reads `>=1.2 <2 || ^3`. Throws `bad-input` with Masterminds' text. */
export function parseConstraint(text: string): Constraint {
  if (text.length > MAX_CONSTRAINT_LENGTH) {
    throw bad(`constraint string is too long (max ${MAX_CONSTRAINT_LENGTH} bytes)`)
  }
  const groups = text.replace(RANGE, '>= $<from>, <= $<to> ').split('||')
  if (groups.length > MAX_CONSTRAINT_GROUPS) throw bad(`too many constraint groups (max ${MAX_CONSTRAINT_GROUPS})`)
  return { groups: groups.map(parseGroup) }
}

function parseGroup(text: string): Group {
  if (!VALID.test(text)) throw bad(`improper constraint: ${JSON.stringify(text)}`)
  const comparators = (text.match(FIND) ?? []).map(parseComparator)
  return { comparators, allowsPrereleases: comparators.some(({ version }) => version.prerelease !== '') }
}

function parseComparator(source: string): Comparator {
  const groups = ONE.exec(source)?.groups
  if (groups === undefined) throw bad(`improper constraint: ${JSON.stringify(source)}`)
  const { operator = '', text = '', major = '', minor, patch, pre = '' } = groups
  const open = openFrom(major, minor, patch)
  const versions = {
    major: `0.0.0${pre}`,
    minor: `${major}.0.0${pre}`,
    patch: `${major}.${minor}.0${pre}`,
    nothing: text,
  }
  const version = tryParseVersion(versions[open])
  if (version === undefined) throw bad('constraint parser error')
  return { operator: operator as Operator, version, text, open } // the expression allows no other
}

function openFrom(major: string, minor: string | undefined, patch: string | undefined): Comparator['open'] {
  if (isWildcard(major)) return 'major'
  if (minor === undefined || isWildcard(minor)) return 'minor'
  return patch === undefined || isWildcard(patch) ? 'patch' : 'nothing'
}

function isWildcard(part: string): boolean {
  return part === 'x' || part === 'X' || part === '*'
}

function bad(message: string): CapstanError {
  return new CapstanError('bad-input', message)
}

/** Does the version satisfy the constraint? Both may be given as text; text that is none throws. */
export function satisfies(constraint: Constraint | string, version: Version | string): boolean {
  const wanted = typeof constraint === 'string' ? parseConstraint(constraint) : constraint
  const given = typeof version === 'string' ? parseVersion(version) : version
  return wanted.groups.some((group) => failuresOf(group, given).length === 0)
}

/** Why the version does not satisfy the constraint, in Masterminds' words; empty where it does. */
export function explainConstraint(constraint: Constraint, version: Version): string[] {
  const failures = constraint.groups.map((group) => failuresOf(group, version))
  if (failures.some((found) => found.length === 0)) return []
  const prerelease = notForPrereleases(version)
  return failures.flat().filter((text, i, all) => text !== prerelease || all.indexOf(text) === i)
}

function failuresOf(group: Group, version: Version): string[] {
  if (version.prerelease !== '' && !group.allowsPrereleases) return [notForPrereleases(version)]
  return group.comparators.map((comparator) => check(version, comparator)).filter((text) => text !== undefined)
}

function notForPrereleases(version: Version): string {
  return `${quote(version)} is a prerelease version and the constraint is only looking for release versions`
}

function quote(version: Version): string {
  return JSON.stringify(versionText(version))
}

/** What fails, undefined where nothing does. */
function check(version: Version, comparator: Comparator): string | undefined {
  const [holds, problem] = judge(version, comparator)
  return holds ? undefined : `${quote(version)} ${problem}`
}

type Judgement = readonly [holds: boolean, problem: string]

function judge(version: Version, comparator: Comparator): Judgement {
  const name = JSON.stringify(comparator.text)
  const order = compareVersions(version, comparator.version)
  switch (comparator.operator) {
    case '':
    case '=':
      return comparator.open === 'nothing' ? [order === 0, `is not equal to ${name}`] : judgeTilde(version, comparator)
    case '!=':
      return [differs(version, comparator), `is equal to ${name}`]
    case '>':
      return [isGreater(version, comparator), `is less than or equal to ${name}`]
    case '<':
      return [order < 0, `is greater than or equal to ${name}`]
    case '>=':
    case '=>':
      return [order >= 0, `is less than ${name}`]
    case '<=':
    case '=<':
      return [isAtMost(version, comparator), `is greater than ${name}`]
    case '~':
    case '~>':
      return judgeTilde(version, comparator)
    case '^':
      return judgeCaret(version, comparator)
  }
}

function differs(version: Version, { version: wanted, open }: Comparator): boolean {
  if (open === 'nothing') return compareVersions(version, wanted) !== 0
  if (version.major !== wanted.major) return true
  if (open === 'minor') return false
  if (version.minor !== wanted.minor) return true
  if (open === 'patch')
    return comparePrereleases(version.prerelease, wanted.prerelease) !== 0 && hasPrerelease(version, wanted)
  return version.patch !== wanted.patch || compareVersions(version, wanted) !== 0
}

function hasPrerelease(a: Version, b: Version): boolean {
  return a.prerelease !== '' || b.prerelease !== ''
}

function isGreater(version: Version, { version: wanted, open }: Comparator): boolean {
  if (open === 'nothing' || version.major !== wanted.major) {
    return open === 'nothing' ? compareVersions(version, wanted) > 0 : version.major > wanted.major
  }
  if (open === 'minor') return false
  return open === 'patch' ? version.minor > wanted.minor : compareVersions(version, wanted) > 0
}

function isAtMost(version: Version, { version: wanted, open }: Comparator): boolean {
  if (open === 'nothing') return compareVersions(version, wanted) <= 0
  if (version.major !== wanted.major) return version.major < wanted.major
  return version.minor <= wanted.minor || open === 'minor'
}

function judgeTilde(version: Version, { version: wanted, open, text }: Comparator): Judgement {
  const name = JSON.stringify(text)
  if (compareVersions(version, wanted) < 0) return [false, `is less than ${name}`]
  const isAny = wanted.major === 0 && wanted.minor === 0 && wanted.patch === 0
  if (isAny && open !== 'minor' && open !== 'patch') return [true, '']
  if (version.major !== wanted.major) return [false, `does not have same major version as ${name}`]
  const holds = version.minor === wanted.minor || open === 'minor'
  return [holds, `does not have same major and minor version as ${name}`]
}

function judgeCaret(version: Version, { version: wanted, open, text }: Comparator): Judgement {
  const name = JSON.stringify(text)
  if (compareVersions(version, wanted) < 0) return [false, `is less than ${name}`]
  if (version.major !== wanted.major) return [false, `does not have same major version as ${name}`]
  if (wanted.major > 0 || open === 'minor') return [true, '']
  if (wanted.minor > 0 || open === 'patch') {
    const hint = 'Expected minor versions to match when constraint major version is 0'
    return [version.minor === wanted.minor, `does not have same minor version as ${name}. ${hint}`]
  }
  if (version.minor > 0) return [false, `does not have same minor version as ${name}`]
  const hint = 'Expect version and constraint to equal when major and minor versions are 0'
  return [version.patch === wanted.patch, `does not equal ${name}. ${hint}`]
}
