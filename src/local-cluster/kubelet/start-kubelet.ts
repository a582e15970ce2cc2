// The simulated nodes of a cluster and the kubelet on each of them, over nothing but the API.
import { sleep, type Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { KubeError, type KubeClient, type ResourceRef, type ResourceType } from '../../kube/client/client.ts'
import type { Informer } from '../../kube/client/informer.ts'
import { InformerSet } from '../../kube/client/informer-set.ts'
import type { ApiResponse } from '../../kube/client/transport.ts'
import type { KubeObject } from '../../kube/object.ts'
import { createEventRecorder, type EventRecord, type EventRecorder } from '../../reconcile/events.ts'
import {
  NodeRefusal,
  type CommandQuery,
  type CommandRun,
  type Forward,
  type LogQuery,
  type PodBackend,
} from '../apiserver/hooks.ts'
import type { Node, Pod } from '../workloads/kit/model.ts'
import { inputSource } from './input-source.ts'
import { attachTo, execIn, fullName, readLog, type CommandFacts } from './node-commands.ts'
import { nodeIp, nodeObject, type NodeSpec } from './node-objects.ts'
import { PodAddresses } from './pod-addresses.ts'
import { ImageManager } from './images/image-manager.ts'
import { ImagePuller, type PullerOptions } from './images/image-puller.ts'
import { NodeImages, type VerificationPolicy } from './images/node-images.ts'
import { PodImages } from './images/pod-images.ts'
import { PodRun } from './pod-run.ts'
import { echoConnection } from './port-echo.ts'
import { StatusWriter } from './status-writer.ts'

/** A third of the lease's 40 s, as the kubelet's default of 10 s, but rarer: writes cost more here than detection is worth. */
const HEARTBEAT_MS = 15_000
const LEASE_SECONDS = 40
const LEASE_NAMESPACE = 'kube-node-lease'

export interface KubeletOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** How many simulated nodes, or which. Default 3, named `node-1` … */
  readonly nodes?: number | readonly NodeSpec[]
  /** Ends everything, like `stop`. */
  readonly signal?: AbortSignal
  /** Shared caches; own ones by default. */
  readonly informers?: InformerSet
  /** Asks registries for images, with the pods' pull secrets. Absent: every image is there. */
  readonly verifyImages?: VerifyImages
}

export interface VerifyImages extends Pick<PullerOptions, 'insecureHosts' | 'ca'> {
  /** Default `NeverVerifyPreloadedImages`, as the kubelet's. */
  readonly policy?: VerificationPolicy
  /** Images that every node has from the start. */
  readonly preloaded?: readonly { readonly image: string; readonly digest: string }[]
}

/** The running kubelets; `log` is what the API server's pods/log asks for. */
export interface Kubelet extends PodBackend {
  readonly nodeNames: readonly string[]
  stop(): Promise<void>
}

/** Registers the nodes and serves every pod bound to them; resolves once the nodes are Ready. */
export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const { client, clock, log } = options
  const own = options.informers === undefined
  const informers = options.informers ?? new InformerSet({ client, clock, log })
  const pods = await informers.of<Pod>({ group: '', kind: 'Pod' })
  const kubelet = new SimulatedKubelet(options, pods, own ? informers : undefined)
  if (own) informers.start()
  await kubelet.start()
  options.signal?.addEventListener('abort', () => void kubelet.stop(), { once: true })
  return kubelet
}

interface SimulatedNode {
  readonly spec: NodeSpec
  readonly index: number
  readonly addresses: PodAddresses
  readonly events: EventRecorder
  /** Absent where images are not verified. */
  readonly images: ImageManager | undefined
}

interface ServedPod {
  readonly run: PodRun
  readonly writer: StatusWriter
  readonly node: SimulatedNode
  readonly address: string
  readonly images: PodImages | undefined
}

class SimulatedKubelet implements Kubelet {
  readonly nodeNames: readonly string[]
  readonly #options: KubeletOptions
  readonly #pods: Informer<Pod>
  readonly #ownInformers: InformerSet | undefined
  readonly #puller: ImagePuller | undefined
  readonly #nodes: ReadonlyMap<string, SimulatedNode>
  readonly #served = new Map<string, ServedPod>()
  readonly #stopping = new AbortController()
  #heartbeats: Promise<void> = Promise.resolve()

