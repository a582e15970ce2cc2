// GET of one object.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { Call } from '../call.ts'
import { textInVersion } from '../objects.ts'
import { keyOf } from '../resource.ts'
import { bodyAnswer, objectAnswer } from '../respond.ts'
import { checkNotNewer, parseRevision } from '../revisions.ts'
import { messageBody, storedMessage } from '../stored-message.ts'
import { badRequest, notFound } from '../status.ts'
import { readStored } from '../write-object.ts'
import { watchCollection } from './watch.ts'
import { isTrue } from '../options.ts'

/** Answers with the newest state; built-in kinds straight from the stored text. */
export async function getObject(call: Call): Promise<ApiResponse> {
  if (isTrue(call.query.get('watch')) || call.route.legacyWatch) return watchOne(call)
  const { server, resource } = call
  const name = call.route.name ?? ''
  await server.store.committed()
  checkNotNewer(call, parseRevision(call.query.get('resourceVersion'), invalidRevision))
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  if (call.form.as === 'object' && resource.custom === undefined) {
    if (call.form.format === 'json') return bodyAnswer(call, textInVersion(resource, stored.value))
    if (call.form.format === 'protobuf') return bodyAnswer(call, messageBody(resource, storedMessage(call, stored)))
  }
  return objectAnswer(call, readStored(call, stored))
}

/** `?watch` on one object is not a watch in Kubernetes but for the old /watch/ paths: the object is answered. */
async function watchOne(call: Call): Promise<ApiResponse> {
  if (call.route.legacyWatch) return watchCollection(call)
  const query = new URLSearchParams(call.query)
  query.delete('watch')
  return getObject({ ...call, query })
}

function invalidRevision(text: string): Error {
  return badRequest(`invalid resource version: ${text}`)
}
