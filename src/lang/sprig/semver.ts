// Sprig's semver and semverCompare.
import { BOOL, GoStruct, GoTyped, INT, pointerTo, STRING, UINT64 } from '../go/values.ts'
import type { GoMethod, GoType, GoValue } from '../go/values.ts'
import { satisfies } from '../semver/constraint.ts'
import { compareVersions, parseVersion, versionText } from '../semver/version.ts'
import type { Version } from '../semver/version.ts'
import { fixed, textAt, valueAt } from './define.ts'
import type { FunctionTable } from './define.ts'

export const SEMVER_FUNCTIONS: FunctionTable = {
  semver: fixed([STRING], (args) => versionValue(parseVersion(textAt(args, 0)))),
  semverCompare: fixed([STRING, STRING], (args) => satisfies(textAt(args, 0), textAt(args, 1))),
}

const VERSION: GoType = { name: 'semver.Version', kind: 'struct', fields: [] }
const BARE_POINTER: GoType = pointerTo(VERSION)

const METHODS: Readonly<Record<string, GoMethod>> = {
  Major: { params: [], result: UINT64, call: (self) => number(versionOf(self)?.major) },
  Minor: { params: [], result: UINT64, call: (self) => number(versionOf(self)?.minor) },
  Patch: { params: [], result: UINT64, call: (self) => number(versionOf(self)?.patch) },
  Prerelease: { params: [], result: STRING, call: (self) => versionOf(self)?.prerelease ?? '' },
  Metadata: { params: [], result: STRING, call: (self) => versionOf(self)?.metadata ?? '' },
  Original: { params: [], result: STRING, call: (self) => versionOf(self)?.original ?? '' },
  String: { params: [], result: STRING, call: textOfVersion },
  Compare: { params: [BARE_POINTER], result: INT, call: (self, args) => BigInt(compare(self, args)) },
  Equal: { params: [BARE_POINTER], result: BOOL, call: (self, args) => compare(self, args) === 0 },
  LessThan: { params: [BARE_POINTER], result: BOOL, call: (self, args) => compare(self, args) < 0 },
  GreaterThan: { params: [BARE_POINTER], result: BOOL, call: (self, args) => compare(self, args) > 0 },
}

const POINTER: GoType = { ...BARE_POINTER, methods: METHODS, text: textOfVersion }

function versionValue(version: Version): GoTyped {
  return new GoTyped(POINTER, new GoStruct(VERSION, new Map(), version))
}

function versionOf(value: GoValue): Version | undefined {
  const target = value instanceof GoTyped ? value.value : value
  return target instanceof GoStruct && target.type === VERSION ? (target.payload as Version) : undefined // versionValue puts it there
}

function textOfVersion(value: GoValue): string {
  const version = versionOf(value)
  return version === undefined ? '<nil>' : versionText(version)
}

function compare(self: GoValue, args: readonly GoValue[]): number {
  const a = versionOf(self)
  const b = versionOf(valueAt(args, 0))
  return a === undefined || b === undefined ? 0 : Math.sign(compareVersions(a, b))
}

function number(value: number | undefined): GoTyped {
  return new GoTyped(UINT64, BigInt(value ?? 0))
}
