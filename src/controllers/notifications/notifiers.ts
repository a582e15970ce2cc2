// The configurations in force for a namespace, read again when their config map or Secret has changed.
import type { Log } from '../../base/log.ts'
import type { KubeObject } from '../../kube/object.ts'
import { CONFIG_MAP, parseNotificationsConfig, SECRET } from '../../notifications/config.ts'
import { Notifier, type NotifierOptions } from '../../notifications/notifier.ts'

export interface NotifiersOptions extends Omit<NotifierOptions, 'config' | 'hidesSecrets'> {
  readonly log: Log
  /** Namespace of the control plane. */
  readonly namespace: string
  /** Every namespace of applications may bring its own configuration. */
  readonly isSelfService: boolean
  readonly find: (kind: 'ConfigMap' | 'Secret', namespace: string, name: string) => KubeObject | undefined
}

interface Made {
  readonly configMap: KubeObject | undefined
  readonly secret: KubeObject | undefined
  readonly notifier: Notifier
}

export class Notifiers {
  readonly #options: NotifiersOptions
  readonly #made = new Map<string, Made>()

  constructor(options: NotifiersOptions) {
    this.#options = options
  }

  /** That of the control plane, after that of the namespace itself where that is allowed. */
  of(namespace: string): readonly Notifier[] {
    const { namespace: own, isSelfService } = this.#options
    const namespaces = isSelfService && namespace !== own ? [namespace, own] : [own]
    return namespaces.map((one) => this.#get(one))
  }

  /** Whether the notifier is that of an application's own namespace. */
  isOfItsOwn({ config }: Notifier): boolean {
    return this.#options.isSelfService && config.namespace !== this.#options.namespace
  }

  #get(namespace: string): Notifier {
    const { find, log, isSelfService } = this.#options
    const configMap = find('ConfigMap', namespace, CONFIG_MAP)
    const secret = find('Secret', namespace, SECRET)
    const known = this.#made.get(namespace)
    if (known !== undefined && known.configMap === configMap && known.secret === secret) return known.notifier
    const config = parseNotificationsConfig(configMap, secret, namespace)
    for (const [key, error] of config.faults) {
      log.error('an entry of the notifications cannot be read', { namespace, key, error })
    }
    const notifier = new Notifier({ ...this.#options, config, hidesSecrets: isSelfService })
    this.#made.set(namespace, { configMap, secret, notifier })
    return notifier
  }
}
