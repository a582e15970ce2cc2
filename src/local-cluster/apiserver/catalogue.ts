// What the server is told about built-in kinds: which resources there are, their rules and their documents.
import type { GroupVersionKind, JsonObject } from '../../kube/object.ts'
import type { KindRules, ServedResource } from '../kinds/contract.ts'

/** The built-in part of the API. */
export interface KindCatalogue {
  /** Core group first, groups and versions in the order discovery lists them. */
  readonly resources: readonly ServedResource[]
  rulesFor(gvk: GroupVersionKind): KindRules | undefined
  /** `paths` of GET /openapi/v3: path → where the document is. */
  openApiV3Index?(): JsonObject
  /** The document of `api/v1` or `apis/<group>/<version>`. */
  openApiV3Document?(groupVersion: string): JsonObject | string | undefined
  /** The definitions document of /openapi/v2 as gnostic protobuf. */
  openApiV2Protobuf?(): Uint8Array | undefined
}
