// A document in clear as text of its file's format, for the renderers to read.
import { textOfBytes } from '../../../lang/go/text.ts'
import type { Branch, Format, Leaf, Node } from './document.ts'
import { SopsError } from './fault.ts'
import { writeDotenv, writeIni } from './read-flat.ts'

/** YAML and JSON are written as JSON, which both readers take; a binary file is what its `data` holds. */
export function writeTree(branches: readonly Branch[], format: Format): Buffer {
  const [first = { kind: 'map', entries: [] } as const] = branches
  switch (format) {
    case 'yaml':
      return Buffer.from(branches.map((branch) => `${flow(branch, true)}\n`).join('---\n'), 'utf8')
    case 'json':
      return Buffer.from(`${flow(first, false)}\n`, 'utf8')
    case 'dotenv':
      return Buffer.from(writeDotenv(first, plainText), 'utf8')
    case 'ini':
      return Buffer.from(writeIni(first, plainText), 'utf8')
    case 'binary':
      return dataOf(first)
  }
}

function dataOf(branch: Branch): Buffer {
  const data = branch.entries.find(({ key }) => key === 'data')?.value
  if (data?.kind !== 'leaf') throw new SopsError('no binary data found in tree')
  return data.bytes
}

function plainText({ type, bytes }: Leaf): string {
  const text = bytes.toString('utf8')
  return type === 'bool' ? text.toLowerCase() : text
}

function flow(node: Node, isYaml: boolean): string {
  if (node.kind === 'list') return `[${node.items.map((item) => flow(item, isYaml)).join(',')}]`
  if (node.kind === 'leaf') return scalar(node)
  const entries = node.entries.map(({ key, value }) => {
    // Quoted, a merge key would be an ordinary one.
    const name = isYaml && key === '<<' ? '<<' : quoted(key)
    return `${name}: ${flow(value, isYaml)}`
  })
  return `{${entries.join(',')}}`
}

function scalar({ type, bytes }: Leaf): string {
  switch (type) {
    case 'null':
      return 'null'
    case 'int':
    case 'float':
      return bytes.toString('utf8').replace(/^\+?(?<inf>-?)Inf$/, '$<inf>.inf')
    case 'bool':
      return bytes.toString('utf8').toLowerCase()
    default:
      return quoted(textOfBytes(bytes))
  }
}

/** Characters that YAML takes for line breaks or does not allow raw; JSON does. */
const ESCAPED_IN_YAML = /[\u007f-\u009f\u2028\u2029\ufeff]/g

/** JSON's form, with escapes for what YAML reads otherwise. Bytes that are no text become U+FFFD. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll(
    ESCAPED_IN_YAML,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
