// Trailers of a dry commit that name the code change behind it (argo-cd v3.5.1 util/git `GetReferences`).

export interface CommitReference {
  readonly commit: {
    readonly author?: string
    readonly date?: string
    readonly subject?: string
    readonly body?: string
    readonly sha?: string
    readonly repoUrl?: string
  }
}

interface Trailers {
  /** One reference, or none. */
  readonly references: readonly CommitReference[]
  /** The text without the trailers that were understood. */
  readonly rest: string
}

const PREFIX = 'Argocd-reference-commit-'
const ADDRESS = /^(?:(?<name>"[^"]*"|[^<>@"]*?)\s*<(?<inner>[^<>\s@]+@[^<>\s@]+)>|(?<plain>[^<>\s@]+@[^<>\s@]+))$/

/** A trailer that is malformed stays in the text. */
export function readReferences(text: string): Trailers {
  let commit: CommitReference['commit'] = {}
  const rest: string[] = []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const line of lines) {
    const read = readTrailer(line)
    if (read === undefined) rest.push(`${line}\n`)
    else commit = { ...commit, ...read }
  }
  return { references: Object.keys(commit).length === 0 ? [] : [{ commit }], rest: rest.join('') }
}

function readTrailer(line: string): CommitReference['commit'] | undefined {
  const colon = line.indexOf(': ')
  if (!line.startsWith(PREFIX) || colon < 0) return undefined
  const value = line.slice(colon + 2)
  switch (line.slice(PREFIX.length, colon)) {
    case 'repourl':
      return { repoUrl: value }
    case 'author': {
      const author = readAddress(value)
      return author === undefined ? undefined : { author }
    }
    case 'date':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(value) ? { date: value } : undefined
    case 'subject':
      return { subject: value }
    case 'body': {
      const body = readJsonText(value)
      return body === undefined ? undefined : { body }
    }
    case 'sha':
      return /^[0-9a-f]{5,40}$/.test(value) ? { sha: value } : undefined
    default:
      return undefined
  }
}

/** As Go's mail.Address prints it. */
function readAddress(text: string): string | undefined {
  const found = ADDRESS.exec(text.trim())?.groups
  if (found === undefined) return undefined
  const name = (found['name'] ?? '').replace(/^"|"$/g, '')
  return `${name === '' ? '' : `"${name}" `}<${found['inner'] ?? found['plain'] ?? ''}>`
}

function readJsonText(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined // not JSON: the trailer stays as it is
  }
}
