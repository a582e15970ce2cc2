// ApplicationSets as the API server needs them: the cache of them, and what they would generate and change.
import type { GeneratorServices, SetGeneration } from '../generators/contract.ts'
import { isOwnedBy, planChanges } from '../generators/plan.ts'
import { allowedBy } from '../generators/policy.ts'
import { clusterOf, validateApplications } from '../generators/validate.ts'
import { createJqDeletion } from '../lang/jq/delete.ts'
import type { ApplicationSets } from '../server/context.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import type { Stages } from './stages.ts'

/** Of this process' stages; nothing is written. */
export function servedApplicationSets(
  { namespace }: Pick<ControlPlaneOptions, 'namespace'>,
  { applicationSets, followed }: Stages,
): ApplicationSets {
  const { settings } = applicationSets
  let loading: Promise<SetGeneration> | undefined
  const services = withStrictTokens(applicationSets.services)
  const deleteByJq = createJqDeletion()
  return {
    sets: applicationSets.followed.sets,
    isNamespaceEnabled: (name) => name === namespace || applicationSets.allowsNamespace?.(name) === true,
    async generate(set, signal) {
      loading ??= applicationSets.loadGeneration(services)
      return (await loading).generate(set, { signal, isRefresh: false })
    },
    plan(set, generated) {
      const place = { name: set.metadata.name ?? '', namespace: set.metadata.namespace ?? namespace }
      const clusters = services.clusters()
      const faults = validateApplications(generated, set, {
        hasProject: (name) => followed.projects.get(namespace, name) !== undefined,
        destinationFault: (destination) => clusterOf(destination, clusters).fault,
      })
      const current = settings()
      return planChanges({
        applicationSet: set,
        generated,
        valid: generated.filter(({ metadata }) => !faults.has(metadata.name ?? '')),
        owned: [...followed.applications.list()].filter((application) => isOwnedBy(application, place)),
        find: (name) => followed.applications.get(place.namespace, name),
        allowed: allowedBy(set.spec, current),
        preserved: { annotations: current.preservedAnnotations, labels: current.preservedLabels },
        deleteByJq,
      })
    },
  }
}

/** Whoever may create an ApplicationSet must not read any Secret with it: upstream's API server takes labelled ones alone. */
function withStrictTokens(services: GeneratorServices): GeneratorServices {
  return {
    ...services,
    get scm() {
      return { ...services.scm, isTokenRefStrict: true }
    },
    get git() {
      return services.git ?? {}
    },
  }
}
