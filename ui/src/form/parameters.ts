// The parameters of a source as fields, by the tool that renders it, and the source they make.
import type { ApplicationSource, ApplicationSpec } from '../../../src/crds/application.ts'

export interface NameValue {
  readonly name: string
  readonly value: string
  readonly isText: boolean
}

/** Fields of a source that a person edits; the rest of it is kept as it is. */
export interface SourceForm {
  readonly repoURL: string
  readonly targetRevision: string
  readonly path: string
  readonly chart: string
  readonly valueFiles: readonly string[]
  readonly parameters: readonly NameValue[]
  readonly values: string
  readonly releaseName: string
  readonly images: readonly string[]
  readonly namePrefix: string
  readonly nameSuffix: string
  readonly isRecursive: boolean
  readonly include: string
  readonly exclude: string
}

export type SourceTool = 'helm' | 'kustomize' | 'directory'

/** The tool by what the source says, else by what the controller has found. */
export function toolOf({ helm, kustomize, directory, chart }: ApplicationSource, sourceType: string): SourceTool {
  if (helm !== undefined || (chart !== undefined && chart !== '')) return 'helm'
  if (kustomize !== undefined) return 'kustomize'
  if (directory !== undefined) return 'directory'
  const lower = sourceType.toLowerCase()
  return lower === 'helm' || lower === 'kustomize' ? lower : 'directory'
}

export function sourcesOf({ source, sources = [] }: ApplicationSpec): readonly ApplicationSource[] {
  if (sources.length > 0) return sources
  return source === undefined ? [] : [source]
}

export function readSource(source: ApplicationSource): SourceForm {
  const { repoURL, targetRevision = '', path = '', chart = '' } = source
  return { repoURL, targetRevision, path, chart, ...helmFields(source), ...otherFields(source) }
}

type HelmFields = Pick<SourceForm, 'valueFiles' | 'parameters' | 'values' | 'releaseName'>

function helmFields({ helm = {} }: ApplicationSource): HelmFields {
  const { valueFiles = [], parameters = [], values = '', releaseName = '' } = helm
  return {
    valueFiles,
    parameters: parameters.map(({ name = '', value = '', forceString = false }) => ({
      name,
      value,
      isText: forceString,
    })),
    values,
    releaseName,
  }
}

function otherFields({
  kustomize = {},
  directory = {},
}: ApplicationSource): Omit<SourceForm, keyof HelmFields | 'repoURL' | 'targetRevision' | 'path' | 'chart'> {
  const { images = [], namePrefix = '', nameSuffix = '' } = kustomize
  const { recurse = false, include = '', exclude = '' } = directory
  return { images, namePrefix, nameSuffix, isRecursive: recurse, include, exclude }
}

type Draft = Readonly<Record<string, unknown>>

/** The source with what the form says; what is empty is left out, what the form does not know is kept. */
export function writeSource(source: ApplicationSource, form: SourceForm, tool: SourceTool): ApplicationSource {
  const { helm, kustomize, directory, ...rest } = source
  const place = merged(rest, {
    targetRevision: form.targetRevision.trim(),
    path: form.path.trim(),
    chart: form.chart.trim(),
  })
  const parts = {
    helm: tool === 'helm' ? merged(helm, helmPart(form)) : helm,
    kustomize: tool === 'kustomize' ? merged(kustomize, kustomizePart(form)) : kustomize,
    directory: tool === 'directory' ? merged(directory, directoryPart(form)) : directory,
  }
  return { ...place, ...withoutEmpty(parts), repoURL: form.repoURL.trim() }
}

function helmPart({ valueFiles, parameters, values, releaseName }: SourceForm): Draft {
  return {
    valueFiles,
    values,
    releaseName: releaseName.trim(),
    parameters: parameters
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, value, isText }) => ({ name: name.trim(), value, ...(isText ? { forceString: true } : {}) })),
  }
}

function kustomizePart({ images, namePrefix, nameSuffix }: SourceForm): Draft {
  return { images, namePrefix: namePrefix.trim(), nameSuffix: nameSuffix.trim() }
}

function directoryPart({ isRecursive, include, exclude }: SourceForm): Draft {
  return { recurse: isRecursive, include: include.trim(), exclude: exclude.trim() }
}

function merged(old: object | undefined, changed: Draft): Draft {
  return withoutEmpty({ ...old, ...changed })
}

function withoutEmpty(fields: Draft): Draft {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)))
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

/** The spec with one of its sources changed. */
export function withSource(spec: ApplicationSpec, index: number, source: ApplicationSource): ApplicationSpec {
  const { sources = [] } = spec
  if (sources.length === 0) return { ...spec, source }
  return { ...spec, sources: sources.map((old, place) => (place === index ? source : old)) }
}
