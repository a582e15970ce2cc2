// Which credentials a namespace needs: the images its Applications use there, held against what is registered and permitted.
import type { AppProject } from '../crds/app-project.ts'
import type { Addressed, CredentialMatcher } from './credential-match.ts'
import { type PolicyRules, refusalOf } from './policy.ts'

/** What one Application uses in one namespace. */
export interface NamespaceUse {
  /** `namespace/name`. */
  readonly application: string
  readonly project: Pick<AppProject, 'metadata' | 'spec'>
  readonly images: Iterable<string>
}

export interface WantedCredential<C> {
  readonly credential: C
  /** `namespace/name`, sorted. */
  readonly applications: readonly string[]
}

/** An Application whose images would need a credential that it may not have. */
export interface Refusal {
  readonly application: string
  readonly credential: string
  /** The first such image. */
  readonly image: string
  readonly reason: string
}

export interface NamespaceWish<C> {
  /** By id of the credential. */
  readonly wanted: ReadonlyMap<string, WantedCredential<C>>
  readonly refusals: readonly Refusal[]
}

/** An image that a permitted credential fits is no matter of those that are not. */
export function wantedIn<C extends Addressed>(
  uses: readonly NamespaceUse[],
  match: CredentialMatcher<C>,
  rules: PolicyRules,
): NamespaceWish<C> {
  const found = new Map<string, { credential: C; applications: Set<string> }>()
  const refusals: Refusal[] = []
  for (const use of uses) {
    const refused = new Map<string, Refusal>()
    for (const image of use.images) {
      const candidates = match(image).map((credential) => ({
        credential,
        reason: refusalOf(credential, use.project, rules),
      }))
      const permitted = candidates.filter(({ reason }) => reason === undefined)
      for (const { credential } of permitted) add(found, credential, use.application)
      if (permitted.length === 0) noteRefusals(refused, { application: use.application, image }, candidates)
    }
    refusals.push(...refused.values())
  }
  const wanted = [...found].map(([id, { credential, applications }]) => {
    return [id, { credential, applications: [...applications].toSorted() }] as const
  })
  return { wanted: new Map(wanted), refusals }
}

function noteRefusals(
  refused: Map<string, Refusal>,
  what: Pick<Refusal, 'application' | 'image'>,
  candidates: readonly { readonly credential: Addressed; readonly reason: string | undefined }[],
): void {
  for (const { credential, reason = '' } of candidates) {
    if (!refused.has(credential.id)) refused.set(credential.id, { ...what, credential: credential.id, reason })
  }
}

function add<C extends Addressed>(
  found: Map<string, { credential: C; applications: Set<string> }>,
  credential: C,
  application: string,
): void {
  const known = found.get(credential.id)
  if (known === undefined) found.set(credential.id, { credential, applications: new Set([application]) })
  else known.applications.add(application)
}
