// Tells which resources there are, those of custom resource definitions as they come too.
import type { ResourceType } from '../../../kube/client/client.ts'
import type { WorkloadContext } from './context.ts'

/** A new definition's resource is served a moment after the definition is stored. */
const SETTLE_MS = 100

/** Calls `found` once for each resource that is `wanted`, now and later, until the controllers stop. */
export async function followResources(
  context: WorkloadContext,
  wanted: (type: ResourceType) => boolean,
  found: (type: ResourceType) => void,
): Promise<void> {
  const known = new Set<string>()
  const read = async (): Promise<void> => {
    for (const type of await context.client.resources(context.signal)) {
      const key = `${type.group}/${type.resource}`
      if (known.has(key) || !wanted(type)) continue
      known.add(key)
      found(type)
    }
  }
  await read()
  let reading = Promise.resolve()
  const reread = async (kind: { group: string; kind: string }): Promise<void> => {
    try {
      // Asking for a kind that is not known yet makes the client read discovery anew.
      if ((await context.client.resourceOf(kind, context.signal)) !== undefined) await read()
    } catch (error) {
      if (!context.signal.aborted) context.log.warn('discovery not read', { error })
    }
  }
  const definitions = await context.client.resourceOf({
    group: 'apiextensions.k8s.io',
    kind: 'CustomResourceDefinition',
  })
  if (definitions !== undefined) {
    context.informers.ofType(definitions).onChange(({ type, object }) => {
      const kind = customKind(object)
      if (type === 'DELETED') known.delete(`${kind.group}/${kind.resource}`)
      else if (kind.established && !known.has(`${kind.group}/${kind.resource}`)) {
        context.clock.schedule(SETTLE_MS, () => {
          reading = reading.then(() => reread(kind))
        })
      }
    })
  }
}

function customKind(definition: object): { group: string; kind: string; resource: string; established: boolean } {
  // As the schema of apiextensions/v1 has it.
  const { spec, status } = definition as {
    readonly spec?: { readonly group?: string; readonly names?: { readonly kind?: string; readonly plural?: string } }
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
  }
  const established = (status?.conditions ?? []).some((one) => one.type === 'Established' && one.status === 'True')
  return { group: spec?.group ?? '', kind: spec?.names?.kind ?? '', resource: spec?.names?.plural ?? '', established }
}
