// images (api/filters/imagetag, api/internal/image).
import { CapstanError } from '../../base/errors.ts'
import type { FieldSpec, SetValue } from './field-spec.ts'
import { changeFields, setScalar } from './field-spec.ts'
import type { Image } from './kustomization.ts'
import type { MappingNode, Node } from './node.ts'
import { field, isNull, putField, textOf, wrongKind } from './node.ts'
import { tryCompile } from './select.ts'

/** The changes an image asks for, made ready to be applied to many resources. */
export function imageChange(image: Image): SetValue {
  const matches = tryCompile(`^${image.name ?? ''}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`)
  return (node) => {
    if (!isNull(node) && node.kind !== 'scalar') throw new CapstanError('bad-input', wrongKind('ScalarNode', node))
    const text = textOf(node)
    if (matches === undefined || !matches(text)) return node
    return setScalar(changedImage(text, image))(node)
  }
}

/** Changes the images of containers and init containers at any depth, then those that the specs name. */
export function changeImages(node: MappingNode, set: SetValue, specs: readonly FieldSpec[]): void {
  if (textOf(field(node, 'kind')) === 'CustomResourceDefinition') return
  changeContainers(node, set)
  changeFields(node, specs, { set })
}

/** Only the containers, wherever they are (LegacyFilter). */
export function changeContainers(node: Node, set: SetValue): void {
  if (node.kind === 'sequence') for (const item of node.items) changeContainers(item, set)
  if (node.kind !== 'mapping') return
  for (const { key, value } of node.entries) {
    changeContainers(value, set)
    if ((key.text === 'containers' || key.text === 'initContainers') && value.kind === 'sequence') {
      for (const container of value.items) changeContainer(container, set)
    }
  }
}

function changeContainer(container: Node, set: SetValue): void {
  if (isNull(container)) return
  if (container.kind !== 'mapping') throw new CapstanError('bad-input', wrongKind('MappingNode', container))
  const image = field(container, 'image')
  if (image !== undefined) putField(container, 'image', set(image))
}

/** A new tag or digest replaces both; a suffix is put behind the tag and drops the digest. */
function changedImage(text: string, image: Image): string {
  const { newName = '', newTag = '', digest = '', tagSuffix = '' } = image
  const parts = splitImage(text)
  const name = newName === '' ? parts.name : newName
  if (newTag !== '') return joinImage(name, newTag, digest)
  if (digest !== '') return joinImage(name, '', digest)
  if (tagSuffix !== '') return joinImage(name, parts.tag + tagSuffix, '')
  return joinImage(name, parts.tag, parts.digest)
}

function joinImage(name: string, tag: string, digest: string): string {
  return name + (tag === '' ? '' : `:${tag}`) + (digest === '' ? '' : `@${digest}`)
}

export interface ImageParts {
  readonly name: string
  readonly tag: string
  readonly digest: string
}

/** Name, tag and digest, empty where there is none; a colon before the first slash belongs to a port. */
export function splitImage(text: string): ImageParts {
  const slash = Math.max(text.indexOf('/'), 0)
  const at = text.indexOf('@', slash)
  const colon = text.indexOf(':', slash)
  if (at < 0 && colon < 0) return { name: text, tag: '', digest: '' }
  if (at >= 0 && (colon < 0 || at < colon)) return { name: text.slice(0, at), tag: '', digest: text.slice(at + 1) }
  if (at >= 0) return { name: text.slice(0, colon), tag: text.slice(colon + 1, at), digest: text.slice(at + 1) }
  return { name: text.slice(0, colon), tag: text.slice(colon + 1), digest: '' }
}
