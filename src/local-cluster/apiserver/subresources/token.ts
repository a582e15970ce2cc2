// POST of serviceaccounts/<name>/token: a token for a while.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { builtinSchema } from '../../../kube/schema/schema.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import type { TokenQuery } from '../hooks.ts'
import { trackUpdate } from '../managed-fields.ts'
import { writeOptions } from '../options.ts'
import { keyOf } from '../resource.ts'
import { objectAnswer } from '../respond.ts'
import { invalidValue } from '../../kinds/validation/faults.ts'
import { badRequest, conflict, invalid, noSuchResource, notFound } from '../status.ts'
import { timeText } from '../strategy.ts'
import { readStored } from '../write-object.ts'

const GVK = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }
/** `MinTokenAgeSec` is ten minutes; the default is an hour. */
const MIN_SECONDS = 600
const MAX_SECONDS = 2 ** 32
const DEFAULT_SECONDS = 3600

interface TokenSpec {
  readonly audiences?: readonly string[] | null
  readonly expirationSeconds?: number
  readonly boundObjectRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string } | null
}

/** Issues a token for the service account; 404 where it, or the object the token is bound to, does not exist. */
export async function createToken(call: Call): Promise<ApiResponse> {
  const { server, resource } = call
  const issuer = server.tokens
  if (issuer === undefined) throw noSuchResource()
  const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'])
  const request = decodeCall(call, options.fieldValidation, { gvk: GVK, resource: undefined }) as KubeObject & {
    readonly spec?: TokenSpec
  }
  const name = call.route.name ?? ''
  const stored = server.store.get(keyOf(resource, call.namespace, name))
  if (stored === undefined) throw notFound(resource, name)
  const account = readStored(call, stored)
  const query = tokenQuery(call, account, request.spec ?? {})
  const status = await issuer.issue(query)
  const spec = {
    audiences: [...query.audiences],
    expirationSeconds: query.expirationSeconds,
    boundObjectRef: request.spec?.boundObjectRef ?? null,
  }
  const tracked = trackUpdate({
    live: undefined,
    object: { ...request, spec: { ...request.spec, expirationSeconds: query.expirationSeconds } } as KubeObject,
    manager: options.fieldManager,
    subresource: 'token',
    resource: { ...resource, ...GVK, subresources: [], schema: builtinSchema(GVK) },
    nowMs: server.clock.now(),
  })
  const metadata = {
    name,
    namespace: call.namespace,
    uid: account.metadata.uid ?? '',
    creationTimestamp: timeText(server.clock.now()),
    ...(tracked.metadata.managedFields === undefined ? {} : { managedFields: tracked.metadata.managedFields }),
  }
  return objectAnswer(
    call,
    { kind: GVK.kind, apiVersion: 'authentication.k8s.io/v1', metadata, spec, status } as KubeObject,
    201,
  )
}

function tokenQuery(call: Call, account: KubeObject, spec: TokenSpec): TokenQuery {
  const expirationSeconds = spec.expirationSeconds ?? DEFAULT_SECONDS
  if (expirationSeconds < MIN_SECONDS)
    throw secondsFault(expirationSeconds, 'may not specify a duration less than 10 minutes')
  if (expirationSeconds > MAX_SECONDS)
    throw secondsFault(expirationSeconds, 'may not specify a duration larger than 2^32 seconds')
  const reference = spec.boundObjectRef ?? undefined
  const audiences = spec.audiences ?? []
  return {
    namespace: call.namespace,
    serviceAccount: account,
    audiences: audiences.length === 0 ? (call.server.tokens?.defaultAudiences ?? []) : audiences,
    expirationSeconds,
    ...(reference === undefined ? {} : { boundObject: boundObject(call, account, reference) }),
  }
}

function secondsFault(value: number, text: string): Error {
  return invalid(GVK, '', [invalidValue('spec.expirationSeconds', value, text)])
}

type BoundReference = NonNullable<TokenSpec['boundObjectRef']>
const BOUND_RESOURCES: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' }

/** The object a token shall end with. Throws 404 where it is missing, 409 for another one of its name, 400 for a pod of another account. */
function boundObject(
  call: Call,
  account: KubeObject,
  reference: BoundReference,
): NonNullable<TokenQuery['boundObject']> {
  const { kind = '', name = '' } = reference
  const resource = BOUND_RESOURCES[kind] ?? 'nodes'
  const place = resource === 'nodes' ? '' : `${call.namespace}/`
  const stored = call.server.store.get(`/${resource}/${place}${name}`)
  if (stored === undefined) throw notFound({ group: '', resource }, name)
  const object = call.server.codec.parse(stored)
  if (kind === 'Pod') checkAccount(object, account.metadata.name ?? '')
  return { kind, name, uid: checkedUid(object, reference) }
}

function checkAccount(
  pod: KubeObject & { readonly spec?: { readonly serviceAccountName?: string } },
  name: string,
): void {
  if (pod.spec?.serviceAccountName === name) return
  const account = JSON.stringify(name)
  throw badRequest(`cannot bind token for serviceaccount ${account} to pod running with different serviceaccount name.`)
}

function checkedUid(
  { metadata: { uid = '' } }: KubeObject,
  { kind = '', name = '', uid: wanted = '' }: BoundReference,
): string {
  if (wanted === '' || wanted === uid) return uid
  const why = `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`
  throw conflict({ group: '', resource: kind }, name, why)
}