  constructor(options: KubeletOptions, pods: Informer<Pod>, ownInformers: InformerSet | undefined) {
    this.#options = options
    this.#pods = pods
    this.#ownInformers = ownInformers
    this.#puller = options.verifyImages && new ImagePuller({ clock: options.clock, ...options.verifyImages })
    const nodes = nodeSpecs(options.nodes ?? 3).map((spec, index): [string, SimulatedNode] => {
      const { client, clock, log } = options
      const events = createEventRecorder({ client, clock, log, component: 'kubelet', host: spec.name })
      return [spec.name, { spec, index, addresses: new PodAddresses(index), events, images: this.#imagesOfNode() }]
    })
    this.#nodes = new Map(nodes)
    this.nodeNames = [...this.#nodes.keys()]
  }

  async start(): Promise<void> {
    await this.#register()
    this.#pods.onChange(({ type, object }) => {
      if (type === 'DELETED') this.#forget(object)
      else this.#serve(object)
    })
    this.#heartbeats = this.#beat()
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('kubelet stopped'))
    for (const { run, writer, images } of this.#served.values()) {
      images?.stop()
      run.stop()
      writer.stop()
    }
    await Promise.all([...this.#served.values()].map(({ writer }) => writer.idle()))
    this.#served.clear()
    await this.#heartbeats
    await Promise.all([...this.#nodes.values()].map(({ events }) => events.flush()))
    await this.#puller?.close()
    await this.#ownInformers?.stop()
  }

  async exec(pod: KubeObject, query: CommandQuery): Promise<CommandRun> {
    return execIn(this.#commandFacts(pod), query)
  }

  async attach(pod: KubeObject, query: CommandQuery): Promise<CommandRun> {
    return attachTo(this.#commandFacts(pod), query)
  }

  async forward(pod: KubeObject): Promise<Forward> {
    const { run, node } = this.#commandFacts(pod)
    if (run?.isAlive !== true) throw new NodeRefusal(500, `pod not found (${JSON.stringify(fullName(pod))})`)
    const { namespace = '', name = '' } = pod.metadata
    return (port, connection) => echoConnection(connection, { namespace, pod: name, node: node ?? '', port })
  }

  #commandFacts(pod: KubeObject): CommandFacts {
    const served = this.#served.get(pod.metadata.uid ?? '')
    return { clock: this.#options.clock, pod, run: served?.run, node: served?.node.spec.name }
  }

  async log(pod: KubeObject, query: LogQuery): Promise<ApiResponse['body']> {
    const served = this.#served.get(pod.metadata.uid ?? '')
    return readLog(served?.run.container(query.container), pod, query, this.#options.clock.now())
  }

  #serve(pod: Pod): void {
    const node = this.#nodes.get(pod.spec.nodeName ?? '')
    if (node === undefined || this.#stopping.signal.aborted) return
    const known = this.#served.get(pod.metadata.uid ?? '')
    if (known !== undefined) known.run.update(pod)
    const served = known ?? this.#admit(pod, node)
    if (pod.metadata.deletionTimestamp === undefined) return
    served.run.terminate(() => served.writer.remove())
    served.images?.stop()
  }

  #imagesOfNode(): ImageManager | undefined {
    const { clock, verifyImages } = this.#options
    if (verifyImages === undefined || this.#puller === undefined) return undefined
    const images = new NodeImages(verifyImages.policy)
    for (const { image, digest } of verifyImages.preloaded ?? []) images.preload(image, digest)
    return new ImageManager({ clock, images, puller: this.#puller })
  }

  #imagesOfPod(node: SimulatedNode, event: (event: EventRecord) => void): PodImages | undefined {
    const { images } = node
    return images && new PodImages({ client: this.#options.client, manager: images, event })
  }

  #admit(pod: Pod, node: SimulatedNode): ServedPod {
    const { client, clock, log } = this.#options
    const address = this.#addressFor(pod, node)
    const writer = new StatusWriter({
      client,
      clock,
      log,
      type: this.#pods.type,
      status: () => ({ pod: run.pod, status: run.status() }),
    })
    const event = (record: EventRecord): void => node.events.record(run.pod, record)
    const images = this.#imagesOfPod(node, event)
    const run: PodRun = new PodRun(pod, {
      clock,
      hostIp: nodeIp(node.index),
      podIp: address,
      changed: () => writer.changed(),
      event,
      inputs: inputSource(client),
      ...(images === undefined ? {} : { ensureImage: (wanted) => images.ensure(wanted) }),
    })
    const served = { run, writer, node, address, images }
    this.#served.set(pod.metadata.uid ?? '', served)
    const isOver = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
    if (isOver) run.recall()
    else if (pod.metadata.deletionTimestamp === undefined) run.start()
    return served
  }

  #addressFor(pod: Pod, node: SimulatedNode): string {
    if (pod.spec.hostNetwork === true) return nodeIp(node.index)
    const known = pod.status?.podIP
    if (known === undefined) return node.addresses.take()
    node.addresses.claim(known)
    return known
  }

  #forget(pod: Pod): void {
    const served = this.#served.get(pod.metadata.uid ?? '')
    if (served === undefined) return
    this.#served.delete(pod.metadata.uid ?? '')
    served.images?.stop()
    served.run.stop()
    served.writer.stop()
    served.node.addresses.release(served.address)
  }

  async #register(): Promise<void> {
    const type = await this.#type('', 'Node')
    await Promise.all([...this.#nodes.values()].map((node) => this.#registerNode(type, node)))
  }

  async #registerNode(type: ResourceType, node: SimulatedNode): Promise<void> {
    const { client, clock } = this.#options
    const wanted = nodeObject(node.spec, node.index, clock.now())
    const ref = { type, name: node.spec.name }
    const known = (await client.get(ref)) ?? (await client.create(type, wanted))
    // Creation keeps the status of a Node, as the real server does; a node that was there gets a fresh one.
    const { status } = wanted as KubeObject & { readonly status: object }
    await client.update({ ...ref, subresource: 'status' }, { ...known, status } as KubeObject)
    await this.#untaint(ref, known)
    await this.#renewLease(node)
  }

  /** The server taints new nodes as not ready; taking that away is the node lifecycle controller's part. */
  async #untaint(ref: ResourceRef, node: KubeObject): Promise<void> {
    const { spec } = node as Node
    const taints = spec?.taints ?? []
    const kept = taints.filter((taint) => taint.key !== 'node.kubernetes.io/not-ready').map((taint) => ({ ...taint }))
    if (kept.length === taints.length) return
    await this.#options.client.patch(ref, 'merge', { spec: { taints: kept.length === 0 ? null : kept } })
  }

  /** One timer for all nodes. A heartbeat that fails is tried again with the next. */
  async #beat(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await sleep(clock, HEARTBEAT_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await Promise.all([...this.#nodes.values()].map((node) => this.#renewLease(node)))
      } catch (error) {
        log.debug('heartbeat failed', { error: messageOf(error) })
      }
    }
  }

  async #renewLease(node: SimulatedNode): Promise<void> {
    const { client, clock } = this.#options
    const type = await this.#type('coordination.k8s.io', 'Lease')
    const { name } = node.spec
    const renewTime = new Date(clock.now()).toISOString().replace('Z', '000Z')
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime }
    try {
      await client.patch({ type, namespace: LEASE_NAMESPACE, name }, 'merge', { spec })
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error
      await this.#createLease(type, { name, spec })
    }
  }

  async #createLease(type: ResourceType, lease: { readonly name: string; readonly spec: object }): Promise<void> {
    const { client } = this.#options
    const namespaces = await this.#type('', 'Namespace')
    const found = await client.get({ type: namespaces, name: LEASE_NAMESPACE })
    if (found === undefined) {
      await ignoreExisting(
        client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: LEASE_NAMESPACE } }),
      )
    }
    const metadata = { namespace: LEASE_NAMESPACE, name: lease.name }
    const object = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: lease.spec }
    await ignoreExisting(client.create(type, object))
  }

  async #type(group: string, kind: string): Promise<ResourceType> {
    const type = await this.#options.client.resourceOf({ group, kind })
    if (type === undefined) throw new KubeError(404, 'NotFound', `the cluster serves no ${kind}`)
    return type
  }
}

async function ignoreExisting(creation: Promise<unknown>): Promise<void> {
  try {
    await creation
  } catch (error) {
    // Another node's kubelet was quicker.
    if (!(error instanceof KubeError) || error.reason !== 'AlreadyExists') throw error
  }
}

function nodeSpecs(nodes: number | readonly NodeSpec[]): readonly NodeSpec[] {
  if (typeof nodes !== 'number') return nodes
  return Array.from({ length: nodes }, (_, index) => ({ name: `node-${index + 1}` }))
}
