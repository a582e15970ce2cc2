// The Applications an ApplicationSet would generate, as a table or as manifests.
import { API_VERSION, type Application } from '../../crds/application.ts'
import { formatApplications } from '../app/list-table.ts'
import { formatObject } from '../output.ts'

/** As upstream prints them: several in YAML are documents, several in JSON a list. */
export function formatGenerated(applications: readonly Application[], format: 'wide' | 'json' | 'yaml'): string {
  if (format === 'wide') return formatApplications(applications)
  const manifests = applications.map((application) => ({
    ...application,
    apiVersion: API_VERSION,
    kind: 'Application',
  }))
  if (format === 'yaml') return manifests.map((manifest) => formatObject(manifest, 'yaml')).join('---\n')
  const [only, ...more] = manifests
  return formatObject(only !== undefined && more.length === 0 ? only : manifests, 'json')
}
