// Addresses and ports of services: handed out once, taken back when the service goes.
import type { KubeObject } from '../../kube/object.ts'
import type { KindContext } from '../kinds/contract.ts'
import type { Store } from '../storage/store.ts'
import { parseObject } from './objects.ts'

/** The service range 10.96.0.0/16; its first address is the API server's own. */
const SERVICE_NETWORK = '10.96'
const ADDRESSES = 65_534
const FIRST_NODE_PORT = 30_000
const LAST_NODE_PORT = 32_767
const SERVICES = '/services/'

type Service = KubeObject & {
  readonly spec?: {
    readonly clusterIP?: string
    readonly clusterIPs?: readonly string[]
    readonly ports?: readonly { readonly nodePort?: number }[]
  }
}

/** Allocators over the services in the store; read when first needed, then kept up to date by watching. */
export function createAllocators(store: Store): Pick<KindContext, 'claimClusterIp' | 'isClusterIp' | 'claimNodePort'> {
  const used = new Set<string | number>()
  let isLoaded = false
  const note = (text: string | undefined, isThere: boolean): void => {
    if (text === undefined) return
    for (const claim of claimsOf(parseObject(text) as Service)) {
      if (isThere) used.add(claim)
      else used.delete(claim)
    }
  }
  const load = (): void => {
    if (isLoaded) return
    isLoaded = true
    for (const stored of store.list({ prefix: SERVICES }).items) note(stored.value, true)
    store.watch({
      prefix: SERVICES,
      after: store.revision,
      onEvents: (events) => {
        for (const event of events) {
          note(event.previous ?? (event.type === 'deleted' ? event.value : undefined), false)
          if (event.type !== 'deleted') note(event.value, true)
        }
      },
    })
  }
  return {
    claimClusterIp(wanted) {
      load()
      return claim(used, wanted, freeAddress)
    },
    isClusterIp: (address) => address.startsWith(`${SERVICE_NETWORK}.`),
    claimNodePort(wanted) {
      load()
      return claim(used, wanted, freePort)
    },
  }
}

function claimsOf(service: Service): readonly (string | number)[] {
  const { clusterIP, clusterIPs = [], ports = [] } = service.spec ?? {}
  const nodePorts = ports.flatMap((port) => (port.nodePort === undefined ? [] : [port.nodePort]))
  return [
    ...new Set([...(clusterIP === undefined || clusterIP === 'None' ? [] : [clusterIP]), ...clusterIPs]),
    ...nodePorts,
  ]
}

function claim<T extends string | number>(
  used: Set<string | number>,
  wanted: T | undefined,
  free: (used: ReadonlySet<string | number>) => T | undefined,
): T | undefined {
  if (wanted !== undefined) return used.has(wanted) ? undefined : wanted
  return free(used)
}

function freeAddress(used: ReadonlySet<string | number>): string | undefined {
  const start = Math.floor(Math.random() * ADDRESSES)
  for (let step = 0; step < ADDRESSES; step++) {
    const number = ((start + step) % ADDRESSES) + 1
    const address = `${SERVICE_NETWORK}.${number >> 8}.${number & 255}`
    if (number > 1 && !used.has(address)) return address
  }
  return undefined
}

function freePort(used: ReadonlySet<string | number>): number | undefined {
  const count = LAST_NODE_PORT - FIRST_NODE_PORT + 1
  const start = Math.floor(Math.random() * count)
  for (let step = 0; step < count; step++) {
    const port = FIRST_NODE_PORT + ((start + step) % count)
    if (!used.has(port)) return port
  }
  return undefined
}
