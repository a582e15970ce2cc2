// `proj allow-…|deny-…`: kinds of resources that a project's applications may, or may not, deploy.
import type { Command } from 'commander'
import type { AppProjectSpec, ClusterResourceRestrictionItem } from '../../crds/app-project.ts'
import type { CliContext } from '../context.ts'
import { addVerb } from '../verb.ts'
import { text } from '../verb-flags.ts'
import { getProject, updateProject } from './calls.ts'

export function addResourceVerbs(proj: Command, context: CliContext): void {
  for (const isAllowing of [true, false]) {
    for (const isClusterWide of [true, false]) addResourceVerb(proj, context, { isAllowing, isClusterWide })
  }
}

interface Way {
  readonly isAllowing: boolean
  readonly isClusterWide: boolean
}

function addResourceVerb(proj: Command, context: CliContext, way: Way): void {
  const { isAllowing, isClusterWide } = way
  const name = `${isAllowing ? 'allow' : 'deny'}-${isClusterWide ? 'cluster' : 'namespace'}-resource`
  const kinds = isClusterWide ? 'a cluster-wide kind' : 'a kind in namespaces'
  addVerb(proj, context, {
    words: `${name} <project> <group> <kind>${isClusterWide ? ' [name]' : ''}`,
    about: `${isAllowing ? 'allow' : 'deny'} ${kinds}: changes the allow list or the deny list (--list)`,
    writes: true,
    // Cluster-wide kinds are denied unless allowed, others allowed unless denied.
    flags: {
      list: text('the list to change: allow or deny', { short: 'l', initial: isClusterWide ? 'allow' : 'deny' }),
    },
    examples: [`proj ${name} web ${isClusterWide ? "'' Namespace" : 'apps Deployment'}`],
    async run(call) {
      const [projectName = '', group = '', kind = '', name = ''] = call.args
      const project = await getProject(call, projectName)
      const isAllowList = call.flags.list === 'allow' || call.flags.list === 'white'
      const changed = changeList(project.spec, { group, kind, ...(name === '' ? {} : { name }) }, way, isAllowList)
      if (changed === undefined) return
      // Upstream says it by cobra's Println, to standard error.
      context.writeError(`${changed.text}\n`)
      await updateProject(call, project, changed.spec)
    },
  })
}

/** The spec's field that changes and what is said of it; undefined where nothing is to be done. */
export function changeList(
  spec: AppProjectSpec,
  item: ClusterResourceRestrictionItem,
  { isAllowing, isClusterWide }: Way,
  isAllowList: boolean,
): { readonly spec: Partial<AppProjectSpec>; readonly text: string } | undefined {
  const field = `${isClusterWide ? 'cluster' : 'namespace'}Resource${isAllowList ? 'Whitelist' : 'Blacklist'}` as const
  const items: readonly ClusterResourceRestrictionItem[] = spec[field] ?? []
  const index = items.findIndex((other) => isSame(other, item))
  const isAdding = isAllowing === isAllowList
  if (isAdding === index >= 0) return undefined
  const { group, kind, name = '' } = item
  const what = isClusterWide
    ? `Group '${group}', kind '${kind}', and name '${name}'`
    : `Group '${group}' and kind '${kind}'`
  const list = `${isAllowList ? 'allowed' : 'denied'} ${isClusterWide ? 'cluster' : 'namespaced'} resources`
  return {
    spec: { [field]: isAdding ? [...items, item] : items.toSpliced(index, 1) },
    text: `${what} is ${isAdding ? 'added to' : 'removed from'} ${list}`,
  }
}

function isSame(a: ClusterResourceRestrictionItem, b: ClusterResourceRestrictionItem): boolean {
  return (a.group ?? '') === (b.group ?? '') && a.kind === b.kind && (a.name ?? '') === (b.name ?? '')
}
