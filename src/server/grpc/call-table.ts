// Every call by its gRPC path, with what reading its request and writing its answer needs.
import { routes, type Route } from '../../api/routes.ts'
import { planOf, type MessagePlan } from '../../api/wire/plan.ts'

export interface GrpcCall {
  readonly service: string
  readonly method: string
  readonly stream: Route['stream']
  readonly input: MessagePlan
  readonly output: MessagePlan
}

/** Routes by path; a call with two REST routes is one here. Its messages are looked up when it is first called. */
export function createCallTable(): (path: string) => GrpcCall | undefined {
  const byPath = new Map<string, Route>(routes.map((route) => [`/${route.service}/${route.method}`, route]))
  const known = new Map<string, GrpcCall>()
  return (path) => {
    const made = known.get(path)
    const route = byPath.get(path)
    if (made !== undefined || route === undefined) return made
    const { service, method, stream, input, output } = route
    const [packageName = ''] = service.split('.')
    const call = { service, method, stream, input: planOf(packageName, input), output: planOf(packageName, output) }
    known.set(path, call)
    return call
  }
}
