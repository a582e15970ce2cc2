// What this process tells of itself on the page of its status.
import type { ServerContext } from '../server/context.ts'
import type { PathAnswerer } from '../server/front.ts'

/** Answers GET /api/capstan/status; loaded when somebody asks. */
export function statusAnswerer(context: ServerContext): PathAnswerer {
  let made: Promise<PathAnswerer> | undefined
  const load = async (): Promise<PathAnswerer> => {
    const { createStatusAnswerer } = await import('../server/status/answer-status.ts')
    return createStatusAnswerer(context, () => {
      const { user, system } = process.cpuUsage()
      const { rss, heapUsed } = process.memoryUsage()
      return {
        runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
        startedAtMs: performance.timeOrigin,
        cpuSeconds: (user + system) / 1_000_000,
        residentBytes: rss,
        heapBytes: heapUsed,
      }
    })
  }
  return async (request, response) => (await (made ??= load()))(request, response)
}
