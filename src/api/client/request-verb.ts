// How a call is made over HTTP, for those that must know whether it changes anything.
import { routes } from '../routes.ts'

/** GET, POST, PUT, PATCH or DELETE; undefined for a name that is no call. */
export function requestVerb(name: string): string | undefined {
  return routes.find(({ service, method }) => `${service}/${method}` === name)?.verb
}
