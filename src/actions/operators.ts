// Actions on custom resources of operators: suspend, refresh, restart (argo-cd v3.5.1 `resource_customizations`).
import { CapstanError } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import type { ActionInput, ActionRule } from './contract.ts'
import { fieldAt, withAnnotation, withField, withoutField } from './edit.ts'
import {
  action,
  annotate,
  isoTime,
  isTrue,
  not,
  numberParameter,
  remove,
  set,
  stamp,
  type Test,
} from './rule-language.ts'
import { isSuspended, PAUSE_CIRCLE, PAUSE_ICON, PLAY_CIRCLE, PLAY_ICON, resume, suspend } from './suspension.ts'

function annotation(name: string): readonly string[] {
  return ['metadata', 'annotations', name]
}

function isAnnotated(name: string, value: string): Test {
  return ({ metadata }) => metadata.annotations?.[name] === value
}

const fluxReconcile = action(
  'reconcile',
  stamp(annotation('reconcile.fluxcd.io/requestedAt'), (now) => `By Argo CD at: ${isoTime(now).slice(0, -1)}`),
  { disabledWhen: isSuspended },
)
const fluxSuspend = action('suspend', suspend, { disabledWhen: isSuspended })
const fluxResume = action('resume', resume, { disabledWhen: not(isSuspended) })

const FLUX_KINDS = [
  'helm.toolkit.fluxcd.io/HelmRelease',
  'image.toolkit.fluxcd.io/ImageRepository',
  'image.toolkit.fluxcd.io/ImageUpdateAutomation',
  'kustomize.toolkit.fluxcd.io/Kustomization',
  'notification.toolkit.fluxcd.io/Receiver',
  'source.toolkit.fluxcd.io/Bucket',
  'source.toolkit.fluxcd.io/GitRepository',
  'source.toolkit.fluxcd.io/HelmChart',
  'source.toolkit.fluxcd.io/HelmRepository',
  'source.toolkit.fluxcd.io/OCIRepository',
]

/** They do nothing by themselves that could be asked for. */
const FLUX_PASSIVE_KINDS = ['notification.toolkit.fluxcd.io/Alert', 'notification.toolkit.fluxcd.io/Provider']

/** `0` in any unit of time switches it off. */
const NO_INTERVAL = /^0(?:ns|us|µs|ms|s|m|h)?$/u

const isNeverRefreshed: Test = (object) => {
  const interval = fieldAt(object, 'spec', 'refreshInterval')
  return (typeof interval === 'string' || typeof interval === 'number') && NO_INTERVAL.test(String(interval))
}

const KEDA_PAUSED = 'autoscaling.keda.sh/paused'
const KEDA_REPLICAS = 'autoscaling.keda.sh/paused-replicas'
const isKedaPaused = isAnnotated(KEDA_PAUSED, 'true')
const hasKedaReplicas: Test = ({ metadata }) => metadata.annotations?.[KEDA_REPLICAS] !== undefined
const isKedaHeld: Test = (object) => isKedaPaused(object) || hasKedaReplicas(object)

const kedaPausedReplicas: ActionRule = {
  name: 'paused-replicas',
  describe: (object) => ({
    disabled: isKedaPaused(object),
    ...PAUSE_CIRCLE,
    params: [{ name: 'replicas', default: '0' }],
  }),
  run(object, { parameters }) {
    const text = parameters['replicas']
    if (text === undefined) throw new CapstanError('bad-input', 'replicas parameter is required')
    const hint = ' (must be >= 0)'
    const replicas = numberParameter(text, hint)
    if (replicas < 0) throw new CapstanError('bad-input', `invalid number: ${text}${hint}`)
    return withAnnotation(object, KEDA_REPLICAS, String(replicas))
  },
}

function textsAt(object: KubeObject, ...path: readonly string[]): readonly string[] {
  const list = fieldAt(object, ...path)
  return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
}

const HEALTHY_INSTANCES = ['status', 'instancesStatus', 'healthy']

/** CloudNativePG: the next healthy instance after the primary, or the one that is named, by its number or in full. */
function promoteInstance(object: KubeObject, { parameters, now }: ActionInput): KubeObject {
  const wanted = parameters['instance'] ?? ''
  const selected = selectInstance(object, wanted)
  if (selected === undefined) {
    throw new CapstanError('bad-input', `Could not find a healthy instance matching the criteria: ${wanted}`)
  }
  const fields = {
    targetPrimary: selected,
    targetPrimaryTimestamp: isoTime(now),
    phase: 'Switchover in progress',
    phaseReason: `Switching over to ${selected}`,
  }
  return Object.entries(fields).reduce((held, [key, value]) => withField(held, ['status', key], value), object)
}

