// The container images an object names: a pod itself, or anything with a pod template.
import type { JsonValue, KubeObject } from '../kube/object.ts'
import { fieldAt, isJsonObject, listAt, textAt } from '../kube/field.ts'

const POD_SPECS: readonly (readonly string[])[] = [
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
]

/** Images of init containers and containers, without repetition, in the order they stand. */
export function imagesOf(object: KubeObject): readonly string[] {
  if (object.kind === 'Pod' && object.apiVersion === 'v1') return imagesOfPodSpec(fieldAt(object, 'spec'))
  for (const path of POD_SPECS) {
    const spec = fieldAt(object, ...path)
    if (isJsonObject(spec)) return imagesOfPodSpec(spec)
  }
  return []
}

function imagesOfPodSpec(spec: JsonValue | undefined): readonly string[] {
  const images = new Set<string>()
  for (const container of [...listAt(spec, 'initContainers'), ...listAt(spec, 'containers')]) {
    const image = textAt(container, 'image')
    if (image !== '') images.add(image)
  }
  return [...images]
}
