// Entry of a rendering worker thread: a compile cache, and nothing but what rendering needs.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'

// The launcher's; by itself a thread takes a folder under /tmp that anybody on the machine may have prepared.
enableCompileCache(join(import.meta.dirname, '../../.cache/v8'))
const { serveRenderJobs } = await import('../desired/worker.ts')
if (parentPort !== null) serveRenderJobs(parentPort)
