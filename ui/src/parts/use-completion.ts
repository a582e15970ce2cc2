// What the NEW APP form offers for its fields, asked of the server as they are filled.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import {
  listClusters,
  listProjects,
  listRepositories,
  listRepositoryApps,
  readAppDetails,
  readRefs,
} from '../api/calls.ts'
import { listCharts } from '../api/charts.ts'
import { listUsedPlaces } from '../api/names.ts'
import type { SourceForm } from '../form/new-application.ts'

/** A field is asked about when nothing was typed into it for so long. */
const PAUSE_MS = 400

export interface KnownChoices {
  readonly projects: readonly string[]
  readonly repositories: readonly string[]
  readonly clusters: readonly string[]
  readonly namespaces: readonly string[]
}

/** What the server knows without a source. */
export function useKnownChoices(): KnownChoices {
  const { data: projects = [] } = useQuery({
    queryKey: ['projects'],
    queryFn: ({ signal }) => listProjects(signal),
  })
  const { data: clusters = [] } = useQuery({ queryKey: ['clusters'], queryFn: ({ signal }) => listClusters(signal) })
  const { data: repositories = [] } = useQuery({
    queryKey: ['repositories'],
    queryFn: ({ signal }) => listRepositories(signal),
  })
  const { data: used } = useQuery({ queryKey: ['used'], queryFn: ({ signal }) => listUsedPlaces(signal) })
  return {
    projects: unique(projects.map(({ metadata }) => metadata.name)),
    repositories: unique([...repositories, ...(used?.repositories ?? [])]),
    clusters: unique(clusters.map(({ server }) => server)),
    namespaces: unique(used?.namespaces ?? []),
  }
}

export interface SourceChoices {
  readonly revisions: readonly string[]
  readonly paths: readonly string[]
  readonly charts: readonly string[]
  readonly valueFiles: readonly string[]
  /** The kind of source at the path. */
  readonly detected: string | undefined
  readonly repositoryFault: string | undefined
  readonly pathFault: string | undefined
}

/** What the repository holds. Failures are shown beside the field they are about. */
export function useSourceChoices(source: SourceForm, project: string): SourceChoices {
  const asked = useSettled(source, project)
  const git = useGit(asked)
  const charts = useQuery({
    queryKey: ['charts', asked.repo],
    queryFn: ({ signal }) => listCharts(asked.repo, signal),
    enabled: asked.repo !== '' && asked.isChart,
  })
  const versions = (charts.data ?? []).find(({ name }) => name === asked.chart)?.versions ?? []
  if (!asked.isChart) return git
  return {
    ...git,
    revisions: unique(versions),
    charts: unique((charts.data ?? []).map(({ name }) => name)),
    repositoryFault: charts.error?.message,
  }
}

function useGit({ repo, project, revision, path, isChart }: Asked): SourceChoices {
  const place = { repo, revision, project }
  const refs = useQuery({
    queryKey: ['refs', repo, project],
    queryFn: ({ signal }) => readRefs(repo, project, signal),
    enabled: repo !== '' && !isChart,
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
    charts: [],
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
  readonly chart: string
  readonly isChart: boolean
}

const NOTHING: Asked = { repo: '', project: '', revision: '', path: '', chart: '', isChart: false }

/** The fields the questions depend on, once typing has paused. */
function useSettled({ repoURL, revision, path, chart, isChart }: SourceForm, project: string): Asked {
  const [settled, setSettled] = useState<Asked>(NOTHING)
  useEffect(() => {
    const asked = {
      repo: repoURL.trim(),
      project: project.trim(),
      revision: revision.trim() || 'HEAD',
      path: path.trim(),
      chart: chart.trim(),
      isChart,
    }
    const timer = setTimeout(() => setSettled(asked), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [repoURL, project, revision, path, chart, isChart])
  return settled
}
