// What the last sync did to each resource, folded away unless it failed.
import type { Application } from '../../../src/crds/application.ts'
import { Badge } from './badge.tsx'
import { useText } from './preferences-context.tsx'

export function OperationResults({ application }: { readonly application: Application }) {
  const text = useText()
  const state = application.status?.operationState
  const resources = state?.syncResult?.resources ?? []
  if (state === undefined || resources.length === 0) return null
  const isFailed = state.phase === 'Failed' || state.phase === 'Error'
  return (
    <details className="results" open={isFailed}>
      <summary>{text('page.operationDetails')}</summary>
      <div className="table-frame">
        <table>
          <thead>
            <tr>
              <th scope="col">{text('resource.kind')}</th>
              <th scope="col">{text('resource.name')}</th>
              <th scope="col">{text('page.result')}</th>
            </tr>
          </thead>
          <tbody>
            {resources.map((resource) => {
              const { group, kind, namespace, name, status, hookType, hookPhase = '', message, syncPhase } = resource
              return (
                <tr key={`${group}/${kind}/${namespace}/${name}/${syncPhase ?? ''}`}>
                  <td>{kind}</td>
                  <td className="break">{namespace === '' ? name : `${namespace}/${name}`}</td>
                  <td>
                    <Badge status={hookType === undefined ? (status ?? hookPhase) : hookPhase} />{' '}
                    {hookType !== undefined && <span className="muted">{hookType} </span>}
                    <span className="break">{message}</span>
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </details>
  )
}
