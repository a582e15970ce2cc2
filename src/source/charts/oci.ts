// Charts and artifacts in OCI registries: tags as versions, the layer that holds the files.
import { CapstanError } from '../../base/errors.ts'
import type { ChartAccess } from './access.ts'

/** What is asked of a registry; `main/` passes a client. A repository is `host[:port]/path`, without a scheme. */
export interface OciRegistry {
  /** Logs in and asks for nothing more. */
  ping(repository: string, options: OciOptions): Promise<void>
  /** All tags, page after page. */
  tags(repository: string, options: OciOptions): Promise<readonly string[]>
  /** The manifest that a tag or a digest names. `notFound` is told by the code `not-found`. */
  manifest(repository: string, reference: string, options: OciOptions): Promise<OciManifest>
  /** Content by digest, checked against it. */
  blob(repository: string, digest: string, options: OciOptions & { readonly maxBytes: number }): Promise<Uint8Array>
}

export interface OciOptions {
  readonly access: ChartAccess
  readonly signal?: AbortSignal
}

export interface OciLayer {
  readonly mediaType: string
  /** `sha256:…` */
  readonly digest: string
  readonly size: number
}

export interface OciManifest {
  readonly digest: string
  readonly configMediaType: string
  readonly layers: readonly OciLayer[]
  readonly annotations: Readonly<Record<string, string>>
}

const HELM_CONFIG = 'application/vnd.cncf.helm.config.v1+json'
const CHART_LAYER = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip'
/** What helm v3.0 to 3.6 wrote. */
const OLD_CHART_LAYER = 'application/tar+gzip'
/** The layers an artifact that is no chart may have (argo-cd v3.5.1 `oci-layer-media-types`). */
const CONTENT_LAYERS = ['application/vnd.oci.image.layer.v1.tar', 'application/vnd.oci.image.layer.v1.tar+gzip']
/** More are no manifests of an application (argo-cd v3.5.1 util/oci). */
export const MAX_LAYERS = 10

/** Layers that hold files at all. */
const COMPRESSED = /\.tar$|[.+]gzip$/

export interface ContentLayer {
  readonly layer: OciLayer
  readonly isChart: boolean
  readonly isGzip: boolean
}

/** The one layer with an artifact's files. Throws `bad-input` where there is none, or more, or of a kind that is not allowed. */
export function contentLayer({ layers, configMediaType }: OciManifest): ContentLayer {
  if (layers.length > MAX_LAYERS) {
    throw new CapstanError('limit', `expected no more than ${MAX_LAYERS} oci layers, got ${layers.length}`)
  }
  const isChart = configMediaType === HELM_CONFIG
  const wanted = isChart ? isChartLayer : (layer: OciLayer): boolean => COMPRESSED.test(layer.mediaType)
  const found = layers.filter(wanted)
  const [layer] = found
  if (layer === undefined || found.length > 1) {
    throw new CapstanError('bad-input', `expected only a single oci content layer, got ${found.length}`)
  }
  if (!isChart && !CONTENT_LAYERS.includes(layer.mediaType) && !isChartLayer(layer)) {
    const text = `oci layer media type ${layer.mediaType} is not in the list of allowed media types`
    throw new CapstanError('bad-input', text)
  }
  return { layer, isChart: isChart || isChartLayer(layer), isGzip: !layer.mediaType.endsWith('.tar') }
}

function isChartLayer({ mediaType }: OciLayer): boolean {
  return mediaType === CHART_LAYER || mediaType === OLD_CHART_LAYER
}

/** A chart's version as a tag: tags know no `+` (helm v4.2.1 registry). */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_')
}

export function versionOfTag(tag: string): string {
  return tag.replaceAll('_', '+')
}

/** `host/path` of an address with or without `oci://`; charts of registered registries may carry `https://`. */
export function ociRepository(address: string, chart = ''): string {
  const plain = address.replace(/^(?:oci|https?):\/\//, '').replace(/\/+$/, '')
  return chart === '' ? plain : `${plain}/${chart}`
}

/** Whether a repository is a registry: says so, is registered so, or has no host as a URL (argo-cd v3.5.1 IsHelmOciRepo). */
export function isOciRepository(url: string, access: ChartAccess): boolean {
  return url.startsWith('oci://') || access.enableOci === true || !/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(url)
}
