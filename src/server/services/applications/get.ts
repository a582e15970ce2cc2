// Gives one application, after a refresh where that is asked for.
import { CapstanError } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import type { Call } from '../../context.ts'
import { textField, textListField, type RequestFields } from '../fields.ts'
import { withResourceHealth } from './resource-health.ts'
import { findApplication, refOf } from './find.ts'

const REFRESH = 'argocd.argoproj.io/refresh'
const HYDRATE = 'argocd.argoproj.io/hydrate'

/** GET /api/v1/applications/{name}: with `refresh=normal|hard` it answers when the controller has taken the annotation away. */
export async function getApplication(request: RequestFields, call: Call): Promise<unknown> {
  const projects = [...textListField(request, 'projects'), ...textListField(request, 'project')]
  if (projects.length > 1)
    throw new CapstanError('bad-input', 'multiple projects specified - please specify either a single project or none')
  const application = findApplication(call, { ...request, project: projects[0] ?? '' }, 'get')
  const refresh = textField(request, 'refresh')
  const current =
    refresh === '' ? application : await refreshApplication(call, application, refresh === 'hard' ? 'hard' : 'normal')
  return withResourceHealth(current, call)
}

/** Asks the controller for a refresh and waits for it. */
export async function refreshApplication(
  call: Call,
  application: Application,
  kind: 'normal' | 'hard',
): Promise<Application> {
  const { applications, client } = call.context
  const { name = '', namespace = '' } = application.metadata
  // A hydrator is asked along with it: what it writes is what is compared.
  const hydrate = application.spec.sourceHydrator === undefined ? {} : { [HYDRATE]: kind }
  const patch = { metadata: { annotations: { [REFRESH]: kind, ...hydrate } } }
  const asked = await client.patch(refOf(call, application), 'merge', patch, { signal: call.signal })
  const askedVersion = Number(asked.metadata.resourceVersion)
  const { promise, resolve, reject } = Promise.withResolvers<Application>()
  const stop = applications.onChange(({ type, object }) => {
    if (object.metadata.name !== name || object.metadata.namespace !== namespace) return
    if (type === 'DELETED') reject(new CapstanError('not-found', `applications.argoproj.io "${name}" not found`))
    const isNewer = Number(object.metadata.resourceVersion) > askedVersion
    if (isNewer && object.metadata.annotations?.[REFRESH] === undefined) resolve(object)
  })
  const onAbort = (): void => reject(new CapstanError('timeout', `refresh of application ${name} did not end in time`))
  call.signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await promise
  } finally {
    stop()
    call.signal.removeEventListener('abort', onAbort)
  }
}
