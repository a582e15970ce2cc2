// Short forms of revisions, sources and times.
import type { Application } from '../../../src/crds/application.ts'

/** Commit ids as seven digits, everything else whole. */
export function shortRevision(revision: string): string {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision) ? revision.slice(0, 7) : revision
}

/** `owner/name` of a repository address. */
export function repositoryLabel(url: string): string {
  const parts = url
    .replace(/\.git\/?$/, '')
    .replace(/^[\w-]+@[^:]+:/, '')
    .replace(/^\w+:\/\/[^/]*\/?/, '')
    .split('/')
    .filter(Boolean)
  return parts.slice(-2).join('/') || url
}

export interface SourceWords {
  readonly repository: string
  readonly place: string
  readonly revision: string
}

/** The first source in words; its number where there are several. */
export function sourceWords({ spec }: Application): SourceWords {
  const { source, sources = [] } = spec
  const { repoURL, chart, path = '', targetRevision = '' } = sources[0] ?? source ?? { repoURL: '' }
  const more = sources.length > 1 ? ` +${sources.length - 1}` : ''
  return {
    repository: repositoryLabel(repoURL) + more,
    place: chart ?? path,
    revision: shortRevision(targetRevision) || 'HEAD',
  }
}

const STEPS = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** `3 minutes ago` in the reader's language; a clock that runs behind never says that something will happen. */
export function timeAgo(time: string, nowMs: number, language: string): string {
  const seconds = Math.max(Math.round((nowMs - Date.parse(time)) / 1000), 0)
  if (Number.isNaN(seconds)) return ''
  const [unit, length] = STEPS.find(([, stepLength]) => seconds >= stepLength) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-Math.floor(seconds / length), unit)
}
