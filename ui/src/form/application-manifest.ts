// The form of an application as its manifest and back: what the form does not show of a manifest is kept.
import { isObject, type JsonObject } from '../manifest/json.ts'
import {
  emptyForm,
  emptySource,
  IN_CLUSTER,
  labelsOf,
  SYNC_OPTIONS,
  type NewApplicationForm,
  type SourceForm,
} from './new-application.ts'

/** The Application to create, on top of a manifest. Fields that are empty are left out, so that the server's defaults hold. */
export function toApplication(form: NewApplicationForm, base: JsonObject = {}): JsonObject {
  const labels = labelsOf(form.labels) ?? {}
  const metadata = without(objectAt(base, 'metadata'), 'name', 'labels')
  const spec = objectAt(base, 'spec')
  return {
    ...base,
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: form.name.trim(), ...(Object.keys(labels).length === 0 ? {} : { labels }), ...metadata },
    spec: {
      project: form.project.trim(),
      ...sourcesOf(form, spec),
      destination: {
        ...without(objectAt(spec, 'destination'), 'server', 'name', 'namespace'),
        ...clusterOf(form.server.trim()),
        namespace: form.namespace.trim(),
      },
      ...policyOf(form, objectAt(spec, 'syncPolicy')),
      ...without(spec, 'project', 'source', 'sources', 'destination', 'syncPolicy'),
    },
  }
}

function sourcesOf({ sources }: NewApplicationForm, spec: JsonObject): JsonObject {
  const known = knownSources(spec)
  const written = sources.map((source, index) => sourceOf(source, known[index] ?? {}))
  const isList = written.length > 1 || Array.isArray(spec['sources'])
  return isList ? { sources: written } : { source: written[0] }
}

function knownSources({ source, sources }: JsonObject): readonly JsonObject[] {
  const list: readonly unknown[] = Array.isArray(sources) ? sources : [source]
  return list.filter(isObject)
}

function sourceOf(form: SourceForm, known: JsonObject): JsonObject {
  const { isChart, repoURL, path, chart, revision, ref, valueFiles } = form
  const helm = { ...objectAt(known, 'helm'), valueFiles }
  const written = valueFiles.length === 0 ? without(helm, 'valueFiles') : helm
  return {
    repoURL: repoURL.trim(),
    ...(isChart ? { chart: chart.trim() } : pathOf(path, ref)),
    targetRevision: revision.trim() || 'HEAD',
    ...(Object.keys(written).length === 0 ? {} : { helm: written }),
    ...(ref.trim() === '' ? {} : { ref: ref.trim() }),
    ...without(known, 'repoURL', 'chart', 'path', 'targetRevision', 'helm', 'ref'),
  }
}

function pathOf(path: string, ref: string): JsonObject {
  return path.trim() === '' && ref.trim() !== '' ? {} : { path: path.trim() }
}

/** The field takes an address or a cluster's name. */
function clusterOf(text: string): JsonObject {
  return text.includes('://') ? { server: text } : { name: text }
}

function policyOf({ policy, prune, selfHeal, syncOptions }: NewApplicationForm, known: JsonObject): JsonObject {
  const offered = new Set<string>(SYNC_OPTIONS.map((option) => `${option}=true`))
  const others = textsAt(known, 'syncOptions').filter((option) => !offered.has(option))
  const options = [...syncOptions.map((option) => `${option}=true`), ...others]
  const syncPolicy = {
    ...(policy === 'automatic' ? { automated: { ...objectAt(known, 'automated'), prune, selfHeal } } : {}),
    ...(options.length === 0 ? {} : { syncOptions: options }),
    ...without(known, 'automated', 'syncOptions'),
  }
  return Object.keys(syncPolicy).length === 0 ? {} : { syncPolicy }
}

/** What the form shows of a manifest; what is missing is as in an empty form. */
export function formOfApplication(manifest: JsonObject): NewApplicationForm {
  const [metadata, spec] = [objectAt(manifest, 'metadata'), objectAt(manifest, 'spec')]
  const [destination, policy] = [objectAt(spec, 'destination'), objectAt(spec, 'syncPolicy')]
  const options = textsAt(policy, 'syncOptions')
  const { automated } = policy
  const sources = knownSources(spec).map(sourceFormOf)
  return {
    ...emptyForm,
    name: textAt(metadata, 'name'),
    project: textAt(spec, 'project'),
    labels: Object.entries(objectAt(metadata, 'labels'))
      .map(([name, value]) => `${name}=${String(value)}`)
      .join(', '),
    policy: isObject(automated) && automated['enabled'] !== false ? 'automatic' : 'manual',
    prune: isObject(automated) && automated['prune'] === true,
    selfHeal: isObject(automated) && automated['selfHeal'] === true,
    syncOptions: SYNC_OPTIONS.filter((option) => options.includes(`${option}=true`)),
    sources: sources.length === 0 ? [emptySource] : sources,
    server: textAt(destination, 'server') || textAt(destination, 'name') || IN_CLUSTER,
    namespace: textAt(destination, 'namespace'),
  }
}

function sourceFormOf(source: JsonObject): SourceForm {
  const chart = textAt(source, 'chart')
  return {
    isChart: chart !== '',
    repoURL: textAt(source, 'repoURL'),
    revision: textAt(source, 'targetRevision') || 'HEAD',
    path: textAt(source, 'path'),
    chart,
    ref: textAt(source, 'ref'),
    valueFiles: textsAt(objectAt(source, 'helm'), 'valueFiles'),
  }
}

/** A manifest to make another application like it: without its name and what the server keeps. */
export function cloneOf(application: JsonObject): JsonObject {
  const { labels, annotations, finalizers } = objectAt(application, 'metadata')
  const kept = Object.entries({ labels, annotations, finalizers }).filter(([, value]) => value !== undefined)
  return { metadata: Object.fromEntries(kept), spec: objectAt(application, 'spec') }
}

function objectAt(object: JsonObject, name: string): JsonObject {
  const value = object[name]
  return isObject(value) ? value : {}
}

function textAt(object: JsonObject, name: string): string {
  const value = object[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

function textsAt(object: JsonObject, name: string): readonly string[] {
  const value = object[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function without(object: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
}
