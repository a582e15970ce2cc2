// One ApplicationSet: what it has generated, its conditions, its YAML with a preview.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ApplicationSet } from '../../../../src/crds/application-set.ts'
import { deleteSet, readSet } from '../../api/application-sets.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { Badge } from '../../parts/badge.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { SET_TABS, type SetTab } from '../../search.ts'
import { rbacNameOf, stateOf, writtenSet } from '../../sets/application-sets.ts'
import { yamlOf } from '../../manifest/yaml.ts'
import { GeneratedApplications, SetConditions } from './set-parts.tsx'
import { SetEditor } from './set-editor.tsx'
import { LOOK_AGAIN_MS } from './sets-page.tsx'
import { useSetsText } from './use-sets-text.ts'

const route = getRouteApi('/inside/applicationsets/$namespace/$name')

export function SetPage() {
  const text = useSetsText()
  const id = route.useParams()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [isLeaving, setLeaving] = useState(false)
  const queryKey = ['set', id.namespace, id.name]
  const query = useQuery({ queryKey, queryFn: ({ signal }) => readSet(id, signal), refetchInterval: LOOK_AGAIN_MS })
  const set = query.data
  return (
    <>
      <PageHead
        title={id.name}
        crumbs={
          <>
            <Link to="/applicationsets">{text('sets.title')}</Link>
            <span aria-hidden>/</span>
          </>
        }
      >
        {set !== undefined && (
          <>
            <Badge status={stateOf(set)} />
            <ActionButton
              icon={Trash2}
              look="danger"
              right={{ resource: 'applicationsets', action: 'delete', objects: [rbacNameOf(set)] }}
              onPress={() => setLeaving(true)}
            >
              {text('sets.delete')}
            </ActionButton>
          </>
        )}
      </PageHead>
      <Loaded query={query} lines={6}>
        {(data) => <SetBody key={id.name} set={data} onSaved={() => void client.invalidateQueries({ queryKey })} />}
      </Loaded>
      {isLeaving && set !== undefined && (
        <ConfirmDialog
          title={text('sets.deleteTitle', { name: id.name })}
          submit={text('sets.delete')}
          typedName={id.name}
          act={() => deleteSet(id)}
          onDone={() => {
            client.removeQueries({ queryKey })
            void client.invalidateQueries({ queryKey: ['sets'] })
            void navigate({ to: '/applicationsets' })
          }}
          onClose={() => setLeaving(false)}
        >
          <p>{text(...leavingWords(set))}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function leavingWords({ spec, status }: ApplicationSet): ['sets.deleteKeep' | 'sets.deleteText', { count: number }] {
  const isKept = spec.syncPolicy?.preserveResourcesOnDeletion === true
  return [isKept ? 'sets.deleteKeep' : 'sets.deleteText', { count: status?.resources?.length ?? 0 }]
}

function SetBody({ set, onSaved }: { readonly set: ApplicationSet; readonly onSaved: () => void }) {
  const text = useSetsText()
  const navigate = route.useNavigate()
  const { tab = 'applications' } = route.useSearch()
  return (
    <>
      <SetConditions set={set} />
      <Tabs<SetTab>
        label={text('sets.tabs')}
        tabs={SET_TABS.map((one) => [one, text(`sets.${one}`)])}
        chosen={tab}
        onChoose={(next) => void navigate({ search: { tab: next }, replace: true, resetScroll: false })}
      >
        {tab === 'applications' ? (
          <GeneratedApplications set={set} />
        ) : (
          <SetEditor
            first={yamlOf(writtenSet(set))}
            isNew={false}
            right={{ resource: 'applicationsets', action: 'update', objects: [rbacNameOf(set)] }}
            onSaved={onSaved}
          />
        )}
      </Tabs>
    </>
  )
}
