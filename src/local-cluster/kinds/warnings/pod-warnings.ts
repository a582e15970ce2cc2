// What the server warns of in pods and their templates (kubernetes v1.36.3 `pkg/api/pod/warnings.go`, `pkg/api/node/util.go`).
import { formatQuantity, quantityOf, roundUpToMilli } from '../../../kube/quantity.ts'
import type { JsonObject, JsonValue } from '../../../kube/object.ts'
import { isAbsent, listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { overlapWarnings } from './overlapping-paths.ts'

const NANO = 1_000_000_000n

const DEPRECATED_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'app.kubernetes.io/created-by': 'deprecated since v1.9',
  'scheduler.alpha.kubernetes.io/preferAvoidPods': 'deprecated since v1.22; use Taints and Tolerations instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

const DEPRECATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
}

const DEPRECATED_VOLUMES: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageOS: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod'
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/'
const USE_SECCOMP_FIELD = 'non-functional in v1.27+; use the "seccompProfile" field instead'
const NO_SELECTOR = 'a null labelSelector results in matching no pod'

/** Warnings for a pod (`path` empty) or a template (`spec.template`), in the order the server lists them. */
export function podWarnings(pod: JsonObject, path = ''): readonly string[] {
  const at = path === '' ? '' : `${path}.`
  const spec = objectOf(pod['spec'])
  const annotations = objectOf(objectOf(pod['metadata'])['annotations'])
  const containers = containersOf(spec, `${at}spec`)
  return [
    ...placementWarnings(spec, `${at}spec`),
    ...deprecatedKeys(annotations, DEPRECATED_ANNOTATIONS, `${at}metadata.annotations`),
    ...volumeWarnings(spec, `${at}spec`),
    ...repeated(objectsOf(spec['hostAliases']), 'ip').map(([index, ip]) => `${at}spec.hostAliases[${index}].ip: duplicate ip "${ip}"`), // prettier-ignore
    ...pullSecretWarnings(spec, `${at}spec`),
    ...fractionWarnings(spec['overhead'], `${at}spec.overhead`),
    ...seccompWarnings(spec, annotations, at),
    ...containers.flatMap(([place, container]) => containerWarnings(container, place, annotations, at)),
    ...portWarnings(containers),
    ...portNameWarnings(containers),
    ...graceWarnings(spec, `${at}spec`),
    ...affinityWarnings(objectOf(spec['affinity']), `${at}spec.affinity`),
  ]
}

function graceWarnings(spec: JsonObject, at: string): readonly string[] {
  if (numberOf(spec['terminationGracePeriodSeconds']) >= 0) return []
  return [`${at}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`]
}

function deprecatedKeys(map: JsonObject, table: Readonly<Record<string, string>>, at: string): readonly string[] {
  return Object.keys(table)
    .filter((key) => Object.hasOwn(map, key))
    .map((key) => `${at}[${key}]: ${table[key] ?? ''}`)
}

function placementWarnings(spec: JsonObject, at: string): readonly string[] {
  const nodes = objectOf(objectOf(spec['affinity'])['nodeAffinity'])
  const required = objectsOf(objectOf(nodes['requiredDuringSchedulingIgnoredDuringExecution'])['nodeSelectorTerms'])
  const preferred = objectsOf(nodes['preferredDuringSchedulingIgnoredDuringExecution'])
  const affinity = `${at}.affinity.nodeAffinity`
  return [
    ...deprecatedKeys(objectOf(spec['nodeSelector']), DEPRECATED_LABELS, `${at}.nodeSelector`),
    ...required.flatMap((term, index) =>
      termWarnings(term, `${affinity}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${index}]`),
    ),
    ...preferred.flatMap((term, index) =>
      termWarnings(
        objectOf(term['preference']),
        `${affinity}.preferredDuringSchedulingIgnoredDuringExecution[${index}].preference`,
      ),
    ),
    ...objectsOf(spec['topologySpreadConstraints']).flatMap((constraint, index) => {
      const place = `${at}.topologySpreadConstraints[${index}]`
      const key = textOf(constraint['topologyKey'])
      const why = DEPRECATED_LABELS[key]
      return [
        ...(why === undefined ? [] : [`${place}.topologyKey: ${key} is ${why}`]),
        ...(isAbsent(constraint['labelSelector']) ? [`${place}.labelSelector: ${NO_SELECTOR}`] : []),
      ]
    }),
  ]
}

