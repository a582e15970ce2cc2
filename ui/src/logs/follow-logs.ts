// Reads the logs of pods from the server, line by line, until it is told to stop.
import { ApiError } from '../api/request.ts'
import { apiPath, withQuery } from '../api/request.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { splitJsonLines, type LogEntry } from './log-lines.ts'

export interface LogQuery {
  readonly application: ApplicationId
  readonly namespace: string
  /** One pod, or the owner whose pods are meant. */
  readonly pod?: string
  readonly owner?: { readonly group: string; readonly kind: string; readonly name: string }
  readonly container: string
  readonly tailLines: number
  readonly sinceSeconds: number
  readonly isFollowing: boolean
  readonly isPrevious: boolean
}

/** Where the logs are; with `download` as a file. */
export function logsUrl(query: LogQuery, isDownload = false): string {
  const { application, namespace, pod, owner, container, tailLines, sinceSeconds, isFollowing, isPrevious } = query
  return withQuery(apiPath`/applications/${application.name}/logs`, {
    appNamespace: application.namespace,
    namespace,
    podName: pod,
    ...(owner === undefined ? {} : { group: owner.group, kind: owner.kind, resourceName: owner.name }),
    container,
    tailLines: tailLines > 0 && !isDownload ? String(tailLines) : undefined,
    sinceSeconds: sinceSeconds > 0 ? String(sinceSeconds) : undefined,
    follow: isFollowing && !isDownload ? true : undefined,
    previous: isPrevious ? true : undefined,
    download: isDownload ? true : undefined,
  })
}

/** Calls back with what has come, in bundles. Ends with the logs; throws `ApiError`, and whatever the server says in between. */
export async function followLogs(
  query: LogQuery,
  onEntries: (entries: readonly LogEntry[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(logsUrl(query), { signal })
  if (!response.ok || response.body === null) throw new ApiError(response.status, await failureOf(response))
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const split = splitJsonLines(rest + part.value)
    rest = split.rest
    onEntries(split.whole.map(readEntry).filter(({ last }) => last !== true))
  }
}

async function failureOf(response: Response): Promise<string> {
  const text = await response.text()
  try {
    return (JSON.parse(text) as { readonly message?: string }).message ?? text
  } catch {
    // A proxy's page: its status says more than its markup.
    return `${response.status} ${response.statusText}`
  }
}

function readEntry(line: string): LogEntry {
  const { result, error } = JSON.parse(line) as {
    readonly result?: LogEntry
    readonly error?: { readonly message?: string; readonly http_code?: number }
  }
  if (error !== undefined) throw new ApiError(error.http_code ?? 500, error.message ?? 'the logs ended with an error')
  return result ?? {}
}
