// What hydrator.metadata, the commit message and README.md are told of a dry commit.
import type { RevisionMetadata } from '../../desired/contract.ts'
import { readReferences, type CommitReference } from './commit-references.ts'

/** Fields in the order in which they are written; empty ones are left out (argo-cd v3.5.1 util/hydrator). */
export interface CommitMetadata {
  readonly repoURL?: string
  readonly drySha?: string
  readonly commands?: readonly string[]
  readonly author?: string
  readonly date?: string
  /** The first paragraph of the message. */
  readonly subject?: string
  /** What follows it, without the trailers that `references` holds. */
  readonly body?: string
  readonly references?: readonly CommitReference[]
}

export function commitMetadata(repoURL: string, drySha: string, dry: RevisionMetadata): CommitMetadata {
  const { author, date, message } = dry
  const blank = message.indexOf('\n\n')
  const subject = blank < 0 ? message : message.slice(0, blank)
  const { references, rest } = readReferences(blank < 0 ? '' : message.slice(blank + 2))
  return withoutEmpty({ repoURL, drySha, author, date, subject, body: rest, references })
}

/** `omitempty` of Go. */
export function withoutEmpty(metadata: CommitMetadata): CommitMetadata {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value.length > 0))
}

/** The text of a hydrator.metadata file. */
export function metadataText(metadata: CommitMetadata): string {
  return `${JSON.stringify(metadata, undefined, 2)}\n`
}
