// Parts of a pod that have a path of their own: ephemeral containers, resources in place.
import type { ApiResponse } from '../../../kube/client/transport.ts'
import type { JsonObject, JsonValue, KubeObject } from '../../../kube/object.ts'
import type { Call } from '../call.ts'
import { ephemeralChangeFaults, resizeFaults } from '../../kinds/validation/pod-parts.ts'
import { decodeCall } from '../expected-kind.ts'
import { writeOptions } from '../options.ts'
import { objectAnswer } from '../respond.ts'
import { gvkOf } from '../resource.ts'
import { invalid } from '../status.ts'
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
      const next = { ...old, metadata, spec } as KubeObject
      const judge = part === 'resize' ? resizeFaults : ephemeralChangeFaults
      // Every object is JSON; the interface lacks the index signature.
      const faults = judge(next as unknown as JsonObject, old as unknown as JsonObject)
      if (faults.length > 0) throw invalid(gvkOf(call.resource), old.metadata.name ?? '', faults)
      return next
    },
  }
}

function withEphemeral(old: Pod, wanted: Pod): JsonObject {
  const { ephemeralContainers: _old, ...rest } = old.spec ?? {}
  const list = wanted.spec?.['ephemeralContainers']
  return list === undefined ? rest : { ...rest, ephemeralContainers: list }
}

/** Resources and resize policies come from the wanted pod; containers that are not the same are left for the check to refuse. */
function resized(old: Pod, wanted: Pod): JsonObject {
  const fields = ['containers', 'initContainers']
  const isOther = fields.some((field) => listOf(old.spec?.[field]).length !== listOf(wanted.spec?.[field]).length)
  if (isOther) return wanted.spec ?? {}
  const spec: Record<string, JsonValue> = { ...old.spec }
  for (const field of fields) {
    const [before, after] = [listOf(old.spec?.[field]), listOf(wanted.spec?.[field])]
    if (before.length === 0) continue
    const isRenamed = before.some((container, index) => container['name'] !== after[index]?.['name'])
    spec[field] = isRenamed ? after : before.map((container, index) => withResources(container, after[index] ?? {}))
  }
  return spec
}

function withResources(container: JsonObject, { resources, resizePolicy }: JsonObject): JsonObject {
  const { resizePolicy: _policy, ...rest } = container
  return {
    ...rest,
    resources: resources ?? {},
    ...(resizePolicy === undefined ? {} : { resizePolicy }),
  }
}

function listOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [] // decoded against the schema of pods
}
