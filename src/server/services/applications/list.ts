// Lists and follows applications: filters, and the stream of changes that command line and page live on.
import { CapstanError } from '../../../base/errors.ts'
import type { Application } from '../../../crds/application.ts'
import type { ChangeEvent } from '../../../kube/client/informer.ts'
import { matchesLabels, parseLabelSelector, type LabelSelector } from '../../../kube/selector.ts'
import { StreamAnswer, type Call } from '../../context.ts'
import { createMailbox } from '../../mailbox.ts'
import { textField, textListField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'
import { goneApplications } from './deleted.ts'
import { projectOf, rbacName } from './find.ts'
import { withResourceHealth } from './resource-health.ts'

/** A listener that lets changes of so many more applications wait than there were at its start is cut off and has to begin anew. */
export const MAX_WAITING_CHANGES = 10_000

/** GET /api/v1/applications: sorted by name, only those the caller may see. */
export async function listApplications(request: RequestFields, call: Call): Promise<unknown> {
  const isWanted = filterOf(request, call)
  const items = [...call.context.applications.list()].filter(isWanted).toSorted(byName)
  return { metadata: { resourceVersion: call.context.applications.resourceVersion }, items }
}

/** GET /api/v1/stream/applications: all permitted ones as ADDED, then every change; equal states in a row are told once. */
export async function watchApplications(request: RequestFields, call: Call): Promise<StreamAnswer> {
  return new StreamAnswer(changes(request, call))
}

async function* changes(request: RequestFields, call: Call): AsyncGenerator<unknown> {
  const { applications } = call.context
  const isPermitted = filterOf(request, call)
  const oldest = Number(textField(request, 'resourceVersion')) || 0
  // What is older than the state that the client knows would mislead it.
  const isWanted = (application: Application): boolean =>
    !(Number(application.metadata.resourceVersion) < oldest) && isPermitted(application)
  const wantsState = textField(request, 'resourceVersion') === '' || textField(request, 'name') !== ''
  const mailbox = createMailbox<ChangeEvent<Application>>({
    limit: MAX_WAITING_CHANGES + applications.size,
    signal: call.signal,
    keyOf: ({ object: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
    merge: mergeChanges,
  })
  let isReplay = true
  const stop = applications.onChange((event) => {
    if ((!isReplay || wantsState) && isWanted(event.object)) mailbox.put(event)
  })
  isReplay = false
  if (wantsState) {
    // Who looks for one that has just gone would wait for ever.
    const gone = goneApplications(call.context, textField(request, 'name')).filter(isWanted)
    for (const object of gone) mailbox.put({ type: 'DELETED', object, old: object })
  }
  try {
    for await (const { type, object } of mailbox) {
      // Who follows one application wants all of it; who follows thousands gets health where the tree is asked for.
      const isFull = textField(request, 'name') !== '' && type !== 'DELETED'
      yield { type, application: isFull ? await withResourceHealth(object, call) : object }
    }
  } finally {
    stop()
  }
}

/** Two changes of one application that a slow reader gets as one: what it has not seen was added or is gone, anything else modified. */
export function mergeChanges(
  waiting: ChangeEvent<Application>,
  newer: ChangeEvent<Application>,
): ChangeEvent<Application> {
  if (newer.type === 'DELETED') return newer
  return { ...newer, type: waiting.type === 'ADDED' ? 'ADDED' : 'MODIFIED' }
}

function filterOf(request: RequestFields, call: Call): (application: Application) => boolean {
  const projects = [...textListField(request, 'projects'), ...textListField(request, 'project')]
  const selector = selectorOf(textField(request, 'selector'))
  const isNamed = namedAs(request)
  return (application) =>
    isNamed(application) &&
    (projects.length === 0 || projects.includes(projectOf(application))) &&
    (selector === undefined || matchesLabels(selector, application.metadata.labels ?? {})) &&
    isAllowed(call, 'applications', 'get', rbacName(application, call.context.namespace))
}

/** The filters that compare one text each; an empty one lets everything through. */
function namedAs(request: RequestFields): (application: Application) => boolean {
  const [name, namespace, repo] = [
    textField(request, 'name'),
    textField(request, 'appNamespace'),
    textField(request, 'repo'),
  ]
  return ({ metadata, spec }) =>
    (name === '' || metadata.name === name) &&
    (namespace === '' || metadata.namespace === namespace) &&
    (repo === '' || [spec.source, ...(spec.sources ?? [])].some((source) => source?.repoURL === repo))
}

function selectorOf(text: string): LabelSelector | undefined {
  if (text === '') return undefined
  try {
    return parseLabelSelector(text)
  } catch (error) {
    throw new CapstanError('bad-input', `error parsing the selector: ${error instanceof Error ? error.message : ''}`, {
      cause: error,
    })
  }
}

function byName(a: Application, b: Application): number {
  const [left = '', right = ''] = [a.metadata.name, b.metadata.name]
  if (left === right) return (a.metadata.namespace ?? '') < (b.metadata.namespace ?? '') ? -1 : 1
  return left < right ? -1 : 1
}
