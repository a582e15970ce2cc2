// Hands the built-in kinds to the API server.
import type { KindCatalogue } from './apiserver/catalogue.ts'
import { createOpenApiDocuments } from './kinds/openapi/documents.ts'
import { builtinResources } from './kinds/resources.ts'
import { rulesFor } from './kinds/rules.ts'

/** The catalogue of Kubernetes 1.36.3. */
export function builtinCatalogue(): KindCatalogue {
  const resources = builtinResources()
  return { resources, rulesFor, documents: createOpenApiDocuments(resources) }
}
