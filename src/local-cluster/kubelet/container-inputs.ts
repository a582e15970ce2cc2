// What a container gets from the API: environment variables, and the files of its volumes. Says what is missing as the kubelet does.
import type { JsonObject, KubeObject } from '../../kube/object.ts'
import type { Container, Pod } from '../workloads/kit/model.ts'
import { fieldValue, resourceValue } from './downward-values.ts'
import { bytesText } from './shell/machine.ts'

/** Reads the objects that pods refer to. */
export interface InputSource {
  /** Undefined where it does not exist. */
  get(kind: 'ConfigMap' | 'Secret', namespace: string, name: string): Promise<KubeObject | undefined>
  /** A token of the pod's account. */
  token(pod: Pod, audience: string | undefined): Promise<string>
}

/** What stands in the way of a container, in the kubelet's words. */
export class InputProblem extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InputProblem'
  }
}

interface KeyRef {
  readonly name: string
  readonly key: string
  readonly optional?: boolean
}

interface ObjectRef {
  readonly name?: string
  readonly secretName?: string
  readonly optional?: boolean
  readonly items?: readonly { readonly key: string; readonly path: string }[]
}

interface EnvSource {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string }
    readonly resourceFieldRef?: {
      readonly resource: string
      readonly containerName?: string
      readonly divisor?: string
    }
    readonly configMapKeyRef?: KeyRef
    readonly secretKeyRef?: KeyRef
  }
}

interface EnvFrom {
  readonly prefix?: string
  readonly configMapRef?: ObjectRef
  readonly secretRef?: ObjectRef
}

interface DownwardItem {
  readonly path: string
  readonly fieldRef?: { readonly fieldPath: string }
  readonly resourceFieldRef?: { readonly resource: string; readonly containerName?: string; readonly divisor?: string }
}

interface VolumeSource {
  readonly configMap?: ObjectRef
  readonly secret?: ObjectRef
  readonly downwardAPI?: { readonly items?: readonly DownwardItem[] }
  readonly serviceAccountToken?: { readonly path: string; readonly audience?: string }
}

interface PodVolume extends VolumeSource {
  readonly name: string
  readonly projected?: { readonly sources?: readonly VolumeSource[] }
}

interface Mount {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
}

const BASE_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  KUBERNETES_SERVICE_HOST: '10.96.0.1',
  KUBERNETES_SERVICE_PORT: '443',
  KUBERNETES_SERVICE_PORT_HTTPS: '443',
  KUBERNETES_PORT: 'tcp://10.96.0.1:443',
}

/** Whether a container's environment names other objects. */
export function refersToObjects(container: Container): boolean {
  const { env = [], envFrom = [] } = envOf(container)
  return (
    envFrom.length > 0 ||
    env.some(({ valueFrom }) => valueFrom?.configMapKeyRef !== undefined || valueFrom?.secretKeyRef !== undefined)
  )
}

function envOf(container: Container): { readonly env?: readonly EnvSource[]; readonly envFrom?: readonly EnvFrom[] } {
  return container as { readonly env?: readonly EnvSource[]; readonly envFrom?: readonly EnvFrom[] } // checked by the server
}

export interface PodFacts {
  readonly pod: Pod
  readonly podIp: string
  readonly hostIp: string
}

/** The variables that need no other object; what does is left out. */
export function plainEnvironment(container: Container, facts: PodFacts): Record<string, string> {
  const env = baseEnvironment(facts)
  for (const one of envOf(container).env ?? []) {
    const value = plainValue(one, container, facts)
    if (value !== undefined) env[one.name] = expandValue(value, env)
  }
  return env
}

function baseEnvironment({ pod }: PodFacts): Record<string, string> {
  return { ...BASE_ENV, HOSTNAME: hostnameOf(pod), HOME: '/root' }
}

/** As inside the container. */
export function hostnameOf(pod: Pod): string {
  return pod.spec.hostname ?? pod.metadata.name ?? ''
}

function plainValue({ value, valueFrom }: EnvSource, container: Container, facts: PodFacts): string | undefined {
  if (valueFrom === undefined) return value ?? ''
  if (valueFrom.fieldRef !== undefined) return fieldValue(facts, valueFrom.fieldRef.fieldPath)
  if (valueFrom.resourceFieldRef !== undefined) return resourceValue(facts.pod, valueFrom.resourceFieldRef, container)
  return undefined
}

