// Versions as Masterminds/semver v3 reads and orders them.
import { CapstanError } from '../../base/errors.ts'

export interface Version {
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** Without the `-`; empty for a release. */
  readonly prerelease: string
  /** Without the `+`. */
  readonly metadata: string
  /** The text as it was given. */
  readonly original: string
}

/** Longest version text (Masterminds v3.5.0 MaxVersionLen). */
export const MAX_VERSION_LENGTH = 256

const VERSION =
  /^v?(?<major>[0-9]+)(?:\.(?<minor>[0-9]+))?(?:\.(?<patch>[0-9]+))?(?:-(?<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?<meta>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/

/** Reads a version of one to three numbers, `v` before it or not. Throws `bad-input` with Masterminds' text. */
export function parseVersion(text: string): Version {
  if (text.length > MAX_VERSION_LENGTH) throw bad(`version string is too long (max ${MAX_VERSION_LENGTH} bytes)`)
  const groups = VERSION.exec(text)?.groups
  if (groups === undefined) throw bad('invalid semantic version')
  const { major = '', minor = '0', patch = '0', pre = '', meta = '' } = groups
  const version: Version = {
    major: parseSegment(major),
    minor: parseSegment(minor),
    patch: parseSegment(patch),
    prerelease: pre,
    metadata: meta,
    original: text,
  }
  if (pre.split('.').some((part) => /^0[0-9]+$/.test(part))) throw bad('version segment starts with 0')
  return version
}

/** The same, undefined for what is no version. */
export function tryParseVersion(text: string): Version | undefined {
  try {
    return parseVersion(text)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}

const MAX_UINT64 = 2n ** 64n - 1n

function parseSegment(digits: string): number {
  if (digits.length > 15 && BigInt(digits) > MAX_UINT64) {
    throw bad(`error parsing version segment: strconv.ParseUint: parsing "${digits}": value out of range`)
  }
  return Number(digits)
}

function bad(message: string): CapstanError {
  return new CapstanError('bad-input', message)
}

/** In full, without `v`: `1.2.0-rc.1+build`. */
export function versionText(version: Version): string {
  const { major, minor, patch, prerelease, metadata } = version
  const pre = prerelease === '' ? '' : `-${prerelease}`
  return `${major}.${minor}.${patch}${pre}${metadata === '' ? '' : `+${metadata}`}`
}

/** Negative where `a` comes before `b`; metadata does not count. */
export function compareVersions(a: Version, b: Version): number {
  return (
    Math.sign(a.major - b.major) ||
    Math.sign(a.minor - b.minor) ||
    Math.sign(a.patch - b.patch) ||
    comparePrereleases(a.prerelease, b.prerelease)
  )
}

/** A release comes behind its prereleases; parts are compared one by one, numbers before words. */
export function comparePrereleases(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const left = a.split('.')
  const right = b.split('.')
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = comparePart(left[i], right[i])
    if (difference !== 0) return difference
  }
  return 0
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1
  const x = numberOf(a)
  const y = numberOf(b)
  if (x !== undefined && y !== undefined) return x > y ? 1 : -1
  if (x === undefined && y === undefined) return a > b ? 1 : -1
  return x === undefined ? 1 : -1
}

function numberOf(part: string): bigint | undefined {
  if (!/^[0-9]+$/.test(part)) return undefined
  const value = BigInt(part)
  return value > MAX_UINT64 ? undefined : value
}
