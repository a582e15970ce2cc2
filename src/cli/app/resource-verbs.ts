// `app get-resource|patch-resource|delete-resource`: live resources of an application (app_resources.go, v3.5.1).
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { ApplicationTree, ResourceDiff, ResourceNode } from '../../crds/tree.ts'
import { parseJson } from '../../kube/json-digits.ts'
import type { CliContext } from '../context.ts'
import { formatObject } from '../output.ts'
import { formatTable } from '../table.ts'
import { addVerb, type Call } from '../verb.ts'
import { list, text, truthFlag } from '../verb-flags.ts'
import { applicationFields, namespaceFlag } from './edit-verbs.ts'
import { filterFields, manifestRows } from './manifest-rows.ts'

const SERVICE = 'application.ApplicationService'

const resourceFlags = {
  ...namespaceFlag,
  kind: text('kind of the resource; needed'),
  group: text('group of the kind'),
  resourceName: text('name of the resource'),
  project: text("the application's project"),
} as const

const changeFlags = {
  ...resourceFlags,
  namespace: text('namespace of the resource'),
  all: truthFlag('all that match, where several do'),
} as const

type Resource = Required<Pick<ResourceNode, 'group' | 'version' | 'kind' | 'namespace' | 'name'>>

export function addResourceVerbs(app: Command, context: CliContext): void {
  addGetResource(app, context)
  addVerb(app, context, {
    words: 'patch-resource <name>',
    about: 'change live resources by a patch',
    writes: true,
    flags: {
      ...changeFlags,
      patch: text('the patch'),
      patchType: text('application/merge-patch+json, application/json-patch+json or application/strategic-merge-patch+json', { initial: 'application/merge-patch+json' }), // prettier-ignore
    },
    examples: [`app patch-resource web --kind Deployment --resource-name web --patch '{"spec": {"replicas": 3}}'`],
    async run(call) {
      const { patch, patchType } = call.flags
      if (patch === undefined) throw new CapstanError('bad-input', 'required flag "patch" not set')
      for (const resource of await matching(call)) {
        await call.send(`${SERVICE}/PatchResource`, { ...requestOf(call, resource), patch, patchType })
        call.print(`Resource '${resource.name}' patched\n`)
      }
    },
  })
  addVerb(app, context, {
    words: 'delete-resource <name>',
    about: 'delete live resources',
    writes: true,
    flags: {
      ...changeFlags,
      force: truthFlag('delete without waiting'),
      orphan: truthFlag('leave what belongs to the resource'),
    },
    examples: ['app delete-resource web --kind Pod --resource-name web-1'],
    async run(call) {
      const { force, orphan } = call.flags
      for (const resource of await matching(call)) {
        const what = `${resource.group}/${resource.kind} ${resource.name}`
        if (!(await call.confirm(`Are you sure you want to delete resource '${what}'? [y/n]`))) {
          call.print(`The command to delete resource '${resource.name}' was cancelled.\n`)
          continue
        }
        await call.send(`${SERVICE}/DeleteResource`, { ...requestOf(call, resource), force, orphan })
        call.print(`Resource '${resource.name}' deleted\n`)
      }
    },
  })
}

type ResourceCall = Pick<Call<typeof changeFlags>, 'args' | 'flags' | 'send'>

function requestOf(
  { args, flags }: Pick<Call<typeof resourceFlags>, 'args' | 'flags'>,
  resource: Resource,
): Readonly<Record<string, unknown>> {
  // prettier-ignore
  const { group, version, kind, namespace, name } = resource
  return {
    ...applicationFields(args[0], flags.appNamespace),
    project: flags.project,
    group,
    version,
    kind,
    namespace,
    resourceName: name,
  }
}

