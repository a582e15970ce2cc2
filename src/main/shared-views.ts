// What controllers elsewhere know of an application, for the API server of this process.
import { CapstanError } from '../base/errors.ts'
import type { Clock } from '../base/clock.ts'
import { markedName } from '../controllers/applications/application-name.ts'
import { keyOf, keyText, type KubeObject } from '../kube/object.ts'
import type { ApplicationViews } from '../server/context.ts'
import type { AppState, SharedResource } from '../shared-cache/app-state.ts'

/** How long a view waits for the first news of an application. */
const FIRST_NEWS_MS = 10_000

export function sharedViews(state: AppState, namespace: string, clock: Clock): ApplicationViews {
  return {
    async resourceTree(application) {
      const name = markedName(application, namespace)
      return (await untilThere({ state, clock, name }, () => state.tree(name))) ?? { nodes: [] }
    },
    async managedResources(application) {
      const name = markedName(application, namespace)
      const resources = await untilThere({ state, clock, name }, () => state.managedResources(name))
      return (resources ?? []).map(({ filled: _filled, ...resource }) => resource)
    },
    async hideSecrets(application, object) {
      const resources = await state.managedResources(markedName(application, namespace))
      return masked(object, resources)
    },
    onTreeChange: (application, listener) => state.onChange(markedName(application, namespace), listener),
  }
}

/** Only the controller knows what was filled in: of such an object its masked text is shown, and none where that is unknown. */
function masked(object: KubeObject, resources: readonly SharedResource[] | undefined): KubeObject {
  if (resources === undefined) {
    throw new CapstanError(
      'unavailable',
      'no controller has told of this application yet: what must be hidden is unknown',
    )
  }
  const id = keyText(keyOf(object))
  const found = resources.find(
    ({ group = '', kind = '', namespace: place = '', name = '' }) =>
      keyText({ group, kind, namespace: place, name }) === id,
  )
  if (found === undefined && resources.some(({ filled }) => filled === true)) {
    const why =
      'secrets were filled into the manifests of this application, and where they stand in this object is unknown here'
    throw new CapstanError('precondition', `${why}: look at it with kubectl, or at the manifest it was made of`)
  }
  if (found?.filled !== true) return object
  const shown: unknown = JSON.parse(found.liveState ?? 'null')
  if (shown === null) throw new CapstanError('unavailable', 'the object was just made: what must be hidden is unknown')
  return shown as KubeObject // the controller wrote an object
}

async function untilThere<T>(
  { state, clock, name }: { readonly state: AppState; readonly clock: Clock; readonly name: string },
  read: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const news = Promise.withResolvers<void>()
  const stop = state.onChange(name, news.resolve)
  const cancel = clock.schedule(FIRST_NEWS_MS, news.resolve)
  try {
    const known = await read()
    if (known !== undefined) return known
    await news.promise
  } finally {
    stop()
    cancel()
  }
  return read()
}
