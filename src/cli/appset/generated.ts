// The Applications an ApplicationSet would generate, as a table or as manifests.
import { API_VERSION, type Application } from '../../crds/application.ts'
import { conditionsWord, destinationOf, qualifiedName, sourcesOf, syncPolicyWord } from '../app/describe.ts'
import { formatObject } from '../output.ts'
import { cells, formatTable } from '../table.ts'

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

/** As upstream prints them: several in YAML are documents, several in JSON a list. */
export function formatGenerated(applications: readonly Application[], format: 'wide' | 'json' | 'yaml'): string {
  if (format === 'wide') return formatTable([HEADING, ...applications.map(rowOf)])
  const manifests = applications.map((application) => ({
    ...application,
    apiVersion: API_VERSION,
    kind: 'Application',
  }))
  if (format === 'yaml') return manifests.map((manifest) => formatObject(manifest, 'yaml')).join('---\n')
  const [only, ...more] = manifests
  return formatObject(only !== undefined && more.length === 0 ? only : manifests, 'json')
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
