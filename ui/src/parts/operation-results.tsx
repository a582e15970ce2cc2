// How far the sync is, by phase and wave, or what the last one did; folded away unless it runs or has failed.
import type { Application, ResourceResult } from '../../../src/crds/application.ts'
import { isRunning, outcomeOf, phasesOf, progressOf, type PhaseResults } from '../applications/operation.ts'
import { Badge } from './badge.tsx'
import { KindMark } from './kind-mark.tsx'
import { useText } from './preferences-context.tsx'

export function OperationResults({ application }: { readonly application: Application }) {
  const phases = phasesOf(application)
  const isBusy = isRunning(application)
  const phase = application.status?.operationState?.phase
  if (phase === undefined || (phases.length === 0 && !isBusy)) return null
  const isOpen = isBusy || phase === 'Failed' || phase === 'Error'
  return (
    // A new one when it begins or ends: then it unfolds or folds by itself.
    <details key={isBusy ? 'busy' : 'done'} className={isBusy ? 'results busy' : 'results'} open={isOpen}>
      <Head application={application} isBusy={isBusy} />
      <ol className="phases">
        {phases.map((part) => (
          <Phase key={part.phase} part={part} />
        ))}
      </ol>
    </details>
  )
}

function Head({ application, isBusy }: { readonly application: Application; readonly isBusy: boolean }) {
  const text = useText()
  const { done, all, failed } = progressOf(application)
  return (
    <>
      <summary>
        {text(isBusy ? 'operation.running' : 'page.operationDetails')}
        {all > 0 && <span className="muted"> · {text('operation.count', { done, all })}</span>}
        {failed > 0 && <span className="tone-bad"> · {text('operation.failed', { count: failed })}</span>}
      </summary>
      {isBusy && (
        <progress className="progress" aria-label={text('operation.running')} max={Math.max(all, 1)} value={done} />
      )}
    </>
  )
}

function Phase({ part: { phase, waves } }: { readonly part: PhaseResults }) {
  const text = useText()
  return (
    <li>
      <h2>{phase}</h2>
      {waves.map(({ wave, results }) => (
        <section key={wave ?? 'none'} className="wave">
          <h3 className="muted">{wave === undefined ? text('operation.noWave') : text('operation.wave', { wave })}</h3>
          <ul>
            {results.map((result) => (
              <Result key={keyOf(result)} result={result} />
            ))}
          </ul>
        </section>
      ))}
    </li>
  )
}

function keyOf({ group, kind, namespace, name, syncPhase, hookType }: ResourceResult): string {
  return `${group}/${kind}/${namespace}/${name}/${syncPhase ?? ''}/${hookType ?? ''}`
}

function Result({ result }: { readonly result: ResourceResult }) {
  const { kind, namespace, name, hookType, message } = result
  return (
    <li className="result">
      <KindMark kind={kind} />
      <span className="result-name break">
        <span className="muted">{kind}</span> {namespace === '' ? name : `${namespace}/${name}`}
        {hookType !== undefined && <span className="note">{hookType}</span>}
      </span>
      <Badge status={outcomeOf(result)} />
      <span className="result-message muted break">{message}</span>
    </li>
  )
}
