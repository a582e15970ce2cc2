// The form of the message tables: one line per field serves the TypeScript type, the CRD schema and the wire.
import { appProjectMessages } from './messages/app-project.ts'
import { applicationSetMessages } from './messages/application-set.ts'
import { applicationSourceMessages } from './messages/application-source.ts'
import { applicationMessages } from './messages/application.ts'
import { controlPlaneMessages } from './messages/control-plane.ts'
import { kubernetesMessages } from './messages/kubernetes.ts'
import { resourceTreeMessages } from './messages/resource-tree.ts'

/** One field of a message. The key it stands under is its JSON name. */
export interface MessageField {
  /** The protobuf field number. */
  readonly number: number
  /** A `ScalarType` or the name of another message. */
  readonly type: string
  /** A list of `type`. */
  readonly list?: true
  /** A map from strings to `type`. */
  readonly map?: true
  /** A manifest that lacks it is refused. */
  readonly required?: true
  /** Absent and zero differ: Go has a pointer to a scalar. */
  readonly pointer?: true
  /** On the wire a nested message; in JSON its fields stand in the parent. */
  readonly inline?: true
  /** The protobuf name where it differs from the JSON name. */
  readonly proto?: string
  /** The values that upstream writes; the CRD does not enforce them. */
  readonly values?: readonly string[]
  /** One sentence for `kubectl explain`. */
  readonly doc?: string
}

export type MessageTable = Readonly<Record<string, Readonly<Record<string, MessageField>>>>

/** Types that are no message of the tables, and what each is in JSON. */
export type ScalarType =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'bytes'
  | 'Time'
  | 'IntOrString'
  | 'JSON'
  | 'RawExtension'
  | 'FieldsV1'

export interface Messages
  extends
    Readonly<typeof applicationMessages>,
    Readonly<typeof applicationSourceMessages>,
    Readonly<typeof applicationSetMessages>,
    Readonly<typeof appProjectMessages>,
    Readonly<typeof controlPlaneMessages>,
    Readonly<typeof resourceTreeMessages>,
    Readonly<typeof kubernetesMessages> {}

export type MessageName = keyof Messages

/** Every message of group argoproj.io/v1alpha1 by its upstream name, with the Kubernetes messages they hold. */
export const messages: Messages = {
  ...applicationMessages,
  ...applicationSourceMessages,
  ...applicationSetMessages,
  ...appProjectMessages,
  ...controlPlaneMessages,
  ...resourceTreeMessages,
  ...kubernetesMessages,
}

const table: MessageTable = { ...messages }

/** The fields of a message, or undefined where the name is a scalar. */
export function fieldsOf(type: string): Readonly<Record<string, MessageField>> | undefined {
  return Object.hasOwn(table, type) ? table[type] : undefined
}
