// The propagation of registry credentials on the engine of this process.
import type { ApplicationEngine } from '../controllers/applications/engine.ts'
import type { ClusterRecord } from '../controllers/applications/cluster-client.ts'
import type { PullSecrets } from '../controllers/applications/dependencies.ts'
import { imageUsesOf } from '../controllers/applications/image-uses.ts'
import type { PullSecretsController } from '../controllers/pull-secrets/pull-secrets-controller.ts'
import type { PullSecretsDependencies, PullSecretTimes } from '../controllers/pull-secrets/dependencies.ts'
import type { Application } from '../crds/application.ts'
import { messageOf } from '../base/errors.ts'
import { sleep } from '../base/clock.ts'
import { Secret } from '../base/secret.ts'
import { withAbort } from '../base/with-abort.ts'
import { KubeError } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import { type PullSecretAuthor, pullSecretAuthor } from '../pull-secrets/authorship.ts'
import { type Request, requestFor, requestKey } from '../reconcile/request.ts'
import type { KubeObject } from '../kube/object.ts'
import type { IssuerOptions, LoginIssuer } from '../registry/issue.ts'
import { parsePullSecretSettings, type PullSecretSettings } from '../settings/pull-secrets.ts'
import { SECRET_TYPE_LABEL } from '../settings/repositories.ts'
import { readRegistries } from '../settings/registries.ts'
import type { FollowedObjects } from '../controllers/applications/followed-objects.ts'

export interface PullSecretsOptions extends Pick<
  PullSecretsDependencies,
  'client' | 'events' | 'clock' | 'log' | 'namespace' | 'metrics' | 'shard'
> {
  readonly issuer: LoginIssuer
  readonly secrets: Informer
  readonly configMaps: Informer
  readonly followed: FollowedObjects
  readonly isOurs?: ((cluster: ClusterRecord | undefined) => boolean) | undefined
  readonly times?: Partial<PullSecretTimes>
}

export interface RunningPullSecrets {
  /** What the engine asks. */
  readonly port: PullSecrets
  /** Begins with the engine's applications. */
  start(engine: ApplicationEngine): void
  stop(): Promise<void>
}

/** Made before the engine, which asks it; started once the engine has begun. */
export function createPullSecrets(options: PullSecretsOptions): RunningPullSecrets {
  return new Wiring(options)
}

/** Between two attempts to find out whose Secrets are ours. */
const HOME_RETRY_MS = 5000

class Wiring implements RunningPullSecrets {
  readonly #options: PullSecretsOptions
  readonly #ends: (() => void)[] = []
  /** Resolves with the controller once it has begun, with nothing where it never does. */
  readonly #begun = Promise.withResolvers<PullSecretsController | undefined>()
  #starting: Promise<void> | undefined
  #isStopped = false
  readonly #ending = new AbortController()
  #engine: ApplicationEngine | undefined
  #controller: PullSecretsController | undefined

  constructor(options: PullSecretsOptions) {
    this.#options = options
  }

  get port(): PullSecrets {
    return {
      // The first sync may come before the controller is loaded.
      prepare: async (request) => (await withAbort(this.#begun.promise, request.signal))?.prepare(request),
      problemsOf: (request) => this.#controller?.problemsOf(request) ?? [],
    }
  }

  start(engine: ApplicationEngine): void {
    this.#starting ??= this.#start(engine).catch((error: unknown) => {
      this.#begun.resolve(undefined)
      this.#options.log.error('registry credentials are not propagated', { error })
    })
  }

