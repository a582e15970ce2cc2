// The settings of the ApplicationSet controller: the environment's, else those of argocd-cmd-params-cm, as upstream's manifests pass them on.
import { readFileSync } from 'node:fs'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { SetSettings } from '../controllers/application-sets/dependencies.ts'
import type { GitSettings, ScmSettings } from '../generators/contract.ts'
import { parsePolicy, type PolicySettings } from '../generators/policy.ts'
import type { KubeObject } from '../kube/object.ts'
import { matchesName } from '../policy/name-pattern.ts'
import { readConfigMap } from '../settings/map-reader.ts'

export interface ApplicationSetSettings extends SetSettings {
  readonly scm: ScmSettings
  readonly git: GitSettings
  readonly workers: number
  /** Patterns of namespaces besides the control plane's own. */
  readonly namespaces: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Applications a status lists, and sets reconciled at a time, where nobody says otherwise; upstream's. */
const MAX_RESOURCES = 5000
const WORKERS = 10
/** Upstream writes one at a time; here more do not make an API server sweat. */
const CONCURRENT_UPDATES = 10

/** Reads all of them; a value that is none counts as absent, which `warn` is told. */
export function applicationSetSettings(
  parameters: KubeObject | undefined,
  environment: Environment,
  warn: (message: string) => void,
): ApplicationSetSettings {
  const values = new Values(parameters, environment, warn)
  const namespaces = values.list('NAMESPACES', 'namespaces')
  return {
    ...policySettings(values, warn),
    ...loadSettings(values),
    areProgressiveSyncsEnabled: values.flag('ENABLE_PROGRESSIVE_SYNCS', 'enable.progressive.syncs') ?? false,
    preservedAnnotations: values.list('GLOBAL_PRESERVED_ANNOTATIONS', 'global.preserved.annotations'),
    preservedLabels: values.list('GLOBAL_PRESERVED_LABELS', 'global.preserved.labels'),
    namespaces,
    scm: closedToStrangers(scmSettings(values), namespaces, warn),
    git: {
      isGlobbingStrict: values.flag('ENABLE_NEW_GIT_FILE_GLOBBING', 'enable.new.git.file.globbing') ?? false,
      areHiddenIncluded: values.hiddenDirectories(),
    },
  }
}

function policySettings(values: Values, warn: (message: string) => void): PolicySettings {
  const text = values.text('POLICY', 'policy') ?? ''
  const policy = parsePolicy(text)
  if (policy === undefined) warn(`applicationsetcontroller.policy ${JSON.stringify(text)} is no policy: sync is used`)
  const isOverridable = values.flag('ENABLE_POLICY_OVERRIDE', 'enable.policy.override') ?? text === ''
  return { policy: policy ?? 'sync', isOverridable }
}

function loadSettings(
  values: Values,
): Pick<ApplicationSetSettings, 'maxResourcesStatusCount' | 'concurrentApplicationUpdates' | 'workers'> {
  const updates = values.count('CONCURRENT_APPLICATION_UPDATES', 'concurrent.application.updates') ?? CONCURRENT_UPDATES
  const workers = values.count('CONCURRENT_RECONCILIATIONS', 'concurrent.reconciliations.max') ?? WORKERS
  return {
    maxResourcesStatusCount: values.count('MAX_RESOURCES_STATUS_COUNT', 'status.max.resources.count') ?? MAX_RESOURCES,
    concurrentApplicationUpdates: Math.max(1, updates),
    workers: Math.max(1, workers),
  }
}

function scmSettings(values: Values): ScmSettings {
  const rootCertificates = values.file('SCM_ROOT_CA_PATH', 'scm.root.ca.path')
  const proxyUrl = values.text('SCM_PROXY_URL', 'scm.proxy.url')
  const noProxy = values.text('SCM_NO_PROXY', 'scm.no.proxy')
  return {
    isEnabled: values.flag('ENABLE_SCM_PROVIDERS', 'enable.scm.providers') ?? true,
    allowedProviders: values.list('ALLOWED_SCM_PROVIDERS', 'allowed.scm.providers'),
    isTokenRefStrict: values.flag('TOKENREF_STRICT_MODE', 'enable.tokenref.strict.mode') ?? false,
    ...(rootCertificates === undefined ? {} : { rootCertificates }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(noProxy === undefined ? {} : { noProxy }),
  }
}

/**
 * Who writes ApplicationSets in other namespaces must not choose where tokens go. Upstream does not start then (argo-cd v3.5.1
 * `applicationset_controller.go` of the commands); here those generators are off until a list says what may be asked.
 */
function closedToStrangers(
  scm: ScmSettings,
  namespaces: readonly string[],
  warn: (message: string) => void,
): ScmSettings {
  if (!scm.isEnabled || namespaces.length === 0 || scm.allowedProviders.length > 0) return scm
  const disabledReason =
    'with applicationsetcontroller.namespaces set applicationsetcontroller.allowed.scm.providers must say which may be asked'
  warn(`scm providers are disabled: ${disabledReason}`)
  return { ...scm, isEnabled: false, disabledReason }
}

/** Whether a namespace is among the patterns. */
export function allowsNamespaceOf(patterns: readonly string[]): ((namespace: string) => boolean) | undefined {
  if (patterns.length === 0) return undefined
  return (namespace) => patterns.some((pattern) => matchesName(pattern, namespace))
}

/** The same warning is given once. */
export function warnOnce(log: Log): (message: string) => void {
  const given = new Set<string>()
  return (message) => {
    if (given.has(message)) return
    given.add(message)
    log.warn(message)
  }
}

const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

class Values {
  readonly #parameters: KubeObject | undefined
  readonly #environment: Environment
  readonly #warn: (message: string) => void

  constructor(parameters: KubeObject | undefined, environment: Environment, warn: (message: string) => void) {
    this.#parameters = parameters
    this.#environment = environment
    this.#warn = warn
  }

  text(variable: string, key: string): string | undefined {
    return this.#read(`ARGOCD_APPLICATIONSET_CONTROLLER_${variable}`, `applicationsetcontroller.${key}`)
  }

  flag(variable: string, key: string): boolean | undefined {
    return this.#flagOf(this.text(variable, key), key)
  }

  list(variable: string, key: string): readonly string[] {
    const parts = (this.text(variable, key) ?? '').split(',')
    return parts.map((part) => part.trim()).filter((part) => part !== '')
  }

  count(variable: string, key: string): number | undefined {
    const text = this.text(variable, key)
    if (text === undefined) return undefined
    if (/^\d{1,9}$/.test(text)) return Number(text)
    this.#warn(`applicationsetcontroller.${key} ${JSON.stringify(text)} is no number: the default is used`)
    return undefined
  }

  file(variable: string, key: string): string | undefined {
    const path = this.text(variable, key)
    if (path === undefined) return undefined
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      this.#warn(
        `applicationsetcontroller.${key} cannot be read, and only the system's certificates are trusted: ${messageOf(error)}`,
      )
      return undefined
    }
  }

  hiddenDirectories(): boolean {
    const text = this.#read('ARGOCD_REPO_SERVER_INCLUDE_HIDDEN_DIRECTORIES', 'reposerver.include.hidden.directories')
    return this.#flagOf(text, 'reposerver.include.hidden.directories') ?? false
  }

  #flagOf(text: string | undefined, key: string): boolean | undefined {
    if (text === undefined) return undefined
    if (TRUE.has(text)) return true
    if (!FALSE.has(text)) this.#warn(`${key} ${JSON.stringify(text)} is neither true nor false: the default is used`)
    return FALSE.has(text) ? false : undefined
  }

  #read(variable: string, key: string): string | undefined {
    const told = this.#environment[variable]
    if (told !== undefined && told !== '') return told
    const text = this.#parameters === undefined ? undefined : readConfigMap(this.#parameters).text(key)
    return text === '' ? undefined : text
  }
}
