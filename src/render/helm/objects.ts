// The objects of a rendered chart: CRDs, manifests, hooks; lists opened, empty documents dropped.
import { CapstanError } from '../../base/errors.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import { CONVERSION_PREFIX, YamlError } from '../../lang/yaml/error.ts'
import { parseYaml } from '../../lang/yaml/read.ts'
import type { YamlObject, YamlValue } from '../../lang/yaml/value.ts'
import type { KubeObject } from '../../kube/object.ts'
import { splitDocuments } from '../plain/documents.ts'
import type { ChartManifest } from './manifests.ts'
import type { RenderedChart } from './render-chart.ts'

/** In the order of `helm template`'s output, as Argo CD reads it. Throws `bad-input` that names the template. */
export function objectsOf({ crds, manifests, hooks }: RenderedChart): KubeObject[] {
  const found: KubeObject[] = []
  for (const { path, bytes } of crds) {
    for (const document of splitDocuments(textOfBytes(bytes))) addObject(found, path, readCrd(path, document.text))
  }
  const last = manifests.at(-1)
  for (const manifest of manifests) addObject(found, manifest.path, valueOf(manifest, manifest === last))
  for (const hook of hooks) addObject(found, hook.path, hook.value)
  return found
}

function readCrd(path: string, text: string): YamlValue {
  try {
    return parseYaml(text, { bigIntegers: 'exact' })
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw new CapstanError('bad-input', `${path}: ${CONVERSION_PREFIX}${error.message}`, { cause: error })
  }
}

/** A block scalar that keeps all newlines behind it. */
const KEEPS_NEWLINES = /[|>]\d?\+/

/** The last manifest's text is trimmed before it is read again, which only a block that keeps newlines notices. */
function valueOf(manifest: ChartManifest, isLast: boolean): YamlObject | null {
  if (!isLast || !KEEPS_NEWLINES.test(manifest.text)) return manifest.value
  return parseYaml(`${manifest.text.trim()}\n`, { bigIntegers: 'exact' }) as YamlObject | null // was a map before
}

function addObject(found: KubeObject[], path: string, value: YamlValue): void {
  if (value === null) return
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new CapstanError('bad-input', `${path}: failed to unmarshal manifest: a map is expected`)
  }
  if (typeof value['kind'] !== 'string' || value['kind'] === '') {
    // The original shows the whole object, which may hold secrets.
    const text = `failed to unmarshal manifest: Object 'Kind' is missing (${path})`
    throw new CapstanError('bad-input', text)
  }
  const { items } = value
  if (Array.isArray(items)) for (const item of items) addObject(found, path, item)
  else if (!isNullList(value)) found.push(value as unknown as KubeObject) // has a kind, the controller checks the rest
}

/** `items: null` in what has neither spec nor status is an empty list. */
function isNullList(value: YamlObject): boolean {
  return value['items'] === null && value['spec'] === undefined && value['status'] === undefined
}
