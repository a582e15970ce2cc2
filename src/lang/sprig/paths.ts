// Paths as Go's path package sees them; the os twins are the same on Linux.
import { STRING } from '../go/values.ts'
import { fixed, textAt } from './define.ts'
import type { FunctionTable } from './define.ts'

const base = fixed([STRING], (args) => baseOf(textAt(args, 0)))
const dir = fixed([STRING], (args) => cleanPath(textAt(args, 0).replace(/[^/]*$/, '')))
const ext = fixed([STRING], (args) => /\.[^./]*$/.exec(textAt(args, 0))?.[0] ?? '')
const clean = fixed([STRING], (args) => cleanPath(textAt(args, 0)))
const isAbs = fixed([STRING], (args) => textAt(args, 0).startsWith('/'))

export const PATH_FUNCTIONS: FunctionTable = {
  base,
  dir,
  ext,
  clean,
  isAbs,
  osBase: base,
  osDir: dir,
  osExt: ext,
  osClean: clean,
  osIsAbs: isAbs,
}

function baseOf(path: string): string {
  if (path === '') return '.'
  const trimmed = path.replace(TRAILING_SLASHES, '')
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

const TRAILING_SLASHES = /(?<!\/)\/+$/

/** path.Clean: without `.`, `..` where it can be resolved, and double slashes. */
function cleanPath(path: string): string {
  const isRooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!isRooted) kept.push('..')
  }
  const joined = kept.join('/')
  return isRooted ? `/${joined}` : joined === '' ? '.' : joined
}
