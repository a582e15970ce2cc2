// What a generator of ApplicationSets is: from its part of the spec, and what it may ask of others, to lists of parameters.
import type { Secret } from '../base/secret.ts'
import type { ApplicationSet } from '../crds/application-set.ts'
import type { Application } from '../crds/application.ts'
import type { KubeObject } from '../kube/object.ts'
import type { GoMap } from '../lang/go/values.ts'
import type { FileTree } from '../source/file-tree.ts'
import type { TemplateRenderer } from './template-text.ts'

/**
 * What one application is made of: a Go `map[string]interface {}` (see lang/go/values.ts). With `goTemplate` values keep their
 * form; without it every value is a string under a flat key (`path.basename`, `metadata.labels.env`). A Go `map[string]string`
 * is a `GoTyped` of `STRING_MAP`, a `[]string` is `strings([...])`.
 */
export type Parameters = GoMap

/** One kind of generator. It keeps nothing between calls; what it needs comes with the context. */
export interface Generator<Spec> {
  /**
   * The parameters, in a lasting order. Throws `CapstanError` with upstream's text; `failed()` puts the context before it.
   * It stops when `context.signal` is aborted, and never returns more than `MAX_PARAMETERS`.
   */
  generate(spec: Spec, context: GeneratorContext): Promise<readonly Parameters[]>
  /** When to ask again; undefined: only when something the controller watches has changed. */
  requeueAfterMs(spec: Spec): number | undefined
}

/** All generators together, as controllers and servers are given them. */
export interface SetGeneration {
  /** Everything an ApplicationSet generates now. Throws a `GenerationError`. */
  generate(
    applicationSet: ApplicationSet,
    options: Pick<GeneratorContext, 'signal' | 'isRefresh'>,
  ): Promise<readonly Application[]>
  /** The shortest time after which one of its generators wants to be asked again; undefined: none does. */
  requeueAfterMs(applicationSet: ApplicationSet): number | undefined
}

export interface GeneratorContext {
  readonly applicationSet: ApplicationSet
  readonly services: GeneratorServices
  /** Renders `values` (`appendValues` of parameters.ts) and what else is a template. */
  readonly renderer: TemplateRenderer
  readonly signal: AbortSignal
  /** A person or a webhook asked for this run: nothing resolved earlier may be used. */
  readonly isRefresh: boolean
}

/** What generators may ask of the rest; `main/` passes it in, tests a small one of their own. */
export interface GeneratorServices {
  /** The namespace of the control plane: cluster Secrets, plug-in ConfigMaps and projects stand there. */
  readonly controlNamespace: string
  readonly http: HttpClient
  readonly scm: ScmSettings
  /** Undefined where there is none. */
  readSecret(namespace: string, name: string, signal: AbortSignal): Promise<SecretContent | undefined>
  readConfigMap(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string>> | undefined>
  /** Secrets labelled as clusters, as the cluster has them. */
  clusterSecrets(): readonly KubeObject[]
  /** The clusters applications can go to, the in-cluster one too, where it is enabled. */
  clusters(): readonly { readonly name: string; readonly server: string }[]
  /** Objects of a kind in the control namespace; `resource` is its plural name (lower case) or its kind. */
  listObjects(query: ObjectQuery, signal: AbortSignal): Promise<readonly KubeObject[]>
  /** Files of a Git revision, checked against the project's signature rules where it has any. */
  openTree(query: TreeQuery, signal: AbortSignal): Promise<FileTree>
  readonly git?: GitSettings
}

/** Switches of the git generator; absent ones are off, as upstream has them. */
export interface GitSettings {
  /** `applicationsetcontroller.enable.new.git.file.globbing`: `*` stays within a directory, `**` crosses them. */
  readonly isGlobbingStrict?: boolean
  /** `reposerver.include.hidden.directories`: directories whose name begins with a dot count too. */
  readonly areHiddenIncluded?: boolean
}

export interface SecretContent {
  readonly labels: Readonly<Record<string, string>>
  /** Values decoded from base64. */
  readonly data: ReadonlyMap<string, Secret>
}

export interface ObjectQuery {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly name?: string
  readonly labelSelector?: string
}

export interface TreeQuery {
  readonly repoURL: string
  readonly revision: string
  /** Whose credentials count; empty where the project is templated: then only those for all projects. */
  readonly project: string
  readonly freshness: 'cached' | 'latest'
  /** Projects may demand signed commits; not enforced where the project is templated, as upstream. */
  readonly isSignatureChecked: boolean
}

/** `applicationsetcontroller.*` of argocd-cmd-params-cm, as far as it concerns SCM providers. */
export interface ScmSettings {
  readonly isEnabled: boolean
  /** Why it is not enabled, where nobody said so. */
  readonly disabledReason?: string
  /** API addresses that may be named by ApplicationSets; empty: any. */
  readonly allowedProviders: readonly string[]
  /** Token Secrets must be labelled `scm-creds`. */
  readonly isTokenRefStrict: boolean
  /** PEM certificates trusted beside the system's. */
  readonly rootCertificates?: string
  readonly proxyUrl?: string
  readonly noProxy?: string
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** From the request to the last byte of the answer. Default: `HTTP_TIMEOUT_MS`. */
  readonly timeoutMs?: number
  /** Do not check the server's certificate. */
  readonly isInsecure?: boolean
  /** PEM certificates trusted beside the system's. */
  readonly certificates?: string
  readonly proxyUrl?: string
  readonly noProxy?: string
  /** Answers that are longer are an error `limit`. Default: `MAX_HTTP_ANSWER_BYTES`. */
  readonly maxBytes?: number
  readonly signal: AbortSignal
}

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; several of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/** Any status is an answer; throws `unavailable` or `timeout` where there is none. Follows redirects within the same host. */
export type HttpClient = (request: HttpRequest) => Promise<HttpAnswer>

/** As long as upstream waits for a plug-in or an SCM API. */
export const HTTP_TIMEOUT_MS = 30_000
/** An answer of an SCM API is one page of at most some hundred entries. */
export const MAX_HTTP_ANSWER_BYTES: number = 32 * 1024 * 1024

/** Parameter sets one generator may give, and all of an ApplicationSet together: status lists 5,000 applications, people run fewer. */
export const MAX_PARAMETERS = 20_000

/** What upstream waits before it asks again where the spec does not say. */
export const DEFAULT_REQUEUE_MS: number = 3 * 60_000
export const DEFAULT_SCM_REQUEUE_MS: number = 30 * 60_000
