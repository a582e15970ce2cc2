// The list of ApplicationSets.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Layers, Plus } from 'lucide-react'
import { listSets } from '../../api/application-sets.ts'
import { Badge } from '../../parts/badge.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { generatorWords, stateOf } from '../../sets/application-sets.ts'
import { useSetsText } from './use-sets-text.ts'

/** The set is looked at again while the page is open. */
export const LOOK_AGAIN_MS = 5000

export function SetsPage() {
  const text = useSetsText()
  const sets = useQuery({
    queryKey: ['sets'],
    queryFn: ({ signal }) => listSets(signal),
    refetchInterval: LOOK_AGAIN_MS,
  })
  return (
    <>
      <PageHead title={text('sets.title')} lead={text('sets.lead')}>
        <Link to="/applicationsets/new" className="button primary">
          <Plus className="icon" aria-hidden />
          {text('sets.new')}
        </Link>
      </PageHead>
      <Loaded query={sets}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon={Layers} title={text('sets.empty')}>
              <p>{text('sets.emptyHint')}</p>
            </Empty>
          ) : (
            <DataTable
              label={text('sets.title')}
              rows={rows}
              keyOf={({ metadata }) => `${metadata.namespace}/${metadata.name}`}
              wordsOf={({ metadata, spec }) => [metadata.name, spec.template.spec.project].join(' ')}
              columns={[
                {
                  id: 'name',
                  title: text('sets.name'),
                  cell: ({ metadata: { name = '', namespace = '' } }) => (
                    <Link to="/applicationsets/$namespace/$name" params={{ namespace, name }} className="strong break">
                      {name}
                    </Link>
                  ),
                },
                { id: 'project', title: text('sets.project'), cell: ({ spec }) => spec.template.spec.project },
                {
                  id: 'generators',
                  title: text('sets.generators'),
                  cell: ({ spec }) => (
                    <span className="tags">
                      {generatorWords(spec.generators).map((words, index) => (
                        <span key={`${words} ${index}`} className="tag">
                          {words}
                        </span>
                      ))}
                    </span>
                  ),
                },
                { id: 'state', title: text('sets.state'), cell: (set) => <Badge status={stateOf(set)} /> },
                {
                  id: 'count',
                  title: text('sets.count'),
                  cell: ({ status }) => String(Number(status?.resourcesCount ?? status?.resources?.length ?? 0)),
                },
              ]}
            />
          )
        }
      </Loaded>
    </>
  )
}
