// Parts of a pod that have a path of their own: ephemeral containers, resources in place.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { objectAnswer } from '../respond.ts'
import { patchKind, patchOptions, patchTransform } from '../verbs/patch.ts'
import { checkName } from '../verbs/update.ts'
import { updateObject, type UpdateRequest } from '../write-object.ts'

type Pod = KubeObject & { readonly spec?: JsonObject }

/** Replaces the part by that of the pod in the body. */
export async function updatePart(call: Call): Promise<ApiResponse> {
  const options = writeOptions('UpdateOptions', call.query, call.request.headers['user-agent'])
  const pod = decodeCall(call, options.fieldValidation)
  const name = call.route.name ?? ''
  checkName(pod, name)
  const { object } = await updateObject(call, { ...partWrite(call), name, options, transform: () => pod })
  return objectAnswer(call, object)
}

/** Patches the pod and keeps of the result the part alone. */
export async function patchPart(call: Call): Promise<ApiResponse> {
  const kind = patchKind(call)
  const options = patchOptions(call, kind)
  const transform = patchTransform(call, kind, options)
  const { object } = await updateObject(call, { ...partWrite(call), name: call.route.name ?? '', options, transform })
  return objectAnswer(call, object)
}

function partWrite(call: Call): Pick<UpdateRequest, 'subresource' | 'keep'> {
  const part = call.route.subresource ?? ''
  return {
    subresource: part,
    keep: (object, old) => {
      const metadata = {
        ...old.metadata,
        ...(object.metadata.managedFields === undefined ? {} : { managedFields: object.metadata.managedFields }),
      }
      const spec = part === 'resize' ? resized(old as Pod, object as Pod) : withEphemeral(old as Pod, object as Pod)
      return { ...old, metadata, spec } as KubeObject
    },
  }
}

function withEphemeral(old: Pod, wanted: Pod): JsonObject {
  const { ephemeralContainers: _old, ...rest } = old.spec ?? {}
  const list = wanted.spec?.['ephemeralContainers']
  return list === undefined ? rest : { ...rest, ephemeralContainers: list }
}

/** Only resources and resize policies of containers come from the wanted pod. */
function resized(old: Pod, wanted: Pod): JsonObject {
  const spec: Record<string, JsonValue> = { ...old.spec }
  for (const field of ['containers', 'initContainers']) {
    const [before, after] = [listOf(old.spec?.[field]), listOf(wanted.spec?.[field])]
    if (before.length === 0) continue
    spec[field] = before.map((container) => {
      const match = after.find((one) => one['name'] === container['name'])
      const { resources, resizePolicy } = match ?? container
      return {
        ...container,
        ...(resources === undefined ? {} : { resources }),
        ...(resizePolicy === undefined ? {} : { resizePolicy }),
      }
    })
  }
  return spec
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [] // decoded against the schema of pods
}
