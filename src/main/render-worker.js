// Entry of a rendering worker thread: a compile cache, and nothing but what rendering needs.
import { enableCompileCache } from 'node:module'
import { parentPort } from 'node:worker_threads'

enableCompileCache()
const { serveRenderJobs } = await import('../desired/worker.ts')
if (parentPort !== null) serveRenderJobs(parentPort)
