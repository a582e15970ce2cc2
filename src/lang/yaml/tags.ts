// What an explicit tag makes of a scalar (go-yaml v2.4.3 resolve.go, decode.go).
import { YamlError } from './error.ts'
import type { ScalarNode } from './node.ts'
import type { Scalar } from './resolve.ts'
import { isTimestamp, parseInteger, resolvePlain } from './resolve.ts'

const LONG = 'tag:yaml.org,2002:'

type CoreTag = 'str' | 'bool' | 'int' | 'float' | 'null' | 'timestamp'

const CORE_TAGS: ReadonlySet<string> = new Set<CoreTag>(['str', 'bool', 'int', 'float', 'null', 'timestamp'])

/** The value of a scalar node. Tags of other kinds than YAML's own make it a string. */
export function resolveScalarNode(node: ScalarNode): Scalar {
  const { tag, text } = node
  if (tag === '') return node.style === 'plain' ? resolvePlain(text) : text
  if (tag === `${LONG}binary`) return decodeBinary(node)
  const short = tag.startsWith(LONG) ? tag.slice(LONG.length) : ''
  if (!CORE_TAGS.has(short) || short === 'str') return text
  return resolveAs(node, short as CoreTag) // is one, see the line above
}

function resolveAs(node: ScalarNode, wanted: CoreTag): Scalar {
  const { text } = node
  // A plain date is a timestamp only where nothing else is asked for.
  if (wanted === 'timestamp' && isTimestamp(text)) return text
  const value = resolvePlain(text)
  const found = tagOf(text, value)
  if (found === wanted) return value
  if (wanted === 'float' && found === 'int' && !isUnsigned(value)) return Number(value)
  const message = `yaml: cannot decode !!${found} \`${text}\` as a !!${wanted}`
  throw new YamlError(message, node.line + 1, node.column + 1)
}

function isUnsigned(value: Scalar): boolean {
  return typeof value === 'bigint' && value > 2n ** 63n - 1n
}

function tagOf(text: string, value: Scalar): CoreTag {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'string') return 'str'
  return parseInteger(text.replaceAll('_', '')) === undefined ? 'float' : 'int'
}

function decodeBinary(node: ScalarNode): string {
  const compact = node.text.replace(/[\r\n]/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new YamlError('yaml: !!binary value contains invalid base64 data', node.line + 1, node.column + 1)
  }
  return Buffer.from(compact, 'base64').toString('utf8')
}
