// What `.Files` offers a chart: its other files by name, by pattern, as config map and secret data.
import { CapstanError } from '../../base/errors.ts'
import { compileGlob } from '../../base/glob.ts'
import { GoError } from '../../lang/go/error.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import { BYTES, GoTyped, mapOf, mapOfValue, bytesOf, STRING, stringOf, strings } from '../../lang/go/values.ts'
import type { GoMap, GoType, GoValue } from '../../lang/go/values.ts'
import { stringifyYaml } from '../../lang/yaml/write.ts'
import { sortedKeys } from '../../lang/go/order.ts'
import type { ChartFile } from './chart.ts'

const FILES: GoType = {
  ...mapOf(STRING, BYTES),
  name: 'engine.files',
  isNamed: true,
  methods: {
    Get: { params: [STRING], result: STRING, call: (self, args) => textOfBytes(contentOf(self, args)) },
    GetBytes: { params: [STRING], result: BYTES, call: (self, args) => new GoTyped(BYTES, contentOf(self, args)) },
    Glob: { params: [STRING], call: (self, args) => glob(self, stringOf(args[0] ?? null) ?? '') },
    Lines: { params: [STRING], call: (self, args) => linesOf(self, args) },
    AsConfig: { params: [], result: STRING, call: (self) => asYaml(self, textOfBytes) },
    AsSecrets: {
      params: [],
      result: STRING,
      call: (self) => asYaml(self, (bytes) => Buffer.from(bytes).toString('base64')),
    },
  },
}

/** The value of `.Files` (helm v4.2.1 pkg/engine/files.go). */
export function filesValue(files: readonly ChartFile[]): GoValue {
  return new GoTyped(FILES, new Map(files.map(({ name, bytes }) => [name, new GoTyped(BYTES, bytes)])))
}

function filesOf(self: GoValue): GoMap {
  return mapOfValue(self) ?? new Map<GoValue, GoValue>()
}

function contentOf(self: GoValue, args: readonly GoValue[]): Uint8Array {
  return bytesOf(filesOf(self).get(args[0] ?? '') ?? null) ?? new Uint8Array()
}

/** A pattern that cannot be read stands for all files, as upstream has it. */
function glob(self: GoValue, pattern: string): GoValue {
  const matches = matcherOf(pattern)
  const found = [...filesOf(self)].filter(([name]) => matches(stringOf(name) ?? ''))
  return new GoTyped(FILES, new Map(found))
}

function matcherOf(pattern: string): (name: string) => boolean {
  try {
    return compileGlob(pattern, '/')
  } catch (error) {
    if (error instanceof CapstanError && error.code === 'bad-input') return () => true
    throw error
  }
}

function linesOf(self: GoValue, args: readonly GoValue[]): GoValue {
  if (!filesOf(self).has(args[0] ?? '')) return strings([])
  const text = textOfBytes(contentOf(self, args))
  if (text === '') throw new GoError('runtime error: index out of range [-1]')
  return strings((text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'))
}

/** A YAML map from base names to contents, without the final newline; of two files of one name the later stays. */
function asYaml(self: GoValue, show: (bytes: Uint8Array) => string): GoValue {
  const files = filesOf(self)
  if (files.size === 0) return ''
  const data = Object.create(null) as Record<string, string> // a file may be called __proto__
  for (const name of sortedKeys(files)) {
    const path = stringOf(name) ?? ''
    data[path.slice(path.lastIndexOf('/') + 1)] = show(contentOf(self, [name]))
  }
  return stringifyYaml(data).replace(/\n$/, '')
}