/** Warnings for the expressions of one node selector term. */
export function termWarnings(term: JsonObject, at: string): readonly string[] {
  return objectsOf(term['matchExpressions']).flatMap((expression, index) => {
    const key = textOf(expression['key'])
    const why = DEPRECATED_LABELS[key]
    return why === undefined ? [] : [`${at}.matchExpressions[${index}].key: ${key} is ${why}`]
  })
}

function volumeWarnings(spec: JsonObject, at: string): readonly string[] {
  const volumes = objectsOf(spec['volumes'])
  const deprecated = volumes.flatMap((volume, index) =>
    Object.keys(DEPRECATED_VOLUMES)
      .filter((kind) => !isAbsent(volume[kind]))
      .map((kind) => `${at}.volumes[${index}].${kind}: ${DEPRECATED_VOLUMES[kind] ?? ''}`),
  )
  return [...deprecated, ...volumes.flatMap(overlapWarnings)]
}

/** Items whose key another one before them has, with their places. */
function repeated(items: readonly JsonObject[], key: string): readonly (readonly [index: number, value: string])[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const value = textOf(item[key])
    if (seen.has(value)) return [[index, value] as const]
    seen.add(value)
    return []
  })
}

function pullSecretWarnings(spec: JsonObject, at: string): readonly string[] {
  const secrets = objectsOf(spec['imagePullSecrets'])
  const place = (index: number): string => `${at}.imagePullSecrets[${index}].name`
  return [
    ...repeated(secrets, 'name').map(([index, name]) => `${place(index)}: duplicate name "${name}"`),
    ...secrets.flatMap((secret, index) =>
      textOf(secret['name']) === '' ? [`${place(index)}: invalid empty name ""`] : [],
    ),
  ]
}

/** Bytes come whole; thousandths are looked at, rounded up (`MilliValue`). */
function fractionWarnings(amounts: JsonValue | undefined, at: string): readonly string[] {
  return ['memory', 'ephemeral-storage'].flatMap((resource) => {
    const text = textOf(objectOf(amounts)[resource])
    const quantity = text === '' ? undefined : quantityOf(text)
    if (quantity === undefined || roundUpToMilli(quantity).nano % NANO === 0n) return []
    return [`${at}[${resource}]: fractional byte value "${formatQuantity(quantity)}" is invalid, must be an integer`]
  })
}

function seccompWarnings(spec: JsonObject, annotations: JsonObject, at: string): readonly string[] {
  if (!isAbsent(objectOf(spec['securityContext'])['seccompProfile'])) return []
  return Object.hasOwn(annotations, SECCOMP_POD) ? [`${at}metadata.annotations[${SECCOMP_POD}]: ${USE_SECCOMP_FIELD}`] : [] // prettier-ignore
}

type Placed = readonly [place: string, container: JsonObject]

function containersOf(spec: JsonObject, at: string): readonly Placed[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    objectsOf(spec[list]).map((container, index): Placed => [`${at}.${list}[${index}]`, container]),
  )
}

function containerWarnings(
  container: JsonObject,
  place: string,
  annotations: JsonObject,
  at: string,
): readonly string[] {
  const seccomp = `${SECCOMP_CONTAINER}${textOf(container['name'])}`
  const hasProfile = !isAbsent(objectOf(container['securityContext'])['seccompProfile'])
  const { limits, requests } = objectOf(container['resources'])
  const fractions = ['memory', 'ephemeral-storage'].flatMap((resource) => [
    ...fractionWarnings({ [resource]: objectOf(limits)[resource] ?? '' }, `${place}.resources.limits`),
    ...fractionWarnings({ [resource]: objectOf(requests)[resource] ?? '' }, `${place}.resources.requests`),
  ])
  return [
    ...(!hasProfile && Object.hasOwn(annotations, seccomp)
      ? [`${at}metadata.annotations[${seccomp}]: ${USE_SECCOMP_FIELD}`]
      : []),
    ...fractions,
    ...repeated(objectsOf(container['env']), 'name').flatMap(([index, name]) => {
      const value = textOf(objectsOf(container['env'])[index]?.['value'])
      // `X=$(X)more` builds on what was there.
      const builds = value.includes(`$(${name})`) && value !== `$(${name})`
      const hides = `hides previous definition of "${name}", which may be dropped when using apply`
      return builds ? [] : [`${place}.env[${index}]: ${hides}`]
    }),
  ]
}