function selectInstance(object: KubeObject, wanted: string): string | undefined {
  const healthy = textsAt(object, ...HEALTHY_INSTANCES)
  if (wanted !== 'any') {
    const isNumber = wanted.trim() !== '' && Number.isFinite(Number(wanted))
    const name = isNumber ? `${object.metadata.name ?? ''}-${wanted}` : wanted
    return healthy.find((instance) => instance === name)
  }
  const primary = healthy.findIndex((instance) => instance === fieldAt(object, 'status', 'currentPrimary'))
  return healthy[(primary + 1) % healthy.length]
}

const CNPG_LOOP = 'cnpg.io/reconciliationLoop'
const isCnpgStopped = isAnnotated(CNPG_LOOP, 'disabled')
const isMongoPaused = isTrue('spec', 'pause')
const STRIMZI_ROLLING = 'strimzi.io/manual-rolling-update'

export const operatorActions: Readonly<Record<string, readonly ActionRule[]>> = {
  ...Object.fromEntries(FLUX_KINDS.map((kind) => [kind, [fluxReconcile, fluxSuspend, fluxResume]])),
  ...Object.fromEntries(FLUX_PASSIVE_KINDS.map((kind) => [kind, [fluxSuspend, fluxResume]])),
  'core.strimzi.io/StrimziPodSet': [
    action('rolling-update', annotate(STRIMZI_ROLLING, 'true'), { disabledWhen: isAnnotated(STRIMZI_ROLLING, 'true') }),
  ],
  'external-secrets.io/ExternalSecret': [
    action('refresh', stamp(annotation('force-sync')), {
      disabledWhen: (object) => isNeverRefreshed(object) && fieldAt(object, 'spec', 'refreshPolicy') !== 'OnChange',
    }),
  ],
  'external-secrets.io/PushSecret': [
    action('push', stamp(annotation('force-sync')), { disabledWhen: isNeverRefreshed }),
  ],
  'k8s.mariadb.com/MariaDB': [
    action('suspend', suspend, {
      ...PAUSE_ICON,
      displayName: 'Suspend',
      offeredWhen: not(isSuspended),
    }),
    action('resume', resume, { ...PLAY_ICON, displayName: 'Resume', offeredWhen: isSuspended }),
  ],
  'keda.sh/ScaledJob': [
    action('pause', annotate(KEDA_PAUSED, 'true'), { disabledWhen: isKedaPaused, ...PAUSE_CIRCLE }),
    action('resume', remove(annotation(KEDA_PAUSED)), { disabledWhen: not(isKedaPaused), ...PLAY_CIRCLE }),
  ],
  'keda.sh/ScaledObject': [
    action('pause', annotate(KEDA_PAUSED, 'true'), { disabledWhen: isKedaHeld, ...PAUSE_CIRCLE }),
    kedaPausedReplicas,
    action(
      'resume',
      (object) => withoutField(withoutField(object, annotation(KEDA_PAUSED)), annotation(KEDA_REPLICAS)),
      { disabledWhen: not(isKedaHeld), ...PLAY_CIRCLE },
    ),
  ],
  'postgresql.cnpg.io/Cluster': [
    action('restart', stamp(annotation('kubectl.kubernetes.io/restartedAt')), {
      iconClass: 'fa fa-fw fa-recycle',
      displayName: 'Rollout restart Cluster',
    }),
    action('reload', stamp(annotation('cnpg.io/reloadedAt')), {
      iconClass: 'fa fa-fw fa-rotate-right',
      displayName: 'Reload all Configuration',
    }),
    action('promote', promoteInstance, {
      iconClass: 'fa fa-fw fa-angles-up',
      displayName: 'Promote Replica to Primary',
      params: [{ name: 'instance', default: 'any' }],
      disabledWhen: (object) => textsAt(object, ...HEALTHY_INSTANCES).length < 2,
    }),
    action('suspend', annotate(CNPG_LOOP, 'disabled'), {
      ...PAUSE_ICON,
      displayName: 'Suspend Reconciliation',
      offeredWhen: not(isCnpgStopped),
    }),
    action('resume', remove(annotation(CNPG_LOOP)), {
      ...PLAY_ICON,
      displayName: 'Resume Reconciliation',
      offeredWhen: isCnpgStopped,
    }),
  ],
  'psmdb.percona.com/PerconaServerMongoDB': [
    action('pause', set(['spec', 'pause'], true), { disabledWhen: isMongoPaused, ...PAUSE_CIRCLE }),
    action('unpause', set(['spec', 'pause'], false), { disabledWhen: not(isMongoPaused), ...PLAY_CIRCLE }),
  ],
}
