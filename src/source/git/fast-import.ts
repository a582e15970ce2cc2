// One commit as `git fast-import` reads it: files over those of its parent, without a work tree.
import { CapstanError } from '../../base/errors.ts'

/** Where the commit is left. */
export const WORK_REF = 'refs/capstan/work'

export interface Person {
  readonly name: string
  readonly email: string
}

export interface NewCommit {
  readonly author: Person
  readonly message: string
  readonly atMs: number
  /** Absent: a commit without a past. */
  readonly parent?: string
  /** Texts by path. */
  readonly files?: ReadonlyMap<string, string>
}

/** The commit is left at `WORK_REF`. Throws `bad-input` for a path that leads out of the tree or into Git's own files. */
export function commitStream({ author, message, atMs, parent, files = new Map() }: NewCommit): Buffer {
  const chunks: (string | Buffer)[] = [
    `commit ${WORK_REF}\n`,
    `committer ${nameOf(author)} <${plainWord(author.email)}> ${Math.floor(atMs / 1000)} +0000\n`,
    ...dataOf(plainMessage(message)),
    ...(parent === undefined ? [] : [`from ${parent}\n`]),
  ]
  for (const [path, text] of files) chunks.push(`M 100644 inline ${quotedPath(path)}\n`, ...dataOf(text))
  chunks.push('done\n')
  return Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
}

function dataOf(text: string): (string | Buffer)[] {
  const bytes = Buffer.from(text, 'utf8')
  return [`data ${bytes.length}\n`, bytes, '\n']
}

/** What ends a header is not part of a name. */
function nameOf({ name }: Person): string {
  return plainWord(name).trim() || 'unknown'
}

function plainWord(text: string): string {
  return text.replaceAll(/[<>\n\r\0]/g, '')
}

function quotedPath(path: string): string {
  const steps = path.split('/')
  const isOutside = steps.some((step) => step === '' || step === '.' || step === '..' || /^\.git$/i.test(step))
  if (isOutside || path.includes('\0')) {
    throw new CapstanError('bad-input', `${JSON.stringify(path)}: files are not written there`)
  }
  return `"${path
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)}"`
}

/** As `git commit -m` cleans a message: no blanks at line ends, no blank lines around, one in a row between. */
export function plainMessage(text: string): string {
  const lines = text.split('\n').map((line) => line.trimEnd())
  const kept = lines.filter((line, index) => line !== '' || (lines[index - 1] ?? '') !== '')
  while (kept[0] === '') kept.shift()
  while (kept.at(-1) === '') kept.pop()
  return kept.length === 0 ? '' : `${kept.join('\n')}\n`
}
