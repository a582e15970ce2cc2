// Status badges of this process' applications.
import { type BadgeAnswerer, createBadgeAnswerer } from '../server/badge/answer-badge.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import type { Stages } from './stages.ts'

/** Answers GET /api/badge; what argocd-cm switches on or off acts at once. */
export function badgeAnswerer(
  { namespace }: Pick<ControlPlaneOptions, 'namespace'>,
  { followed, state, allowsNamespace }: Pick<Stages, 'followed' | 'state' | 'allowsNamespace'>,
): BadgeAnswerer {
  const { applications } = followed
  return createBadgeAnswerer({
    namespace,
    isEnabled: () => state.settings().statusBadgeEnabled,
    application: (place, name) => applications.get(place, name),
    applications: (place) => [...applications.list()].filter(({ metadata }) => metadata.namespace === place),
    isNamespaceEnabled: (name) => name === namespace || allowsNamespace?.(name) === true,
  })
}