/** `$(NAME)` of variables that came before. */
function expandValue(value: string, env: Readonly<Record<string, string>>): string {
  return value.replaceAll(/\$\$|\$\((?<name>[A-Za-z_][\w.-]*)\)/g, (whole: string, name: string | undefined) => {
    if (whole === '$$') return '$'
    return name === undefined ? whole : (env[name] ?? whole)
  })
}

/** All variables of a container. Throws `InputProblem` (kubelet_pods.go `makeEnvironmentVariables`, v1.36.3). */
export async function environmentOf(
  container: Container,
  facts: PodFacts,
  source: InputSource,
): Promise<Record<string, string>> {
  const { env = [], envFrom = [] } = envOf(container)
  const result = baseEnvironment(facts)
  for (const from of envFrom) Object.assign(result, await allKeys(from, facts.pod, source))
  for (const one of env) {
    const plain = plainValue(one, container, facts)
    const value = plain === undefined ? await keyValue(one, facts.pod, source) : expandValue(plain, result)
    if (value !== undefined) result[one.name] = value
  }
  return result
}

async function allKeys(
  { prefix = '', configMapRef, secretRef }: EnvFrom,
  pod: Pod,
  source: InputSource,
): Promise<Record<string, string>> {
  const kind = configMapRef === undefined ? 'Secret' : 'ConfigMap'
  const data = (await dataOf({ kind, ref: configMapRef ?? secretRef ?? {} }, pod, source)) ?? new Map<string, string>()
  return Object.fromEntries([...data].map(([key, value]) => [`${prefix}${key}`, decodeText(value)]))
}

function decodeText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

async function keyValue({ valueFrom }: EnvSource, pod: Pod, source: InputSource): Promise<string | undefined> {
  const kind = valueFrom?.configMapKeyRef === undefined ? 'Secret' : 'ConfigMap'
  const ref = valueFrom?.configMapKeyRef ?? valueFrom?.secretKeyRef
  if (ref === undefined) return undefined
  const data = await dataOf({ kind, ref }, pod, source)
  const value = data?.get(ref.key)
  if (value !== undefined) return decodeText(value)
  if (ref.optional === true) return undefined
  throw new InputProblem(`couldn't find key ${ref.key} in ${kind} ${pod.metadata.namespace ?? ''}/${ref.name}`)
}

/** Keys and values as bytes; undefined for an optional object that is not there. */
async function dataOf(
  wanted: { readonly kind: 'ConfigMap' | 'Secret'; readonly ref: ObjectRef },
  pod: Pod,
  source: InputSource,
): Promise<ReadonlyMap<string, string> | undefined> {
  const { kind, ref } = wanted
  const name = ref.name ?? ref.secretName ?? ''
  const object = await source.get(kind, pod.metadata.namespace ?? '', name)
  if (object === undefined) {
    if (ref.optional === true) return undefined
    throw new InputProblem(`${kind.toLowerCase()} "${name}" not found`)
  }
  const { data = {}, binaryData = {} } = object as KubeObject & { data?: JsonObject; binaryData?: JsonObject }
  const plain = Object.entries(data).map(([key, value]): [string, string] => {
    const text = textOf(value)
    return [key, kind === 'Secret' ? decode(text) : bytesText(text)]
  })
  return new Map([
    ...plain,
    ...Object.entries(binaryData).map(([key, value]): [string, string] => [key, decode(textOf(value))]),
  ])
}

/** The server lets only texts in. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1')
}

/** The injected account volume is always there: a pod does not wait for the ConfigMap of a namespace just made. */
function isWatched({ name }: PodVolume): boolean {
  return !name.startsWith('kube-api-access-')
}

function volumesOf(pod: Pod): readonly PodVolume[] {
  return pod.spec.volumes ?? []
}

/** Whether a pod has volumes made of other objects. */
export function hasObjectVolumes(pod: Pod): boolean {
  return volumesOf(pod).some(
    (one) => isWatched(one) && sourcesOf(one).some(({ configMap, secret }) => (configMap ?? secret) !== undefined),
  )
}

