// Ends HTTP/2 streams that nobody holds: what remains of a request given up as soon as it was made.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { setImmediate } from 'node:timers'
import type { Http2Stream } from 'node:http2'

/** Every stream of a client in this process, as it is made (Node's own channel). */
const STREAM_MADE = 'http2.client.stream.created'

/**
 * Watches for orphans until the result is called.
 *
 * undici destroys the stream of a request that is given up. In the tick that made the stream its cancellation is lost, and
 * when the answer comes Node makes a second stream object for it (`onSessionHeaders`, Node 26 lib/internal/http2/core.js)
 * that undici never learns of. It has no listener, so the error with which its session ends later, by a close or by a
 * network that fails, would end the process; and the server would go on answering it. It is told apart by having sent no
 * headers: API servers push nothing.
 */
export function endOrphanStreams(): () => void {
  const onStream = (message: unknown): void => {
    // Documented shape of this channel's messages.
    const { stream } = message as { readonly stream: Http2Stream }
    if (stream.sentHeaders !== undefined || stream.listenerCount('error') > 0) return
    stream.on('error', () => undefined)
    setImmediate(() => stream.destroy())
  }
  subscribe(STREAM_MADE, onStream)
  return () => unsubscribe(STREAM_MADE, onStream)
}
