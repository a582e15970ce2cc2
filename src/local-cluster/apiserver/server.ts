// The API server in the process: one function from request and user to answer.
import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import type { ApiRequest, ApiResponse, Transport } from '../../kube/client/transport.ts'
import type { Store } from '../storage/store.ts'
import { createAdmission } from './admission/admission.ts'
import { admitCertificateRequest } from './admission/certificate-request.ts'
import { admitIngress } from './admission/ingress-class.ts'
import { admitWithinRanges } from './admission/limit-ranges.ts'
import { admitNamespaced } from './admission/namespace-lifecycle.ts'
import { admitRuntimeClass } from './admission/runtime-class.ts'
import { admitPod } from './admission/service-account.ts'
import { admitClaim } from './admission/storage-class.ts'
import { createAllocators } from './allocators.ts'
import { createAuthorizer } from './authorization/authorizer.ts'
import { bootstrapPolicy } from './authorization/bootstrap-policy.ts'
import { admitWithinRights } from './authorization/escalation.ts'
import type { ServerParts } from './call.ts'
import type { KindCatalogue } from './catalogue.ts'
import { CustomResources } from './crd/custom-resources.ts'
import { dispatch } from './dispatch.ts'
import type { PodBackend, TokenIssuer } from './hooks.ts'
import { ObjectCodec } from './objects.ts'
import { ResourceRegistry } from './registry.ts'
import { bootstrapStandingObjects } from './standing-objects.ts'
import { statusAnswer } from './respond.ts'
import { prettyAnswer } from './pretty-answer.ts'
import { ApiError, internalError } from './status.ts'
import type { UserInfo } from './user.ts'
import { channelsOf } from '../streaming/command-channels.ts'
import { isUpgrade } from '../streaming/session.ts'

export interface ApiServerOptions {
  readonly store: Store
  readonly catalogue: KindCatalogue
  readonly clock: Clock
  readonly log: Log
  /** Default: a new random UUID. */
  readonly newUid?: () => string
  /** The kubelet behind bound pods; without it logs are empty. */
  readonly pods?: PodBackend
  readonly tokens?: TokenIssuer
}

/** A Kubernetes API server without a socket. */
export interface ApiServer {
  handle(request: ApiRequest, user: UserInfo): Promise<ApiResponse>
  /** A transport whose requests all come from `user`; closing it ends its watches. */
  inProcessTransport(user: UserInfo): Transport
  /** Writes the roles, bindings and objects of its own that every cluster begins with, where there are none. */
  bootstrapRoles(): Promise<void>
  /** Ends every watch. The store stays open: it belongs to who made it. */
  close(): Promise<void>
}

/** Letters of generated names: no vowels, nothing that looks like another (`utilrand.String`). */
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789'

/** Makes a server over a store; custom resources already stored are served at once. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const closing = new AbortController()
  const parts = makeParts(options, closing.signal)
  const custom = new CustomResources(parts)
  custom.start()

  async function handle(request: ApiRequest, user: UserInfo): Promise<ApiResponse> {
    try {
      return prettyAnswer(request, await dispatch(parts, request, user))
    } catch (error) {
      return prettyAnswer(request, errorAnswer(parts, request, error))
    }
  }

  return {
    handle,
    inProcessTransport: (user) => inProcess(handle, user, closing.signal),
    async bootstrapRoles() {
      const given = { store: options.store, newUid: parts.newUid, nowMs: options.clock.now() }
      const groupVersions = options.catalogue.resources
      await Promise.all([bootstrapPolicy(given), bootstrapStandingObjects({ ...given, groupVersions })])
    },
    async close() {
      custom.stop()
      closing.abort()
      await options.store.committed()
    },
  }
}

function makeParts(options: ApiServerOptions, signal: AbortSignal): ServerParts {
  const { store, clock } = options
  const allocators = createAllocators(store)
  return {
    store,
    codec: new ObjectCodec(),
    registry: new ResourceRegistry(options.catalogue),
    catalogue: options.catalogue,
    clock,
    log: options.log,
    context: () => ({ nowMs: clock.now(), randomSuffix, ...allocators }),
    newUid: options.newUid ?? randomUUID,
    admission: createAdmission([
      admitNamespaced,
      admitWithinRights,
      admitPod,
      admitRuntimeClass,
      admitWithinRanges,
      admitCertificateRequest,
      admitClaim,
      admitIngress,
    ]),
    authorizer: createAuthorizer(store, signal),
    pods: options.pods,
    tokens: options.tokens,
    signal,
  }
}

function randomSuffix(length: number): string {
  return Array.from(randomBytes(length), (byte) => SUFFIX_LETTERS[byte % SUFFIX_LETTERS.length]).join('')
}

function errorAnswer(parts: ServerParts, request: ApiRequest, error: unknown): ApiResponse {
  const known = error instanceof ApiError ? error : unexpected(parts, request, error)
  return statusAnswer(known, request.headers['accept'])
}

function unexpected(parts: ServerParts, request: ApiRequest, error: unknown): ApiError {
  if (request.signal?.aborted === true) return new ApiError(499, 'ClientClosedRequest', 'the client went away')
  parts.log.error('request failed', { method: request.method, path: request.path, error })
  return internalError(messageOf(error))
}

function inProcess(handle: ApiServer['handle'], user: UserInfo, serverSignal: AbortSignal): Transport {
  const closing = new AbortController()
  return {
    async send(request) {
      request.signal?.throwIfAborted()
      closing.signal.throwIfAborted()
      serverSignal.throwIfAborted()
      const signals = request.signal === undefined ? [closing.signal] : [request.signal, closing.signal]
      const signal = isStreaming(request) ? AbortSignal.any(signals) : request.signal
      return handle(signal === undefined ? request : { ...request, signal }, user)
    },
    async connect(request) {
      serverSignal.throwIfAborted()
      const headers = { ...request.headers, connection: 'Upgrade', upgrade: 'websocket' }
      const answer = await handle({ ...request, headers }, user)
      if (!isUpgrade(answer) || answer.session.kind !== 'command') return answer
      const { signal } = request
      const ends = [closing.signal, serverSignal, ...(signal === undefined ? [] : [signal])]
      return channelsOf(answer.session, AbortSignal.any(ends))
    },
    async close() {
      closing.abort(new Error('the transport is closed'))
    },
  }
}

/** Only watches and logs outlive their call; for the rest a combined signal would be wasted work. */
function isStreaming(request: ApiRequest): boolean {
  return request.method === 'GET' && (request.path.includes('watch') || request.path.includes('/log'))
}
