// One request on its way through the server: what came in, what it is about, and the parts it may use.
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ApiRequest, ApiResponse } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
import type { KindContext } from '../kinds/contract.ts'
import type { Store } from '../storage/store.ts'
import type { Authorizer } from './authorization/authorizer.ts'
import type { KindCatalogue } from './catalogue.ts'
import type { Form } from './negotiation.ts'
import type { ObjectCodec } from './objects.ts'
import type { ResourceRegistry } from './registry.ts'
import type { Resource } from './resource.ts'
import type { ResourceRoute } from './routing.ts'
import type { PodBackend, TokenIssuer } from './hooks.ts'
import type { UserInfo } from './user.ts'

/** What every verb works with; made once a server. */
export interface ServerParts {
  readonly store: Store
  readonly codec: ObjectCodec
  readonly registry: ResourceRegistry
  readonly catalogue: KindCatalogue
  readonly clock: Clock
  readonly log: Log
  readonly context: () => KindContext
  readonly newUid: () => string
  readonly admission: Admission
  readonly authorizer: Authorizer
  readonly pods: PodBackend | undefined
  readonly tokens: TokenIssuer | undefined
  /** Aborts when the server closes. */
  readonly signal: AbortSignal
}

/** An object on its way into the store, or out of it. */
export interface AdmissionRequest {
  readonly call: Call
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE'
  readonly object: KubeObject
  readonly old: KubeObject | undefined
  readonly subresource: string
}

export interface Admission {
  /** The object, perhaps changed; throws an `ApiError` to refuse it. */
  admit(request: AdmissionRequest): KubeObject
}

/** A request for a resource that is served. */
export interface Call {
  readonly server: ServerParts
  readonly request: ApiRequest
  readonly route: ResourceRoute
  readonly resource: Resource
  readonly namespace: string
  readonly query: URLSearchParams
  readonly user: UserInfo
  readonly form: Form
  /** Texts of `Warning` headers. */
  readonly warnings: string[]
}

export type Verb = (call: Call) => Promise<ApiResponse>

/** An object and the status code of the answer that carries it. */
export interface WriteResult {
  readonly object: KubeObject
  readonly created: boolean
}
