// What the server is told about built-in kinds: which resources there are, their rules and their documents.
import type { GroupVersionKind, JsonObject } from '../../kube/object.ts'
import type { KindRules, ServedResource } from '../kinds/contract.ts'

/** The OpenAPI documents of the built-in kinds. */
export interface BuiltinDocuments {
  /** GET /openapi/v3: where each document is, with its hash. */
  openApiV3Index(): JsonObject
  /** GET /openapi/v3/`path`: `api/v1`, `apis/apps/v1`; undefined where there is none. */
  openApiV3Document(path: string): Promise<string | undefined>
  /** GET /openapi/v2 as gnostic protobuf; `definitions` of custom resources in the form of OpenAPI v2, by name. */
  openApiV2Protobuf(definitions?: Readonly<Record<string, JsonObject>>): Uint8Array
  /** The same as JSON text. */
  openApiV2Json(definitions?: Readonly<Record<string, JsonObject>>, paths?: JsonObject): string
}

/** The built-in part of the API. */
export interface KindCatalogue {
  /** Core group first, groups and versions in the order discovery lists them. */
  readonly resources: readonly ServedResource[]
  rulesFor(gvk: GroupVersionKind): KindRules | undefined
  /** Absent: only custom resources are described. */
  readonly documents?: BuiltinDocuments
}
