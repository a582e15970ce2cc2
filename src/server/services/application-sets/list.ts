// Lists and follows ApplicationSets.
import { CapstanError, messageOf } from '../../../base/errors.ts'
import type { ApplicationSet } from '../../../crds/application-set.ts'
import type { ChangeEvent } from '../../../kube/client/informer.ts'
import { matchesLabels, parseLabelSelector } from '../../../kube/selector.ts'
import { type Call, StreamAnswer } from '../../context.ts'
import { createMailbox } from '../../mailbox.ts'
import { textField, textListField, type RequestFields } from '../fields.ts'
import { isAllowed } from '../permissions.ts'
import { rbacNameOf, setsOf } from './find.ts'

/** A listener that lets so many more changes wait than there were sets at its start is cut off and has to begin anew. */
export const MAX_WAITING_CHANGES = 10_000

/** GET /api/v1/applicationsets: sorted by name, only those the caller may see. */
export async function listSets(request: RequestFields, call: Call): Promise<unknown> {
  const { sets } = setsOf(call)
  const isWanted = filterOf(request, call, 'appsetNamespace')
  const items = [...sets.list()].filter(isWanted).toSorted(byName)
  return { metadata: { resourceVersion: sets.resourceVersion }, items }
}

/** GET /api/v1/stream/applicationsets: with a name what there is first, then every change. */
export async function watchSets(request: RequestFields, call: Call): Promise<StreamAnswer> {
  return new StreamAnswer(changes(request, call))
}

async function* changes(request: RequestFields, call: Call): AsyncGenerator<unknown> {
  const { sets } = setsOf(call)
  const isWanted = filterOf(request, call, 'appSetNamespace')
  const wantsState = textField(request, 'name') !== ''
  const mailbox = createMailbox<ChangeEvent<ApplicationSet>>({
    limit: MAX_WAITING_CHANGES + sets.size,
    signal: call.signal,
    keyOf: ({ object: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`,
    merge: (waiting, newer) =>
      newer.type === 'DELETED' ? newer : { ...newer, type: waiting.type === 'ADDED' ? 'ADDED' : 'MODIFIED' },
  })
  let isReplay = true
  const stop = sets.onChange((event) => {
    if ((!isReplay || wantsState) && isWanted(event.object)) mailbox.put(event)
  })
  isReplay = false
  try {
    for await (const { type, object } of mailbox) yield { type, applicationSet: object }
  } finally {
    stop()
  }
}

function filterOf(request: RequestFields, call: Call, namespaceField: string): (set: ApplicationSet) => boolean {
  const { isNamespaceEnabled } = setsOf(call)
  const [name, namespace] = [textField(request, 'name'), textField(request, namespaceField)]
  const projects = textListField(request, 'projects')
  const selector = selectorOf(textField(request, 'selector'))
  return (set) =>
    (name === '' || set.metadata.name === name) &&
    (namespace === '' || set.metadata.namespace === namespace) &&
    isNamespaceEnabled(set.metadata.namespace ?? '') &&
    (projects.length === 0 || projects.includes(set.spec.template.spec.project)) &&
    matchesLabels(selector, set.metadata.labels) &&
    isAllowed(call, 'applicationsets', 'get', rbacNameOf(set, call.context.namespace))
}

function selectorOf(text: string): ReturnType<typeof parseLabelSelector> {
  try {
    return parseLabelSelector(text)
  } catch (error) {
    throw new CapstanError('bad-input', `error parsing the selector: ${messageOf(error)}`, { cause: error })
  }
}

function byName(a: ApplicationSet, b: ApplicationSet): number {
  const [left = '', right = ''] = [a.metadata.name, b.metadata.name]
  if (left === right) return (a.metadata.namespace ?? '') < (b.metadata.namespace ?? '') ? -1 : 1
  return left < right ? -1 : 1
}
