// Keeps one event stream open while the page is seen: closed in a hidden tab, opened anew after a failure.

/** What is needed of an EventSource. */
export interface EventStream {
  onopen: ((this: never, event: never) => unknown) | null
  onmessage: ((this: never, event: never) => unknown) | null
  onerror: ((this: never, event: never) => unknown) | null
  /** 2 once it has given up. */
  readonly readyState: number
  close(): void
}

/** The tab: whether it is seen, and when that changes. Gives the function that ends the listening. */
export interface Visibility {
  isVisible(): boolean
  onChange(listener: () => void): () => void
}

/** `live` while events come; `lost` while there is no connection, though the page is seen. */
export type StreamState = 'live' | 'lost'

export interface StreamOptions<T> {
  readonly url: string
  readonly open: (url: string) => EventStream
  readonly visibility: Visibility
  /** Calls back after a time; gives the function that cancels it. */
  readonly later: (callback: () => void, delayMs: number) => () => void
  readonly onResult: (result: T) => void
  /** Called at each opening: what happened meanwhile has to be read. */
  readonly onOpen: () => void
  readonly onState: (state: StreamState) => void
}

/** The first retry after a refused connection; doubled up to `MAX_RETRY_MS`. EventSource itself retries broken ones. */
export const FIRST_RETRY_MS = 1000
export const MAX_RETRY_MS = 30_000
const CLOSED = 2

/** Starts; the returned function ends it for good. */
export function keepStream<T>(options: StreamOptions<T>): () => void {
  const { visibility, later, onState } = options
  let stream: EventStream | undefined
  let cancelRetry: () => void = () => {}
  let retryMs = FIRST_RETRY_MS

  function close(): void {
    cancelRetry()
    stream?.close()
    stream = undefined
  }

  function open(): void {
    const opened = options.open(options.url)
    stream = opened
    opened.onopen = () => {
      retryMs = FIRST_RETRY_MS
      onState('live')
      options.onOpen()
    }
    opened.onmessage = ({ data }: { readonly data: string }) => {
      const message = JSON.parse(data) as { readonly result?: T }
      if (message.result !== undefined) options.onResult(message.result)
    }
    opened.onerror = () => {
      onState('lost')
      if (opened.readyState !== CLOSED) return
      cancelRetry = later(open, retryMs)
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
    }
  }

  function follow(): void {
    close()
    if (visibility.isVisible()) open()
  }

  const stopListening = visibility.onChange(follow)
  follow()
  return () => {
    stopListening()
    close()
  }
}
