// configMapGenerator and secretGenerator (api/internal/generators), and what their behaviour does to what is there.
import { isUtf8 } from 'node:buffer'
import { CapstanError } from '../../base/errors.ts'
import { loadPairs } from './key-values.ts'
import type { GeneratorArgs, GeneratorOptions, Texts } from './kustomization.ts'
import type { Loader } from './loader.ts'
import type { MappingNode } from './node.ts'
import { clearField, field, mapping, putField, scalar } from './node.ts'
import type { ResId } from './res-id.ts'
import { isSameId } from './res-id.ts'
import type { Behavior, Resource } from './resource.ts'
import {
  currentId,
  metaMap,
  nameOf,
  namespaceOf,
  newResource,
  setMetaMap,
  setName,
  setNamespace,
  shownValue,
} from './resource.ts'
import type { ResourceSet } from './resource-set.ts'

export type GeneratedKind = 'ConfigMap' | 'Secret'

/** The resource that one entry generates; its name gets its hash at the end of the build. */
export function generate(kind: GeneratedKind, args: GeneratorArgs, loader: Loader): Resource {
  const { name = '', namespace = '', options = {} } = args
  if (name === '') throw new CapstanError('bad-input', 'a configmap must have a name')
  const node = mapping()
  putField(node, 'apiVersion', scalar('v1', 'str'))
  putField(node, 'kind', scalar(kind, 'str'))
  const metadata = mapping()
  putField(node, 'metadata', metadata)
  putField(metadata, 'name', scalar(name, 'str'))
  if (namespace !== '') putField(metadata, 'namespace', scalar(namespace, 'str'))
  if (kind === 'Secret') putField(node, 'type', scalar(orOpaque(args.type), 'str'))
  fillData(node, kind, loadPairs(args, loader, kind === 'Secret'))
  applyOptions(node, options)
  return {
    ...newResource(node),
    needsHash: options.disableNameSuffixHash !== true,
    behavior: behaviorOf(args.behavior),
  }
}

function orOpaque(type: string | undefined): string {
  return type === undefined || type === '' ? 'Opaque' : type
}

function behaviorOf(text: string | undefined): Behavior {
  return text === 'create' || text === 'merge' || text === 'replace' ? text : 'unspecified'
}

function fillData(node: MappingNode, kind: GeneratedKind, pairs: ReadonlyMap<string, Uint8Array>): void {
  const data = mapping()
  const binary = mapping()
  for (const [key, bytes] of [...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const isText = kind === 'ConfigMap' && isUtf8(bytes)
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const value = isText ? content.toString('utf8') : wrapBase64(content.toString('base64'))
    const target = isText || kind === 'Secret' ? data : binary
    // A key that reads as a number or boolean makes the build fail in the end, as kustomize's does.
    target.entries.push({ key: scalar(key), value: scalar(value, 'str', true) })
  }
  if (data.entries.length > 0 || kind === 'Secret') putField(node, 'data', data)
  if (binary.entries.length > 0) putField(node, 'binaryData', binary)
}

/** Characters of a line of base64, once there is more than one (kyaml datamap.go). */
const BASE64_LINE = 70

function wrapBase64(text: string): string {
  if (text.length < BASE64_LINE) return text
  let out = ''
  for (let at = 0; at < text.length; at += BASE64_LINE) out += `${text.slice(at, at + BASE64_LINE)}\n`
  return out
}

function applyOptions(node: MappingNode, options: GeneratorOptions): void {
  if (options.labels !== undefined) setMetaMap(node, 'labels', sortedTexts(options.labels))
  if (options.annotations !== undefined) setMetaMap(node, 'annotations', sortedTexts(options.annotations))
  if (options.immutable === true) putField(node, 'immutable', scalar('true', 'bool'))
}

function sortedTexts(texts: Texts): Map<string, string> {
  return new Map(Object.entries(texts).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The options of an entry with those of the whole kustomization below them. */
export function withGlobalOptions(args: GeneratorArgs, global: GeneratorOptions | undefined): GeneratorArgs {
  if (global === undefined) return args
  const own = args.options ?? {}
  return {
    ...args,
    options: {
      labels: { ...global.labels, ...own.labels },
      annotations: { ...global.annotations, ...own.annotations },
      disableNameSuffixHash: own.disableNameSuffixHash === true || global.disableNameSuffixHash === true,
      immutable: own.immutable === true || global.immutable === true,
    },
  }
}

/** Adds a generated resource, or merges it into or puts it in place of the one that has its id. */
export function absorb(set: ResourceSet, generated: Resource): void {
  const id = currentId(generated)
  const matches = set.withAnyId((candidate) => isSameId(candidate, id))
  const [old] = matches
  if (old === undefined) {
    if (generated.behavior === 'merge' || generated.behavior === 'replace') {
      throw new CapstanError('bad-input', `id ${goId(id)} does not exist; cannot merge or replace`)
    }
    set.append(generated)
    return
  }
  if (matches.length > 1) {
    const shown = matches.map((match) => JSON.stringify(shownValue(match))).join(' ')
    throw new CapstanError('bad-input', `found multiple objects [${shown}] that could accept merge of ${goIdText(id)}`)
  }
  if (generated.behavior !== 'merge' && generated.behavior !== 'replace') {
    const problem = `can not use behavior: '${generated.behavior}', behavior must be merge or replace`
    throw new CapstanError('bad-input', `id ${goId(id)} exists; ${problem}`)
  }
  set.replace(old, successor(old, generated))
}

function successor(old: Resource, generated: Resource): Resource {
  const { node } = generated
  for (const name of ['labels', 'annotations'] as const) {
    const merged = new Map([...metaMap(old.node, name), ...metaMap(node, name)])
    setMetaMap(node, name, new Map([...merged].toSorted(([a], [b]) => (a < b ? -1 : 1))))
  }
  const next: Resource = {
    ...old,
    node,
    // What the old one was called stays known; a hash is added only if both ask for it.
    needsHash: old.needsHash && generated.needsHash,
    origin: generated.behavior === 'merge' ? (old.origin ?? generated.origin) : (generated.origin ?? old.origin),
  }
  setName(next, nameOf(old))
  setNamespace(next, namespaceOf(old))
  if (generated.behavior === 'merge') {
    mergeTexts(node, old.node, 'data')
    mergeTexts(node, old.node, 'binaryData')
  }
  return next
}

function mergeTexts(node: MappingNode, old: MappingNode, name: string): void {
  const texts = new Map([...textsOf(old, name), ...textsOf(node, name)])
  clearField(node, name)
  if (texts.size === 0) return
  const entries = [...texts].map(([key, text]) => ({ key: scalar(key), value: scalar(text, 'str', true) }))
  putField(node, name, { kind: 'mapping', entries })
}

function textsOf(node: MappingNode, name: string): Map<string, string> {
  const found = field(node, name)
  if (found?.kind !== 'mapping') return new Map()
  return new Map(found.entries.map(({ key, value }) => [key.text, value.kind === 'scalar' ? value.text : '']))
}

function goId(id: ResId): string {
  const gvk = `resid.Gvk{Group:"${id.group}", Version:"${id.version}", Kind:"${id.kind}", isClusterScoped:false}`
  return `resid.ResId{Gvk:${gvk}, Name:"${id.name}", Namespace:"${id.namespace}"}`
}

function goIdText(id: ResId): string {
  return `${id.kind}.${id.version}/${id.name}`
}