function sourcesOf(volume: PodVolume): readonly VolumeSource[] {
  return volume.projected?.sources ?? [volume]
}

/** Throws `InputProblem` with the text of a FailedMount event for the first volume that cannot be made. */
export async function checkVolumes(facts: PodFacts, source: InputSource): Promise<void> {
  for (const volume of volumesOf(facts.pod).filter(isWatched)) {
    try {
      await volumeFiles(volume, facts, source, true)
    } catch (error) {
      if (!(error instanceof InputProblem)) throw error
      throw new InputProblem(`MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : ${error.message}`)
    }
  }
}

export interface MountedFiles {
  readonly files: ReadonlyMap<string, string>
  readonly roots: readonly string[]
}

/** The files a container finds in its volumes and in /etc; volumes of other kinds are empty directories it can write to. */
export async function mountedFiles(container: Container, facts: PodFacts, source: InputSource): Promise<MountedFiles> {
  const { volumeMounts = [] } = container as { readonly volumeMounts?: readonly Mount[] }
  const files = new Map(etcFiles(facts))
  const roots: string[] = []
  for (const { name, mountPath, subPath } of volumeMounts) {
    const volume = volumesOf(facts.pod).find((one) => one.name === name)
    if (volume === undefined || !isReadOnly(volume)) continue
    const path = mountPath.replace(/\/+$/, '')
    const found = await volumeFiles(volume, facts, source, false)
    if (subPath === undefined) for (const [file, text] of found) files.set(`${path}/${file}`, text)
    else files.set(path, found.get(subPath) ?? '')
    roots.push(path)
  }
  return { files, roots }
}

function isReadOnly(volume: PodVolume): boolean {
  return (volume.configMap ?? volume.secret ?? volume.downwardAPI ?? volume.projected) !== undefined
}

function etcFiles({ pod, podIp }: PodFacts): readonly (readonly [string, string])[] {
  const namespace = pod.metadata.namespace ?? ''
  const host = hostnameOf(pod)
  return [
    ['/etc/hostname', bytesText(`${host}\n`)],
    ['/etc/hosts', bytesText(`# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n${podIp}\t${host}\n`)],
    [
      '/etc/resolv.conf',
      `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n`,
    ],
  ]
}

/** `isCheck`: only what can be missing is read. */
async function volumeFiles(
  volume: PodVolume,
  facts: PodFacts,
  source: InputSource,
  isCheck: boolean,
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const one of sourcesOf(volume)) {
    const { configMap, secret, downwardAPI, serviceAccountToken } = one
    const ref = configMap ?? secret
    if (ref !== undefined) {
      const kind = configMap === undefined ? 'Secret' : 'ConfigMap'
      for (const [path, text] of await keyFiles({ kind, ref }, facts.pod, source)) files.set(path, text)
    }
    if (isCheck) continue
    for (const item of downwardAPI?.items ?? []) files.set(item.path, bytesText(downwardText(item, facts)))
    if (serviceAccountToken !== undefined)
      files.set(serviceAccountToken.path, await source.token(facts.pod, serviceAccountToken.audience))
  }
  return files
}

function downwardText(item: DownwardItem, facts: PodFacts): string {
  if (item.fieldRef !== undefined) return fieldValue(facts, item.fieldRef.fieldPath)
  return item.resourceFieldRef === undefined ? '' : resourceValue(facts.pod, item.resourceFieldRef, undefined)
}

async function keyFiles(
  wanted: { readonly kind: 'ConfigMap' | 'Secret'; readonly ref: ObjectRef },
  pod: Pod,
  source: InputSource,
): Promise<readonly (readonly [string, string])[]> {
  const data = await dataOf(wanted, pod, source)
  if (data === undefined) return []
  const { items, optional } = wanted.ref
  if (items === undefined) return [...data]
  return items.flatMap(({ key, path }): (readonly [string, string])[] => {
    const text = data.get(key)
    if (text !== undefined) return [[path, text]]
    if (optional === true) return []
    throw new InputProblem(`references non-existent ${wanted.kind === 'Secret' ? 'secret' : 'config'} key: ${key}`)
  })
}
