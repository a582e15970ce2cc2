// What the API server knows about a built-in kind beyond its schema: defaults, validation, preparation, table columns.
import type { JsonValue, KubeObject } from '../../kube/object.ts'

/** One fault of an object, as it stands in `details.causes` of a 422 answer. */
export interface FieldFault {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueNotSupported'
    | 'FieldValueForbidden'
    | 'FieldValueDuplicate'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany'
    | 'FieldValueTypeInvalid'
    | 'FieldValueNotFound'
  /** Path as Kubernetes writes it: `spec.template.spec.containers[0].image`. */
  readonly field: string
  /** Text after the field: `Required value`, `Invalid value: "A_b": a lowercase …`. */
  readonly message: string
}

export interface TableColumn {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format: string
  readonly description: string
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number
}

export type TableCell = string | number | boolean | null | readonly string[]

/** A preparation that cannot go on: the address is taken, the port is out of range. Answered like a failed validation. */
export class PreparationError extends Error {
  readonly faults: readonly FieldFault[]

  constructor(...faults: readonly FieldFault[]) {
    super(faults.map(({ field, message }) => `${field}: ${message}`).join(', '))
    this.name = 'PreparationError'
    this.faults = faults
  }
}

/** What a preparation may need from around the object. */
export interface KindContext {
  readonly nowMs: number
  /** `n` random characters of Kubernetes' alphabet for generated names. */
  readonly randomSuffix: (length: number) => string
  /** Hands out a free address of the service range, or claims the given one; undefined where it is taken. */
  readonly claimClusterIp: (wanted?: string) => string | undefined
  /** Whether an address lies in the service range. Default: every one does. */
  readonly isClusterIp?: (address: string) => boolean
  readonly claimNodePort: (wanted?: number) => number | undefined
}

/**
 * The rules of one kind. Every function is pure: a new value out, the one that came in untouched.
 * They take objects as `decodeStrict` leaves them (no nulls, no empty optional values) and run in this order: setDefaults, the registry's
 * own fields (name, uid, creationTimestamp, generation), prepareForCreate or prepareForUpdate, validate. Preparations may throw PreparationError.
 */
export interface KindRules {
  /** Fills in what the real server fills in on every write and read of an older object (`SetDefaults_*`). */
  readonly setDefaults?: (object: KubeObject) => KubeObject
  /** What happens once at creation (`PrepareForCreate`): addresses, generated selectors, phases. */
  readonly prepareForCreate?: (object: KubeObject, context: KindContext) => KubeObject
  /** Keeps what an update may not touch (`PrepareForUpdate`), other than status and metadata, which the registry keeps itself. */
  readonly prepareForUpdate?: (object: KubeObject, old: KubeObject, context: KindContext) => KubeObject
  /** Faults in the order the real server lists them; `old` on updates, where immutable fields are checked too. */
  readonly validate?: (object: KubeObject, old: KubeObject | undefined) => readonly FieldFault[]
  /** Faults of a status that is written through /status, which `validate` does not look at. */
  readonly validateStatus?: (object: KubeObject, old: KubeObject) => readonly FieldFault[]
  /** Columns after which the server itself appends nothing; `cells` has one value a column. */
  readonly table?: {
    readonly columns: readonly TableColumn[]
    readonly cells: (object: KubeObject, nowMs: number) => readonly TableCell[]
    /** The order of rows where it is not that of the list. */
    readonly compare?: (a: KubeObject, b: KubeObject) => number
  }
  /** What the server warns of when the object is created, and when an update has raised its generation. */
  readonly warnings?: (object: KubeObject, old?: KubeObject) => readonly string[]
  /** The parts whose change raises metadata.generation, which begins with 1. Absent: the kind has no generation. */
  readonly generationParts?: (object: KubeObject) => readonly (JsonValue | undefined)[]
  /** Values of field selectors beyond metadata.name and metadata.namespace. */
  readonly fieldLabels?: (object: KubeObject) => Readonly<Record<string, string>>
}

/** What a server serves under `<resource>/<name>`: `deployments/scale` takes a Scale of autoscaling/v1. */
export interface ServedSubresource {
  readonly name: string
  /** Kind of the body, and its group and version where they are not the resource's own. */
  readonly kind: string
  readonly group?: string
  readonly version?: string
  readonly verbs: readonly string[]
}

/** A resource as discovery names it, built in or made by a CustomResourceDefinition; one for every served version. */
export interface ServedResource {
  readonly group: string
  readonly version: string
  readonly kind: string
  /** Absent: the kind with `List` after it. */
  readonly listKind?: string
  /** Plural name used in paths: `deployments`. */
  readonly resource: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  /** Names the version objects are stored in; absent for what is not stored. */
  readonly storageVersionHash?: string
  readonly subresources: readonly ServedSubresource[]
}
