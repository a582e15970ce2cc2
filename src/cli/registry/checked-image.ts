// What a check of an image has found: our message RegistryCheck.

export interface CheckedImage {
  readonly image?: string
  readonly server?: string
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly secrets?: readonly CheckedSecret[] | null
  readonly credentials?: readonly CheckedCredential[] | null
  readonly result?: string
  readonly message?: string
  readonly warnings?: readonly string[] | null
}

interface CheckedSecret {
  readonly name?: string
  readonly state?: string
  readonly message?: string
}

interface CheckedCredential {
  readonly secret?: string
  readonly registry?: string
  readonly username?: string
  readonly result?: string
  readonly message?: string
}