interface PlacedPort {
  readonly place: string
  readonly hostIp: string
  readonly hostPort: number
}

function portWarnings(containers: readonly Placed[]): readonly string[] {
  const seen = new Map<string, PlacedPort[]>()
  return containers.flatMap(([place, container]) =>
    objectsOf(container['ports']).flatMap((port, index) => {
      const unused = unusedAddress(port, `${place}.ports[${index}]`)
      const mine = {
        place: `${place}.ports[${index}]`,
        hostIp: textOf(port['hostIP']),
        hostPort: numberOf(port['hostPort']),
      }
      const key = `${numberOf(port['containerPort'])}/${textOf(port['protocol'])}`
      const others = seen.get(key) ?? []
      seen.set(key, [...others, mine])
      const overlaps = others.flatMap((other) => {
        const kind = overlapOf(mine, other)
        return kind === undefined ? [] : [`${mine.place}: ${kind} port definition with ${other.place}`]
      })
      return [...unused, ...overlaps]
    }),
  )
}

/** An address of the node without a port of it; the port is shown as Go prints the struct. */
function unusedAddress(port: JsonObject, place: string): readonly string[] {
  const [name, ip, hostPort] = [textOf(port['name']), textOf(port['hostIP']), numberOf(port['hostPort'])]
  if (ip === '' || hostPort !== 0) return []
  const shown = `{Name:${name} HostPort:0 ContainerPort:${numberOf(port['containerPort'])} Protocol:${textOf(port['protocol'])} HostIP:${ip}}`
  return [`${place}: hostIP set without hostPort: ${shown}`]
}

function overlapOf(a: PlacedPort, b: PlacedPort): string | undefined {
  if (a.hostIp === b.hostIp && a.hostPort === b.hostPort) return 'duplicate'
  if (a.hostPort === 0 || b.hostPort === 0) return 'overlapping'
  return a.hostPort === b.hostPort && (a.hostIp === '') !== (b.hostIp === '') ? 'dangerously ambiguous' : undefined
}

function portNameWarnings(containers: readonly Placed[]): readonly string[] {
  const seen = new Map<string, string>()
  return containers.flatMap(([place, container]) =>
    objectsOf(container['ports']).flatMap((port, index) => {
      const name = textOf(port['name'])
      const first = seen.get(name)
      if (name === '') return []
      if (first === undefined) {
        seen.set(name, `${place}.ports[${index}]`)
        return []
      }
      const use = `services and probes that select ports by name will use ${first}`
      return [`${place}.ports[${index}]: duplicate port name "${name}" with ${first}, ${use}`]
    }),
  )
}

function affinityWarnings(affinity: JsonObject, at: string): readonly string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((side) => {
    const terms = objectOf(affinity[side])
    const none = (term: JsonValue | undefined): boolean => isAbsent(objectOf(term)['labelSelector'])
    const [required, preferred] = [
      'requiredDuringSchedulingIgnoredDuringExecution',
      'preferredDuringSchedulingIgnoredDuringExecution',
    ]
    const place = `${at}.${side}`
    return [
      ...listOf(terms[required ?? '']).flatMap((term, index) =>
        none(term) ? [`${place}.${required ?? ''}[${index}].labelSelector: ${NO_SELECTOR}`] : [],
      ),
      ...objectsOf(terms[preferred ?? '']).flatMap((term, index) =>
        none(term['podAffinityTerm'])
          ? [`${place}.${preferred ?? ''}[${index}].podAffinityTerm.labelSelector: ${NO_SELECTOR}`]
          : [],
      ),
    ]
  })
}