/** The live resources that the flags mean (cmd/util FilterResources). */
async function matching({ args, flags, send }: ResourceCall): Promise<readonly Resource[]> {
  const { group, kind, namespace = '', resourceName = '', all } = flags
  if (kind === undefined) throw new CapstanError('bad-input', 'required flag "kind" not set')
  const { name: applicationName, ...more } = applicationFields(args[0], flags.appNamespace)
  const { items } = await send<{ readonly items?: readonly ResourceDiff[] | null }>(`${SERVICE}/ManagedResources`, {
    applicationName,
    ...more,
  })
  const found = (items ?? [])
    .flatMap(liveResource)
    .filter(
      (one) =>
        (group === undefined || group === one.group) &&
        (kind === '' || kind === one.kind) &&
        (namespace === '' || namespace === one.namespace) &&
        (resourceName === '' || resourceName === one.name),
    )
  if (found.length === 0) throw new CapstanError('not-found', 'no matching resource found')
  if (found.length > 1 && all !== true)
    throw new CapstanError('bad-input', 'multiple resources match inputs, use the --all flag to patch multiple resources') // prettier-ignore
  return found
}

interface Manifest {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata?: { readonly name?: string; readonly namespace?: string }
}

function liveResource({ liveState = 'null' }: ResourceDiff): readonly Resource[] {
  // The server wrote the manifest of an object, or null.
  const live = parseJson(liveState === '' ? 'null' : liveState) as Manifest | null
  if (live === null) return []
  const { apiVersion = '', kind = '', metadata: { name = '', namespace = '' } = {} } = live
  const slash = apiVersion.indexOf('/')
  return [
    { group: apiVersion.slice(0, Math.max(slash, 0)), version: apiVersion.slice(slash + 1), kind, namespace, name },
  ]
}

function addGetResource(app: Command, context: CliContext): void {
  addVerb(app, context, {
    words: 'get-resource <name>',
    about: 'show live resources, whole or some fields of them',
    flags: {
      ...resourceFlags,
      filterFields: list('only these fields: spec.replicas,status.phase'),
      showManagedFields: truthFlag('show who manages which field'),
      output: text('one of wide|json|yaml', { short: 'o', initial: 'wide' }),
    },
    examples: [
      'app get-resource web --kind Pod',
      'app get-resource web --kind Pod --filter-fields status.podIP -o json',
    ],
    async run(call) {
      const { filterFields: fields = [], output: form, resourceName = '' } = call.flags
      const objects: Fields[] = []
      for (const node of await nodesOf(call)) {
        const object = await fetchLive(call, node)
        const shown = call.flags.showManagedFields === true ? object : withoutManagedFields(object)
        objects.push(fields.length === 0 ? shown : filterFields(shown, fields))
      }
      if (form === 'json' || form === 'yaml') {
        call.print(objects.map((object) => formatObject(object, form)).join('---\n'))
        return
      }
      const showsName = resourceName === ''
      const heading = showsName ? ['FIELD', 'RESOURCE NAME', 'VALUE'] : ['FIELD', 'VALUE']
      const isFiltered = fields.length > 0
      call.print(
        formatTable([heading, ...objects.flatMap((object) => manifestRows(object, { showsName, isFiltered }))]),
      )
    },
  })
}

type Fields = Readonly<Record<string, unknown>>
type GetCall = Pick<Call<typeof resourceFlags>, 'args' | 'flags' | 'send'>

/** The nodes of the tree that the flags mean. */
async function nodesOf({ args, flags, send }: GetCall): Promise<readonly ResourceNode[]> {
  const { kind, group = '', resourceName = '' } = flags
  if (kind === undefined) throw new CapstanError('bad-input', 'required flag "kind" not set')
  const { name: applicationName, ...more } = applicationFields(args[0], flags.appNamespace)
  const { nodes } = await send<ApplicationTree>(`${SERVICE}/ResourceTree`, { applicationName, ...more })
  return (nodes ?? []).filter(
    (node) =>
      node.kind === kind &&
      (resourceName === '' || node.name === resourceName) &&
      (group === '' || node.group === group),
  )
}

async function fetchLive(call: GetCall, node: ResourceNode): Promise<Fields> {
  const { group = '', version = '', kind = '', namespace = '', name = '' } = node
  const request = requestOf(call, { group, version, kind, namespace, name })
  const { manifest } = await call.send<{ readonly manifest: string }>(`${SERVICE}/GetResource`, request)
  // A live object.
  return parseJson(manifest) as Fields
}

function withoutManagedFields(object: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { metadata } = object
  if (typeof metadata !== 'object' || metadata === null) return object
  return {
    ...object,
    metadata: Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== 'managedFields')),
  }
}
