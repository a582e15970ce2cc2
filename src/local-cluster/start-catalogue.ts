// Hands the built-in kinds to the API server.
import type { KindCatalogue } from './apiserver/catalogue.ts'
import { METRICS_GROUP, METRICS_RESOURCES, METRICS_RULES } from './apiserver/metrics/metrics-kinds.ts'
import { createOpenApiDocuments } from './kinds/openapi/documents.ts'
import { builtinResources } from './kinds/resources.ts'
import { rulesFor } from './kinds/rules.ts'

/** The catalogue of Kubernetes 1.36.3. */
export function builtinCatalogue(): KindCatalogue {
  const resources = builtinResources()
  return { resources, rulesFor, documents: createOpenApiDocuments(resources) }
}

/** The same with what a metrics server adds; its figures are simulated. */
export function measuredCatalogue(): KindCatalogue {
  const builtin = builtinCatalogue()
  return {
    ...builtin,
    resources: [...builtin.resources, ...METRICS_RESOURCES],
    rulesFor: (gvk) => (gvk.group === METRICS_GROUP ? METRICS_RULES : rulesFor(gvk)),
  }
}
