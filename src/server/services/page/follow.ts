// The one stream of a page: the list, one application, its tree, whatever of them the page shows.
import type { FollowedEvent } from '../../../api/found-applications.ts'
import { StreamAnswer, type Call } from '../../context.ts'
import { createMailbox, type Mailbox } from '../../mailbox.ts'
import { findApplication, rbacName } from '../applications/find.ts'
import { watchApplications } from '../applications/list.ts'
import { watchResourceTree } from '../applications/resources.ts'
import { flagField, textField, type RequestFields } from '../fields.ts'
import { callerOf, isAllowed } from '../permissions.ts'

/** The list is said to have changed no more often than this, however much changes. */
export const LIST_GAP_MS = 500

/** GET /api/v1/stream/capstan: what is asked for, as it is now and after every change. */
export async function follow(request: RequestFields, call: Call): Promise<StreamAnswer> {
  callerOf(call)
  const sources: AsyncIterable<unknown>[] = []
  if (textField(request, 'name') !== '') {
    sources.push((await watchApplications(request, call)).messages)
    if (flagField(request, 'tree') === true && isThere(request, call)) sources.push(await treeOf(request, call))
  }
  return new StreamAnswer(merged(sources, flagField(request, 'list') === true, call))
}

/** Of an application that is gone there is no tree; that it is gone is told all the same. */
function isThere(request: RequestFields, { context }: Call): boolean {
  const namespace = textField(request, 'appNamespace')
  return (
    context.applications.get(namespace === '' ? context.namespace : namespace, textField(request, 'name')) !== undefined
  )
}

async function treeOf(request: RequestFields, call: Call): Promise<AsyncIterable<unknown>> {
  const { metadata } = findApplication(call, request, 'get')
  const asked = { applicationName: metadata.name, appNamespace: metadata.namespace }
  const { messages } = await watchResourceTree(asked, call)
  return trees(messages, () => isThere(request, call))
}

async function* trees(messages: AsyncIterable<unknown>, isWanted: () => boolean): AsyncGenerator<unknown> {
  try {
    for await (const tree of messages) yield { tree }
  } catch (error) {
    // It went while its tree was read: the other source tells so.
    if (isWanted()) throw error
  }
}

async function* merged(
  sources: readonly AsyncIterable<unknown>[],
  wantsList: boolean,
  call: Call,
): AsyncGenerator<unknown> {
  const stop = new AbortController()
  const signal = AbortSignal.any([call.signal, stop.signal])
  const failures: unknown[] = []
  // Of each sort only the newest waits for a slow reader: it holds everything.
  const mailbox = createMailbox<FollowedEvent | 'failed'>({ limit: 4, signal, keyOf: sortOf })
  const stopList = wantsList ? tellList(mailbox, call) : (): void => {}
  for (const source of sources) {
    void pump(source, mailbox, signal).catch((error: unknown) => {
      failures.push(error)
      mailbox.put('failed')
    })
  }
  try {
    for await (const event of mailbox) {
      if (event === 'failed') throw failures[0]
      yield event
    }
  } finally {
    stopList()
    stop.abort()
  }
}

function sortOf(event: FollowedEvent | 'failed'): string {
  if (event === 'failed') return event
  if (event.list === true) return 'list'
  return event.tree === undefined ? 'application' : 'tree'
}

async function pump(
  source: AsyncIterable<unknown>,
  mailbox: Mailbox<FollowedEvent | 'failed'>,
  signal: AbortSignal,
): Promise<void> {
  for await (const event of source) {
    if (signal.aborted) return
    // The sources are those that `follow` has put together.
    mailbox.put(event as FollowedEvent)
  }
}

/** Tells at once, then no more often than every `LIST_GAP_MS`. */
function tellList(mailbox: Mailbox<FollowedEvent | 'failed'>, call: Call): () => void {
  const { applications, clock, namespace } = call.context
  let cancel: (() => void) | undefined
  let isChanged = false
  let isReplay = true
  const pause = (): void => {
    cancel = undefined
    if (isChanged) tell()
  }
  const tell = (): void => {
    isChanged = false
    mailbox.put({ list: true })
    cancel = clock.schedule(LIST_GAP_MS, pause)
  }
  const stop = applications.onChange(({ object }) => {
    if (isReplay || !isAllowed(call, 'applications', 'get', rbacName(object, namespace))) return
    isChanged = true
    if (cancel === undefined) tell()
  })
  isReplay = false
  return () => {
    stop()
    cancel?.()
  }
}
