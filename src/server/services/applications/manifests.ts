// What Git wants of an application, and what is known of its revisions.
import type { Application } from '../../../crds/application.ts'
import type { DesiredState } from '../../../desired/contract.ts'
import { withTracking } from '../../../live/tracking.ts'
import type { Call } from '../../context.ts'
import { flagField, listField, textField, textListField, type RequestFields } from '../fields.ts'
import { withoutSecretData } from './secrets.ts'
import { findApplication } from './find.ts'
import { desiredRequest } from './validate.ts'
import { jsonText } from '../../../kube/json-digits.ts'

/** What stands for decrypted values outside of Secrets (src/render/secrets/held.ts). */
const HELD_VALUE = /capstan-held-[0-9a-f]{40}/g

/** GET ~/applications/{name}/manifests: rendered at a revision, each as JSON text, secrets masked (001-19: read only). */
export async function getManifests(request: RequestFields, call: Call): Promise<unknown> {
  const application = findApplication(call, request, 'get')
  const freshness = flagField(request, 'noCache') === true ? 'hard' : 'cached'
  const state = await call.context.desired.generate(
    await desiredRequest(call, application, freshness, wantedRevisions(request, application)),
  )
  return manifestAnswer(state, application, call)
}

/** Upstream's ManifestResponse: each manifest as JSON text with its tracking marks, secrets masked. */
export function manifestAnswer(state: DesiredState, { metadata, spec }: Application, call: Call): object {
  const [first] = state.sources
  const { namespace = '', name = '' } = metadata
  const { tracking } = call.context.settings()
  const app = namespace === '' || namespace === call.context.namespace ? name : `${namespace}_${name}`
  const mark = { app, namespace: spec.destination.namespace ?? '' }
  return {
    manifests: state.manifests.map((manifest) =>
      jsonText(withoutSecretData(withTracking(manifest, mark, tracking))).replaceAll(HELD_VALUE, '++++++++'),
    ),
    namespace: spec.destination.namespace ?? '',
    server: spec.destination.server ?? '',
    revision: first?.revision ?? '',
    sourceType: first?.sourceType ?? '',
  }
}

function wantedRevisions(request: RequestFields, application: Application): readonly string[] {
  const sources = application.spec.sources ?? []
  const revision = textField(request, 'revision')
  if (sources.length === 0) return revision === '' ? [] : [revision]
  const positions = listField(request, 'sourcePositions').map(Number)
  const revisions = textListField(request, 'revisions')
  return sources.map((_, index) => revisions[positions.indexOf(index + 1)] ?? '')
}
