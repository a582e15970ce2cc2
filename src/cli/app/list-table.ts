// Applications as a table, a line each: upstream's columns.
import type { Application } from '../../crds/application.ts'
import { cells, formatTable } from '../table.ts'
import { conditionsWord, destinationOf, qualifiedName, sourcesOf, syncPolicyWord } from './describe.ts'

const HEADING = [
  'NAME',
  'CLUSTER',
  'NAMESPACE',
  'PROJECT',
  'STATUS',
  'HEALTH',
  'SYNCPOLICY',
  'CONDITIONS',
  'REPO',
  'PATH',
  'TARGET',
]

export function formatApplications(applications: readonly Application[]): string {
  return formatTable([HEADING, ...applications.map(rowOf)])
}

function rowOf(application: Application): readonly string[] {
  const { spec, status } = application
  const [source] = sourcesOf(application)
  return cells(
    qualifiedName(application),
    destinationOf(application),
    spec.destination.namespace,
    spec.project || 'default',
    status?.sync?.status,
    status?.health?.status,
    syncPolicyWord(application),
    conditionsWord(status?.conditions),
    source?.repoURL,
    source?.path,
    source?.targetRevision,
  )
}
