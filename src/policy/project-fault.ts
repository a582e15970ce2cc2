// A fault of a project as upstream's API answers it.

export interface ProjectFault {
  /** gRPC's code. */
  readonly code: 'InvalidArgument' | 'AlreadyExists' | 'OutOfRange' | 'Unknown'
  readonly message: string
}
