// What the NEW APP form offers for its fields, asked of the server as they are filled.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import {
  listApplications,
  listClusters,
  listProjects,
  listRepositories,
  listRepositoryApps,
  readAppDetails,
  readRefs,
} from '../api/calls.ts'
import type { NewApplicationForm } from '../form/new-application.ts'
import { queryKeys } from '../live/use-stream.ts'

/** A field is asked about when nothing was typed into it for so long. */
const PAUSE_MS = 400

export interface Completion {
  readonly projects: readonly string[]
  readonly repositories: readonly string[]
  readonly revisions: readonly string[]
  readonly paths: readonly string[]
  readonly valueFiles: readonly string[]
  readonly clusters: readonly string[]
  readonly namespaces: readonly string[]
  /** The kind of source at the path. */
  readonly detected: string | undefined
  readonly repositoryFault: string | undefined
  readonly pathFault: string | undefined
}

export function useCompletion(form: NewApplicationForm): Completion {
  return { ...useKnown(), ...useSource(form) }
}

type Known = Pick<Completion, 'projects' | 'repositories' | 'clusters' | 'namespaces'>

/** What the server knows without a source. */
function useKnown(): Known {
  const { data: projects = [] } = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => listProjects(signal),
  })
  const { data: clusters = [] } = useQuery({ queryKey: ['clusters'], queryFn: ({ signal }) => listClusters(signal) })
  const { data: repositories = [] } = useQuery({
    queryKey: ['repositories'],
    queryFn: ({ signal }) => listRepositories(signal),
  })
  const { data: applications } = useQuery({
    queryKey: queryKeys.applications,
    queryFn: ({ signal }) => listApplications(signal),
  })
  const used = (applications?.items ?? []).map(({ spec }) => spec)
  return {
    projects: unique(projects.map(({ metadata }) => metadata.name)),
    repositories: unique([...repositories, ...used.map(({ source }) => source?.repoURL)]),
    clusters: unique(clusters.map(({ server }) => server)),
    namespaces: unique(used.map(({ destination }) => destination.namespace)),
  }
}

/** What the repository holds. Failures are shown beside the field they are about. */
function useSource(form: NewApplicationForm): Omit<Completion, keyof Known> {
  const { repo, project, revision, path } = useSettled(form)
  const place = { repo, revision: revision || 'HEAD', project }
  const refs = useQuery({
    queryKey: ['refs', repo, project],
    queryFn: ({ signal }) => readRefs(repo, project, signal),
    enabled: repo !== '',
  })
  const apps = useQuery({
    queryKey: ['apps', place],
    queryFn: ({ signal }) => listRepositoryApps(place, signal),
    enabled: refs.isSuccess,
  })
  const details = useQuery({
    queryKey: ['details', place, path],
    queryFn: ({ signal }) => readAppDetails(place, path, signal),
    enabled: refs.isSuccess && path !== '',
  })
  const { branches = [], tags = [] } = refs.data ?? {}
  const { type, helm } = details.data ?? {}
  return {
    revisions: unique(['HEAD', ...branches, ...tags]),
    paths: unique((apps.data ?? []).map((app) => app.path)),
    valueFiles: unique(helm?.valueFiles ?? []),
    detected: type,
    repositoryFault: refs.error?.message,
    pathFault: details.error?.message,
  }
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values)].filter((value) => value !== undefined).filter((value) => value !== '')
}

interface Asked {
  readonly repo: string
  readonly project: string
  readonly revision: string
  readonly path: string
}

/** The fields the questions depend on, once typing has paused. */
function useSettled({ repoURL, project, revision, path }: NewApplicationForm): Asked {
  const [settled, setSettled] = useState<Asked>({ repo: '', project: '', revision: '', path: '' })
  useEffect(() => {
    const asked = { repo: repoURL.trim(), project: project.trim(), revision: revision.trim(), path: path.trim() }
    const timer = setTimeout(() => setSettled(asked), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [repoURL, project, revision, path])
  return settled
}
