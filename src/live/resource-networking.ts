// Where traffic of an object goes, for the network view of the tree: labels of pods, selectors of services, hosts of ingresses.
import type { ResourceNetworkingInfo, ResourceRef } from '../crds/tree.ts'
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { fieldAt, listAt, objectAt, textAt } from '../kube/field.ts'

/** Undefined for kinds that neither send nor receive traffic. */
export function networkingOf(object: KubeObject): ResourceNetworkingInfo | undefined {
  switch (`${object.apiVersion}/${object.kind}`) {
    case 'v1/Pod':
      return object.metadata.labels === undefined ? undefined : { labels: object.metadata.labels }
    case 'v1/Service':
      return serviceNetworking(object)
    case 'networking.k8s.io/v1/Ingress':
      return ingressNetworking(object)
    default:
      return undefined
  }
}

function serviceNetworking(service: KubeObject): ResourceNetworkingInfo {
  const ingress = listAt(service, 'status', 'loadBalancer', 'ingress').map(addressOf)
  const targetLabels = textMap(objectAt(service, 'spec', 'selector'))
  return { ...(targetLabels === undefined ? {} : { targetLabels }), ...(ingress.length > 0 ? { ingress } : {}) }
}

function ingressNetworking(ingress: KubeObject): ResourceNetworkingInfo {
  const namespace = ingress.metadata.namespace ?? ''
  const rules = listAt(ingress, 'spec', 'rules')
  const services = new Set<string>()
  const first = textAt(ingress, 'spec', 'defaultBackend', 'service', 'name')
  if (first !== '') services.add(first)
  for (const rule of rules) {
    for (const path of listAt(rule, 'http', 'paths')) {
      const name = textAt(path, 'backend', 'service', 'name')
      if (name !== '') services.add(name)
    }
  }
  const targetRefs: ResourceRef[] = [...services].map((name) => ({ kind: 'Service', namespace, name }))
  const addresses = listAt(ingress, 'status', 'loadBalancer', 'ingress').map(addressOf)
  return { targetRefs, ingress: addresses, externalURLs: externalUrls(ingress, rules, addresses) }
}

type Address = NonNullable<ResourceNetworkingInfo['ingress']>[number]

/** Hosts of the rules where they have one, else the addresses of the load balancer; https where TLS names the host. */
function externalUrls(ingress: KubeObject, rules: readonly JsonValue[], addresses: readonly Address[]): string[] {
  if (addresses.length === 0) return []
  const secure = new Set(listAt(ingress, 'spec', 'tls').flatMap((tls) => listAt(tls, 'hosts')))
  const isAllSecure = listAt(ingress, 'spec', 'tls').some((tls) => listAt(tls, 'hosts').length === 0)
  const urls = new Set<string>()
  for (const rule of rules) {
    const host = textAt(rule, 'host')
    const names = host === '' ? addresses.map((address) => address.hostname ?? address.ip ?? '') : [host]
    for (const name of names) {
      const scheme = isAllSecure || secure.has(name) ? 'https' : 'http'
      for (const path of pathsOf(rule)) urls.add(`${scheme}://${name}${path}`)
    }
  }
  return [...urls].toSorted()
}

function pathsOf(rule: JsonValue): string[] {
  const paths = listAt(rule, 'http', 'paths').map((path) => textAt(path, 'path').replace(/\*$/, ''))
  return paths.length > 0 ? paths.map((path) => (path === '/' ? '/' : path)) : ['']
}

function addressOf(value: JsonValue): Address {
  const ip = textAt(value, 'ip')
  const hostname = textAt(value, 'hostname')
  return { ...(hostname === '' ? {} : { hostname }), ...(ip === '' ? {} : { ip }) }
}

function textMap(value: Readonly<Record<string, JsonValue>> | undefined): Record<string, string> | undefined {
  if (value === undefined) return undefined
  const texts: Record<string, string> = {}
  for (const key of Object.keys(value)) {
    const text = fieldAt(value, key)
    if (typeof text === 'string') texts[key] = text
  }
  return texts
}
