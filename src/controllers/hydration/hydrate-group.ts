// Hydrates the applications of one key: all of them rendered at one dry commit, written in one commit, or none.
import { messageOf } from '../../base/errors.ts'
import { drySourceOf } from '../../desired/hydrated-source.ts'
import type { AppProject } from '../../crds/app-project.ts'
import { commitMetadata } from './commit-metadata.ts'
import type { HydratorDependencies } from './dependencies.ts'
import { dryRequest, renderDry, type DryManifests } from './dry-source.ts'
import { hydratedFiles } from './hydrated-files.ts'
import { type HydratedApplication, isSameHydrator, projectOf, qualifiedName, targetOf } from './hydrator-spec.ts'
import { hydratorStatusOf } from './needs-hydration.ts'
import type { HydrationTemplates } from './templates.ts'
import { genericFault, validateApplications } from './validate.ts'

/** Notes say of a hydrated commit which dry commit it was last checked against (argo-cd v3.5.1 commitserver). */
const NOTE_NAMESPACE = 'hydrator.metadata'

export interface GroupWish {
  readonly templates: HydrationTemplates
  /** Write although nothing seems to have changed, with nothing taken from memory. */
  readonly isHard: boolean
  readonly signal: AbortSignal
}

export type GroupOutcome =
  | {
      readonly isDone: true
      readonly drySHA: string
      readonly hydratedSHA: string
      readonly renderings: ReadonlyMap<string, string>
    }
  /** Texts by the application's name. */
  | { readonly isDone: false; readonly drySHA: string; readonly faults: ReadonlyMap<string, string> }

/** Rejects only with the signal's reason; all else is the outcome. */
export async function hydrateGroup(
  group: readonly HydratedApplication[],
  dependencies: HydratorDependencies,
  wish: GroupWish,
): Promise<GroupOutcome> {
  const projectNamed = (name: string): AppProject | undefined => dependencies.projects.get(dependencies.namespace, name)
  const faults = validateApplications(group, projectNamed, dependencies.namespace)
  if (faults.size > 0) return failure(group, faults, '')
  const seen = { drySHA: '' }
  try {
    return await hydrate(group, { ...wish, dependencies, seen, projectNamed })
  } catch (error) {
    wish.signal.throwIfAborted()
    return failure(group, new Map(group.map((one) => [qualifiedName(one), messageOf(error)])), seen.drySHA)
  }
}

interface Run extends GroupWish {
  readonly dependencies: HydratorDependencies
  readonly projectNamed: (name: string) => AppProject | undefined
  /** The dry commit, once it is known. */
  readonly seen: { drySHA: string }
}

async function hydrate(group: readonly HydratedApplication[], run: Run): Promise<GroupOutcome> {
  const { seen, isHard } = run
  const [first] = group
  if (first === undefined) return failure(group, new Map(), '')
  // Known before anything is rendered: what fails at a commit is not tried again until there is another.
  seen.drySHA = await resolveDry(first, run)
  const known = isHard ? undefined : hydratedBefore(group, seen.drySHA)
  if (known !== undefined) return { isDone: true, drySHA: seen.drySHA, hydratedSHA: known, renderings: new Map() }
  const rendered = new Map<string, DryManifests>()
  const faults = new Map<string, string>()
  await Promise.all(group.map((one) => render(one, run, { rendered, faults })))
  if (faults.size > 0) return failure(group, faults, seen.drySHA)
  const paths = group.flatMap((one) => rendered.get(qualifiedName(one)) ?? [])
  const { commit } = await write(first, paths, { ...run, project: commonProject(group) })
  const renderings = new Map([...rendered].map(([name, { rendering }]) => [name, rendering]))
  return { isDone: true, drySHA: seen.drySHA, hydratedSHA: commit, renderings }
}

async function resolveDry(application: HydratedApplication, { dependencies, signal, isHard }: Run): Promise<string> {
  const freshness = isHard ? 'hard' : 'latest'
  const { revisions } = await dependencies.desired.glance(
    await dryRequest(application, dependencies, { freshness, signal }),
  )
  return revisions[0] ?? ''
}

async function render(
  application: HydratedApplication,
  { dependencies, projectNamed, signal, seen, isHard }: Run,
  into: { readonly rendered: Map<string, DryManifests>; readonly faults: Map<string, string> },
): Promise<void> {
  const name = qualifiedName(application)
  const project = projectNamed(projectOf(application))
  if (project === undefined) return // told by the validation before
  const wish = {
    freshness: isHard ? ('hard' as const) : ('latest' as const),
    revision: seen.drySHA,
    signal,
  }
  try {
    into.rendered.set(name, await renderDry(application, project, dependencies, wish))
  } catch (error) {
    signal.throwIfAborted()
    into.faults.set(name, messageOf(error))
  }
}

/** The commit that all of them were last written in, for this dry commit and as they ask now. */
function hydratedBefore(group: readonly HydratedApplication[], drySHA: string): string | undefined {
  const commits = group.map((application) => {
    const last = hydratorStatusOf(application).lastSuccessfulOperation
    const isSame = last?.drySHA === drySHA && isSameHydrator(last.sourceHydrator, application.spec.sourceHydrator)
    return isSame ? (last.hydratedSHA ?? '') : ''
  })
  const [commit = ''] = commits
  return commit !== '' && commits.every((one) => one === commit) ? commit : undefined
}

/** Credentials of one project are not used for another's manifests. */
function commonProject(group: readonly HydratedApplication[]): string {
  const projects = new Set(group.map(projectOf))
  const [project = ''] = projects
  return projects.size === 1 ? project : ''
}

async function write(
  first: HydratedApplication,
  manifests: readonly DryManifests[],
  { dependencies, templates, signal, seen, project }: Run & { readonly project: string },
): Promise<{ readonly commit: string }> {
  const { sourceHydrator } = first.spec
  const dry = drySourceOf(sourceHydrator)
  const { repoURL, branch } = targetOf(sourceHydrator)
  const { drySHA } = seen
  const facts = await dependencies.desired.revisionMetadata(dry, projectOf(first), drySHA, signal)
  const metadata = commitMetadata(dry.repoURL, drySHA, facts)
  const settings = dependencies.settings()
  const message = templates.commitMessage(settings.commitMessageTemplate, metadata)
  const paths = manifests.map(({ path }) => path)
  return dependencies.write(repoURL, project, {
    branch,
    base: sourceHydrator.syncSource.targetBranch,
    author: settings.author,
    message,
    note: { namespace: NOTE_NAMESPACE, text: JSON.stringify({ drySha: drySHA }) },
    filesOver: (head) =>
      hydratedFiles(paths, metadata, {
        head,
        readme: (own) => templates.readme(settings.readmeMessageTemplate, own),
      }),
    signal,
  })
}

/** Those without a fault of their own are told of the others'. */
function failure(
  group: readonly HydratedApplication[],
  faults: ReadonlyMap<string, string>,
  drySHA: string,
): GroupOutcome {
  const generic = genericFault(faults)
  const told = group.map((one) => [qualifiedName(one), faults.get(qualifiedName(one)) ?? generic] as const)
  return { isDone: false, drySHA, faults: new Map(told) }
}
