// imagepullsecrets-manager as a part of the controller: its configurations in the control plane's namespace are run as they change, and again and again.
import type { Cancel, Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { KubeClient } from '../kube/client/client.ts'
import type { Informer } from '../kube/client/informer.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ManagerConfig } from '../pull-secrets/manager-config.ts'
import type { LoginIssuer } from '../registry/issue.ts'
import { readConfigMap, readSecret } from '../settings/map-reader.ts'

/** On a ConfigMap or a Secret of the control plane's namespace whose key credentials.yaml is a configuration. */
export const MANAGER_LABEL = 'capstan.dev/registry-manager'
const CONFIG_KEY = 'credentials.yaml'
/** Tokens live for hours, and every run asks for a list. */
const INTERVAL_MS = 600_000
/** Changes that come together are one. */
const SETTLE_MS = 500

export interface RegistryManagerOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  readonly namespace: string
  readonly issuer: LoginIssuer
  readonly secrets: Informer
  readonly configMaps: Informer
}

/** Runs until the result is called; without a configuration it does nothing. */
export function startRegistryManager(options: RegistryManagerOptions): () => Promise<void> {
  const manager = new RegistryManager(options)
  manager.start()
  return () => manager.stop()
}

class RegistryManager {
  readonly #options: RegistryManagerOptions
  readonly #stopping = new AbortController()
  readonly #ends: Cancel[] = []
  #running: Promise<void> = Promise.resolve()
  #next: Cancel | undefined
  /** Clean-up is for those that were configured once. */
  #wasConfigured = false

  constructor(options: RegistryManagerOptions) {
    this.#options = options
  }

  start(): void {
    const { secrets, configMaps } = this.#options
    for (const informer of [secrets, configMaps]) {
      this.#ends.push(
        informer.onChange(({ object, old }) => {
          if (isConfiguration(object) || (old !== undefined && isConfiguration(old))) this.#due(SETTLE_MS)
        }),
      )
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the manager of image pull secrets stops'))
    for (const end of this.#ends) end()
    this.#next?.()
    await this.#running
  }

  #due(delayMs: number): void {
    this.#next?.()
    if (this.#stopping.signal.aborted) return
    this.#next = this.#options.clock.schedule(delayMs, () => {
      this.#running = this.#running.then(() => this.#run())
    })
  }

  async #run(): Promise<void> {
    const { client, clock, log, issuer } = this.#options
    const { signal } = this.#stopping
    try {
      const { runManager } = await import('../controllers/pull-secrets/manager-run.ts')
      const config = await this.#configuration()
      if (config === undefined) return
      const say = (line: string): void => log.debug('image pull secrets', { line })
      const random = Math.random()
      const result = await runManager({
        client,
        config,
        issuer,
        clock,
        random,
        isDryRun: false,
        cleansUp: true,
        say,
        signal,
      })
      for (const failure of result.failures) log.warn('an entry of image pull secrets failed', { failure })
    } catch (error) {
      if (!signal.aborted)
        log.warn('image pull secrets of the configuration are not looked after', { error: messageOf(error) })
    }
    this.#due(INTERVAL_MS)
  }

  /** All configurations together; undefined where there is none and never was. One that cannot be read ends the run: nothing is cleaned up. */
  async #configuration(): Promise<ManagerConfig | undefined> {
    const { secrets, configMaps, namespace } = this.#options
    const objects = [...secrets.list(), ...configMaps.list()].filter(isConfiguration)
    if (objects.length === 0 && !this.#wasConfigured) return undefined
    this.#wasConfigured = true
    const { readManagerConfig } = await import('../pull-secrets/manager-config.ts')
    const configs = await Promise.all(
      objects.map((object) => {
        const reader = object.kind === 'Secret' ? readSecret(object) : readConfigMap(object)
        return readManagerConfig(reader.requiredText(CONFIG_KEY), async (reference) => {
          if (!('secretKeyRef' in reference)) throw new Error('refer to a Secret: this process has no other values')
          const { name, key } = reference.secretKeyRef
          const secret = secrets.get(namespace, name)
          if (secret === undefined) throw new Error(`Secret ${namespace}/${name} is not there`)
          return readSecret(secret).requiredText(key)
        })
      }),
    )
    return { entries: configs.flatMap(({ entries }) => entries), faults: configs.flatMap(({ faults }) => faults) }
  }
}

function isConfiguration({ metadata }: KubeObject): boolean {
  return metadata.labels?.[MANAGER_LABEL] === 'true'
}
