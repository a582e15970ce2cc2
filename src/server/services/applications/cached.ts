// Waits until this server's own cache knows what has just been written.
import type { KubeObject } from '../../../kube/object.ts'
import type { Call } from '../../context.ts'

/** Upstream waits as long, then answers all the same (`waitSync` in server/application/application.go, v3.5.1). */
const MAX_WAIT_MS = 2000

/** Gives the object back once requests that follow see it, or after two seconds. */
export async function untilCached<T extends KubeObject>(call: Call, written: T): Promise<T> {
  const { applications, clock } = call.context
  const { namespace, name = '', resourceVersion } = written.metadata
  const isCached = (): boolean =>
    Number(applications.get(namespace, name)?.metadata.resourceVersion) >= Number(resourceVersion)
  if (isCached()) return written
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = applications.onChange(() => {
    if (isCached()) resolve()
  })
  const cancel = clock.schedule(MAX_WAIT_MS, resolve)
  call.signal.addEventListener('abort', () => resolve(), { once: true })
  try {
    await promise
  } finally {
    stop()
    cancel()
  }
  return written
}