  async #start(engine: ApplicationEngine): Promise<void> {
    // Read when it is needed: the process has more urgent things to do at its start.
    const { PullSecretsController } = await import('../controllers/pull-secrets/pull-secrets-controller.ts')
    const home = await this.#home().catch((error: unknown) => {
      if (!this.#isStopped) throw error
      return ''
    })
    if (this.#isStopped) return
    this.#engine = engine
    const { secrets, configMaps, followed, namespace } = this.#options
    const registries = cached(() => readRegistries(secrets.list()))
    const controller: PullSecretsController = new PullSecretsController({
      ...this.#options,
      random: Math.random,
      registries: registries.read,
      author: this.#author(home),
      settings: this.#settings(),
      applications: () => engine.applications().filter((application) => this.#isOurs(application)),
      application: (request) => engine.application(request),
      isOurs: (application) => this.#isOurs(application),
      projectOf: (name) => followed.projects.get(namespace, name),
      serverOf: ({ spec }) => engine.clusters.serverOf(spec.destination),
      usesOf: (application) => this.#usesOf(engine, controller, application),
      servers: () => engine.clusters.list().map(({ server }) => server),
      clusterOf: (server) => this.#clusterOf(engine, server),
      tell: (request) => engine.refresh(request, 'recent'),
    })
    this.#controller = controller
    this.#begun.resolve(controller)
    this.#ends.push(
      secrets.onChange(({ object, old }) => {
        if ([object, old].every((secret) => secret?.metadata.labels?.[SECRET_TYPE_LABEL] === undefined)) return
        registries.drop()
        controller.onRegistries()
      }),
      configMaps.onChange(({ object }) => {
        if (object.metadata.name === 'argocd-cm') controller.onAllApplications()
      }),
      followed.projects.onChange(() => controller.onAllApplications()),
      followed.applications.onChange(({ object }) => controller.onApplication(requestFor(object))),
      engine.onTreeChange((request) => controller.onApplication(request)),
    )
    controller.start()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#ending.abort(new Error('the propagation of registry credentials stops'))
    this.#begun.resolve(undefined)
    await this.#starting
    for (const end of this.#ends) end()
    await this.#controller?.stop()
  }

  /** What tells this control plane from others that deliver to the same clusters: the uid of its namespace. */
  async #home(): Promise<string> {
    const { client, clock, namespace, secrets, log } = this.#options
    const { signal } = this.#ending
    try {
      const type = await client.resourceOf({ group: '', kind: 'Namespace', version: 'v1' }, signal)
      const found = type && (await client.get({ type, name: namespace }, signal))
      if (found?.metadata.uid !== undefined) return found.metadata.uid
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 403)) {
        signal.throwIfAborted()
        log.warn('the namespace of the control plane cannot be read yet', { error })
        await sleep(clock, HOME_RETRY_MS, signal)
        return this.#home()
      }
    }
    // An installation of one namespace may not read it.
    return secrets.get(namespace, 'argocd-secret')?.metadata.uid ?? namespace
  }

  #author(home: string): () => PullSecretAuthor {
    const { configMaps, secrets, namespace } = this.#options
    let author: { readonly key: string; readonly id: string; readonly made: PullSecretAuthor } | undefined
    return () => {
      const id = textOf(configMaps.get(namespace, 'argocd-cm'), 'installationID').trim()
      const key = textOf(secrets.get(namespace, 'argocd-secret'), 'server.secretkey')
      if (author?.key !== key || author.id !== id) {
        author = { key, id, made: pullSecretAuthor({ id, home, key: key === '' ? undefined : new Secret(key) }) }
      }
      return author.made
    }
  }

  /** What can no longer be read is told, and the last good settings stay in force. */
  #settings(): () => PullSecretSettings {
    const { configMaps, namespace, log } = this.#options
    let settings = parsePullSecretSettings(undefined)
    let version: string | undefined
    return () => {
      const configMap = configMaps.get(namespace, 'argocd-cm')
      if (configMap?.metadata.resourceVersion === version) return settings
      version = configMap?.metadata.resourceVersion
      try {
        settings = parsePullSecretSettings(configMap)
      } catch (error) {
        log.error('settings of image pull secrets cannot be read; the last good ones stay in force', {
          error: messageOf(error),
        })
      }
      return settings
    }
  }

  /** As the engine judges: an application that goes to no known cluster is of the first shard. */
  #isOurs({ spec }: Application): boolean {
    const { isOurs } = this.#options
    if (isOurs === undefined) return true
    const { clusters } = this.#engineOf()
    const server = clusters.serverOf(spec.destination)
    return isOurs(clusters.list().find((record) => record.server === server))
  }

  #engineOf(): ApplicationEngine {
    if (this.#engine === undefined) throw new Error('the propagation of registry credentials is not started')
    return this.#engine
  }

  #clusterOf({ clusters }: ApplicationEngine, server: string): ReturnType<PullSecretsDependencies['clusterOf']> {
    const record = clusters.list().find((one) => one.server === server)
    const { isOurs = () => true } = this.#options
    if (record === undefined || record.fault !== undefined || !isOurs(record)) return undefined
    return { server, client: clusters.clientOf(record), namespaces: record.namespaces ?? [] }
  }

  #usesOf(
    engine: ApplicationEngine,
    controller: PullSecretsController,
    application: Application,
  ): ReturnType<PullSecretsDependencies['usesOf']> {
    const request: Request = requestFor(application)
    const comparison = engine.memories.get(requestKey(request))?.comparison
    const cache = comparison === undefined ? undefined : engine.clusters.startedCache(comparison.cluster.server)
    if (comparison === undefined || cache?.isReady !== true) return undefined
    const { operationState, history = [] } = application.status ?? {}
    const namespace = application.spec.destination.namespace ?? ''
    const hasBegun = operationState !== undefined || history.length > 0
    return imageUsesOf({ comparison, cache, read: controller.imageReader(), namespace, hasBegun })
  }
}

/** Issues logins with what is read when the first one is asked for. */
export function lazyIssuer(options: IssuerOptions): LoginIssuer {
  let made: Promise<LoginIssuer> | undefined
  const issuer = (): Promise<LoginIssuer> =>
    (made ??= import('../registry/issue.ts').then(({ createLoginIssuer }) => createLoginIssuer(options)))
  return {
    issue: async (credential, signal, wish) => (await issuer()).issue(credential, signal, wish),
    close: async () => (await made)?.close(),
  }
}

function textOf(object: KubeObject | undefined, key: string): string {
  const { data } = (object ?? {}) as { readonly data?: Readonly<Record<string, unknown>> }
  const value = data?.[key]
  return typeof value === 'string' ? value : ''
}

/** A value that is made when it is asked for, and again after it was dropped. */
function cached<T>(make: () => T): { readonly read: () => T; readonly drop: () => void } {
  let value: T | undefined
  return {
    read: () => (value ??= make()),
    drop: () => {
      value = undefined
    },
  }
}
