// A revision and who signed it, as a policy of source integrity judges it.

/** What a signature was found to be, in upstream's words (argo-cd v3.5.1 `util/git/client.go`). */
export type SignatureResult =
  | 'signed'
  | 'bad signature'
  | 'signed with untrusted key'
  | 'expired signature'
  | 'signed with expired key'
  | 'signed with revoked key'
  | 'signed with key not in keyring'
  | 'unsigned'

export interface RevisionSignature {
  /** A commit id, or the name of an annotated tag. */
  readonly revision: string
  readonly result: SignatureResult
  /** 16 hexadecimal digits; empty where nothing is signed. */
  readonly keyID: string
  /** Who wrote the commit or made the tag: `Name <address>`. */
  readonly author: string
}

export interface SignatureWish {
  readonly project: string
  /** The commit whose files are used. */
  readonly revision: string
  /** The whole history of the commit, back to a signed commit that seals it; otherwise the tag or the commit alone. */
  readonly isDeep: boolean
  readonly signal?: AbortSignal
}
