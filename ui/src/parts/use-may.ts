// What the person may do to an application, asked of the server once a minute.
import { useQuery } from '@tanstack/react-query'
import type { Application } from '../../../src/crds/application.ts'
import { mayI, type MayOptions } from '../api/resource-calls.ts'

const FRESH_MS = 60_000

/** True until the server says otherwise: what one may do should not blink. */
export function useMay(
  application: Application,
  action: string,
  resource: MayOptions['resource'] = 'applications',
): boolean {
  const { project } = application.spec
  const { namespace = '', name = '' } = application.metadata
  const object = `${project === '' ? 'default' : project}/${namespace}/${name}`
  const { data } = useQuery({
    queryKey: ['may', resource, action, object],
    queryFn: ({ signal }) => mayI(action, object, { resource, signal }),
    staleTime: FRESH_MS,
  })
  return data !== false
}
