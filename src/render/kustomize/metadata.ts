// Labels and annotations that a kustomization adds (api/filters/labels, api/filters/annotations).
import type { FieldSpec } from './field-spec.ts'
import { changeField, mergeSpecs, setEntry } from './field-spec.ts'
import type { Kustomization, Label, Texts } from './kustomization.ts'
import type { MappingNode } from './node.ts'
import type { Resource } from './resource.ts'
import type { TransformerConfig } from './transformer-config.ts'

/** Adds entries to every mapping that the specs lead to. */
export function addEntries(node: MappingNode, entries: Texts, specs: readonly FieldSpec[]): void {
  for (const key of Object.keys(entries).toSorted()) {
    const set = setEntry(key, entries[key] ?? '')
    for (const spec of specs) changeField(node, spec, { set, createKind: 'mapping' })
  }
}

export function addEntriesToAll(resources: readonly Resource[], entries: Texts, specs: readonly FieldSpec[]): void {
  if (Object.keys(entries).length === 0) return
  for (const resource of resources) addEntries(resource.node, entries, specs)
}

/** What one entry of `labels`, or `commonLabels`, adds and where. */
export interface LabelStep {
  readonly labels: Texts
  readonly specs: readonly FieldSpec[]
}

/** The label transformers of a kustomization in their order, `commonLabels` last. */
export function labelSteps(kustomization: Kustomization, config: TransformerConfig): LabelStep[] {
  const steps = (kustomization.labels ?? []).map((label) => ({
    labels: label.pairs ?? {},
    specs: labelSpecs(label, config),
  }))
  return [...steps, { labels: kustomization.commonLabels ?? {}, specs: config.commonLabels }]
}

const METADATA_LABELS: readonly FieldSpec[] = [{ path: 'metadata/labels', create: true }]

function labelSpecs(label: Label, config: TransformerConfig): readonly FieldSpec[] {
  const specs = mergeSpecs(label.fields ?? [], config.labels)
  if (label.includeSelectors === true) return mergeSpecs(specs, config.commonLabels)
  const withTemplates = label.includeTemplates === true ? mergeSpecs(specs, config.templateLabels) : specs
  return mergeSpecs(withTemplates, METADATA_LABELS)
}
