// Health of Flux' kinds: how many of their conditions speak of success and of progress decides, and Ready's reason is told.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import { objectAt, textIn } from '../fields.ts'
import { healthOf, type Health } from '../health.ts'
import { conditionsOf, type Assess } from './rule-language.ts'

/** What is counted (argo-cd v3.5.1 `resource_customizations/*.toolkit.fluxcd.io`). */
interface FluxKind {
  /** The value of Ready that means it is still on its way; with `Reconciling` that makes two. */
  readonly moving: 'Unknown' | 'False'
  /** Reasons of `Reconciling` that count; without them all do. */
  readonly reasons?: readonly string[]
  /** Conditions beside Ready that must be True; without them Ready alone is enough. */
  readonly also?: readonly string[]
  /** A kind that does not say whether it moves: two signs of it are a failure. */
  readonly isFailing?: true
}

const sourceKind: FluxKind = { moving: 'Unknown', also: ['ArtifactInStorage'] }

const KINDS: Readonly<Record<string, FluxKind>> = {
  'helm.toolkit.fluxcd.io/HelmRelease': { moving: 'Unknown', also: ['Released', 'TestSuccess'] },
  'image.toolkit.fluxcd.io/ImagePolicy': {
    moving: 'False',
    reasons: ['NewGeneration', 'AccessingRepository', 'ApplyingPolicy'],
  },
  'image.toolkit.fluxcd.io/ImageRepository': { moving: 'False', reasons: ['NewGeneration', 'Scanning'] },
  'image.toolkit.fluxcd.io/ImageUpdateAutomation': { moving: 'Unknown' },
  'kustomize.toolkit.fluxcd.io/Kustomization': { moving: 'Unknown' },
  'notification.toolkit.fluxcd.io/Receiver': { moving: 'False', isFailing: true },
  'source.toolkit.fluxcd.io/Bucket': sourceKind,
  'source.toolkit.fluxcd.io/GitRepository': sourceKind,
  'source.toolkit.fluxcd.io/HelmChart': sourceKind,
  'source.toolkit.fluxcd.io/HelmRepository': sourceKind,
  'source.toolkit.fluxcd.io/OCIRepository': sourceKind,
}

/** Image policies cannot be suspended. */
const NEVER_SUSPENDED = 'ImagePolicy'

export const fluxRules: Readonly<Record<string, Assess>> = Object.fromEntries(
  Object.entries(KINDS).map(([key, kind]) => [key, (object: KubeObject) => assessFlux(object, kind)]),
)

function assessFlux(object: KubeObject, flux: FluxKind): Health {
  const spec = objectAt(object, 'spec')
  if (spec['suspend'] === true && object.kind !== NEVER_SUSPENDED) {
    return healthOf('Suspended', `${object.kind} is suspended`)
  }
  if (object.kind === 'HelmRepository' && spec['type'] === 'oci') {
    return healthOf('Healthy', "Helm repositories of type 'oci' do not contain any information in the status.")
  }
  if (!Array.isArray(objectAt(object, 'status')['conditions'])) return healthOf('Progressing', 'Status unknown')
  return judge(conditionsOf(object), flux)
}

function judge(list: readonly JsonObject[], { moving, reasons, also = [], isFailing }: FluxKind): Health {
  const ready = list.filter(({ type }) => type === 'Ready')
  const isTrue = ({ status }: JsonObject): boolean => status === 'True'
  const others = list.filter((condition) => condition['type'] !== 'Ready' && isTrue(condition))
  const isMoving = (condition: JsonObject): boolean =>
    condition['type'] === 'Reconciling' && (reasons?.includes(textIn(condition, 'reason')) ?? true)
  const isDone = (condition: JsonObject): boolean => also.includes(textIn(condition, 'type'))
  const movingCount = ready.filter(({ status }) => status === moving).length + others.filter(isMoving).length
  const doneCount = ready.filter(isTrue).length + others.filter(isDone).length
  const text = describe(list, also.includes('ArtifactInStorage'))
  if (movingCount === 2) return healthOf(isFailing === true ? 'Degraded' : 'Progressing', text)
  return healthOf(doneCount === (also.length === 0 ? 1 : 2) ? 'Healthy' : 'Degraded', text)
}

/** The reason of Ready, and for sources why the artifact is old where that is told after it. */
function describe(list: readonly JsonObject[], isSource: boolean): string {
  let text = ''
  for (const condition of list) {
    const reason = textIn(condition, 'reason')
    if (condition['type'] === 'Ready') text = reason
    else if (isSource && condition['type'] === 'ArtifactOutdated' && condition['status'] === 'True')
      text += ` ${reason}`
  }
  return text
}
