// Tables of services, ingresses and endpoints (pkg/printers/internalversion, 1.36.3).
import type { JsonObject } from '../../../kube/object.ts'
import { listOf, numberOf, objectOf, objectsOf, textOf } from '../edit.ts'
import { ageCell, columns, labelsCell, listWithMore, nameOf, orElse, selectorCell, type KindTable } from './table.ts'

const SHOWN = 3

export const networkTables: Readonly<Record<string, KindTable>> = {
  '/v1/Service': {
    columns: columns('Name Type Cluster-IP External-IP Port(s) Age Selector*'),
    cells: (object, nowMs) => {
      const spec = objectOf(object['spec'])
      const address = orElse(listOf(spec['clusterIPs'])[0] ?? spec['clusterIP'], '<none>')
      return [nameOf(object), textOf(spec['type']), address, externalCell(object), portsCell(spec), ageCell(object, nowMs), labelsCell(spec['selector'])] // prettier-ignore
    },
  },
  'networking.k8s.io/v1/Ingress': {
    columns: columns('Name Class Hosts Address Ports Age'),
    cells: (object, nowMs) => {
      const spec = objectOf(object['spec'])
      const ports = listOf(spec['tls']).length > 0 ? '80, 443' : '80'
      return [nameOf(object), orElse(spec['ingressClassName'], '<none>'), hostsCell(spec), balancerCell(object), ports, ageCell(object, nowMs)] // prettier-ignore
    },
  },
  'networking.k8s.io/v1/IngressClass': {
    columns: columns('Name Controller Parameters Age'),
    cells: (object, nowMs) => {
      const spec = objectOf(object['spec'])
      return [defaultName(object, 'ingressclass.kubernetes.io/is-default-class'), textOf(spec['controller']), parametersCell(spec), ageCell(object, nowMs)] // prettier-ignore
    },
  },
  'networking.k8s.io/v1/NetworkPolicy': {
    columns: columns('Name Pod-Selector Age'),
    cells: (object, nowMs) => [nameOf(object), selectorCell(objectOf(object['spec'])['podSelector']), ageCell(object, nowMs)], // prettier-ignore
  },
  '/v1/Endpoints': {
    columns: columns('Name Endpoints Age'),
    cells: (object, nowMs) => [nameOf(object), endpointsCell(object), ageCell(object, nowMs)],
  },
  'discovery.k8s.io/v1/EndpointSlice': {
    columns: columns('Name AddressType Ports Endpoints Age'),
    cells: (object, nowMs) => {
      const ports = objectsOf(object['ports']).map((port) => orElse(port['port'], orElse(port['name'], '*')))
      const addresses = objectsOf(object['endpoints']).flatMap((endpoint) => listOf(endpoint['addresses']).map(textOf))
      return [nameOf(object), textOf(object['addressType']), listWithMore(ports, SHOWN, '<unset>'), listWithMore(addresses, SHOWN, '<unset>'), ageCell(object, nowMs)] // prettier-ignore
    },
  },
}

/** The name, and a word where the object is the default of its kind. */
export function defaultName(object: JsonObject, annotation: string): string {
  const annotations = objectOf(objectOf(object['metadata'])['annotations'])
  return annotations[annotation] === 'true' ? `${nameOf(object)} (default)` : nameOf(object)
}

function balancerCell(object: JsonObject): string {
  const ingress = objectsOf(objectOf(objectOf(object['status'])['loadBalancer'])['ingress'])
  const addresses = ingress.map((item) => textOf(item['ip']) || textOf(item['hostname'])).filter((text) => text !== '')
  return [...new Set(addresses)].sort().join(',')
}

function externalCell(object: JsonObject): string {
  const spec = objectOf(object['spec'])
  const given = listOf(spec['externalIPs']).map(textOf)
  switch (spec['type']) {
    case 'ClusterIP':
    case 'NodePort':
      return given.length > 0 ? given.join(',') : '<none>'
    case 'LoadBalancer': {
      const all = [balancerCell(object), ...given].filter((text) => text !== '')
      return all.length > 0 ? all.join(',') : '<pending>'
    }
    case 'ExternalName':
      return textOf(spec['externalName'])
    default:
      return '<unknown>'
  }
}

function portsCell(spec: JsonObject): string {
  const ports = objectsOf(spec['ports']).map((port) => {
    const node = numberOf(port['nodePort'])
    return `${numberOf(port['port'])}${node > 0 ? `:${node}` : ''}/${textOf(port['protocol'])}`
  })
  return ports.length === 0 ? '<none>' : ports.join(',')
}

function hostsCell(spec: JsonObject): string {
  const rules = objectsOf(spec['rules'])
  const hosts = rules.map((rule) => textOf(rule['host'])).filter((host) => host !== '')
  if (hosts.length === 0) return '*'
  const shown = hosts.slice(0, SHOWN).join(',')
  return hosts.length > SHOWN ? `${shown} + ${rules.length - SHOWN} more...` : shown
}

function parametersCell(spec: JsonObject): string {
  const parameters = objectOf(spec['parameters'])
  if (Object.keys(parameters).length === 0) return '<none>'
  const group = textOf(parameters['apiGroup'])
  return `${textOf(parameters['kind'])}${group === '' ? '' : `.${group}`}/${textOf(parameters['name'])}`
}

function endpointsCell(object: JsonObject): string {
  const subsets = objectsOf(object['subsets'])
  if (subsets.length === 0) return '<none>'
  const all = subsets.flatMap((subset) => {
    const addresses = objectsOf(subset['addresses']).map((address) => textOf(address['ip']))
    const ports = objectsOf(subset['ports'])
    if (ports.length === 0) return addresses
    return ports.flatMap((port) => addresses.map((address) => hostPort(address, numberOf(port['port']))))
  })
  return listWithMore(all, SHOWN, '')
}

function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
