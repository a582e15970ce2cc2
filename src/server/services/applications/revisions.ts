// What is known of a revision of an application's source: a commit, a chart, an artifact of a registry.
import { CapstanError } from '../../../base/errors.ts'
import type { Application, ApplicationSource } from '../../../crds/application.ts'
import { drySourceOf, syncSourceOf } from '../../../desired/hydrated-source.ts'
import { isObject } from '../../../kube/json-value.ts'
import { parseYaml } from '../../../lang/yaml/read.ts'
import type { Call } from '../../context.ts'
import { numberField, requiredText, textField, type RequestFields } from '../fields.ts'
import { findApplication, projectOf } from './find.ts'

/** GET ~/applications/{name}/revisions/{revision}/metadata */
export async function revisionMetadata(request: RequestFields, call: Call): Promise<unknown> {
  const { application, source, revision } = asked(request, call)
  const { desired } = call.context
  const { author, date, message, tags } = await desired.revisionMetadata(
    source,
    projectOf(application),
    revision,
    call.signal,
  )
  return { author, date, message, tags }
}

/** GET ~/applications/{name}/revisions/{revision}/chartdetails */
export async function revisionChartDetails(request: RequestFields, call: Call): Promise<unknown> {
  const { application, source, revision } = asked(request, call)
  if ((source.chart ?? '') === '') {
    throw new CapstanError('unknown', `no chart found for application: ${textField(request, 'name')}`)
  }
  const options = { project: projectOf(application), signal: call.signal }
  const text = await call.context.repositories.file({ ...source, targetRevision: revision }, 'Chart.yaml', options)
  const chart = parseYaml(text ?? '')
  if (!isObject(chart)) throw new CapstanError('unknown', 'error getting chart details: the chart has no Chart.yaml')
  const { description, home, maintainers } = chart
  return {
    description: typeof description === 'string' ? description : '',
    home: typeof home === 'string' ? home : '',
    maintainers: (Array.isArray(maintainers) ? maintainers : []).map(describeMaintainer),
  }
}

function describeMaintainer(maintainer: unknown): string {
  const fields: Readonly<Record<string, unknown>> =
    typeof maintainer === 'object' && maintainer !== null ? { ...maintainer } : {}
  const name = typeof fields['name'] === 'string' ? fields['name'] : ''
  const email = typeof fields['email'] === 'string' ? fields['email'] : ''
  return email === '' ? name : `${name} <${email}>`.trim()
}

/** Upstream's message OCIMetadata, by the annotations that the image specification names. */
const OCI_KEYS: Readonly<Record<string, string>> = {
  createdAt: 'created',
  authors: 'authors',
  docsUrl: 'documentation',
  sourceUrl: 'source',
  version: 'version',
  description: 'description',
}

/** GET ~/applications/{name}/revisions/{revision}/ocimetadata */
export async function ociMetadata(request: RequestFields, call: Call): Promise<unknown> {
  const { application, source, revision } = asked(request, call)
  const { desired } = call.context
  const told = await desired.revisionMetadata(source, projectOf(application), revision, call.signal)
  const annotations = told.annotations ?? {}
  return Object.fromEntries(
    Object.entries(OCI_KEYS).map(([field, key]) => [field, annotations[`org.opencontainers.image.${key}`] ?? '']),
  )
}

interface Asked {
  readonly application: Application
  readonly source: ApplicationSource
  readonly revision: string
}

function asked(request: RequestFields, call: Call): Asked {
  const application = findApplication(call, request, 'get')
  return { application, source: sourceOf(application, request), revision: requiredText(request, 'revision') }
}

/**
 * The source at `sourceIndex`, as it is now or as the history entry `versionId` deployed it. Of a hydrated application 0 is
 * what is synced and -1 the dry source.
 */
function sourceOf(application: Application, request: RequestFields): ApplicationSource {
  const versionId = numberField(request, 'versionId')
  const index = numberField(request, 'sourceIndex') ?? 0
  const { sourceHydrator } = application.spec
  if (versionId === undefined && sourceHydrator !== undefined) {
    return index < 0 ? drySourceOf(sourceHydrator) : syncSourceOf(sourceHydrator)
  }
  const all = sourcesOf(application, versionId)
  const found = all[index]
  if (found !== undefined) return found
  const count = all.length === 1 ? 'is only 1 source' : `are only ${all.length} sources`
  throw new CapstanError('unknown', `source index ${index} not found because there ${count}`)
}

function sourcesOf(
  { metadata, spec, status }: Application,
  versionId: number | undefined,
): readonly ApplicationSource[] {
  const entry = versionId === undefined ? spec : status?.history?.find(({ id }) => id === versionId)
  if (entry === undefined) {
    const text = `revision not found for version ID ${versionId ?? 0} in application ${metadata.name ?? ''}`
    throw new CapstanError('unknown', `error getting app source by source index and version ID: ${text}`)
  }
  const { source, sources = [] } = entry
  return sources.length > 0 ? sources : [source ?? { repoURL: '' }]
}
