// Settings: the GnuPG keys whose signatures count.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { createGpgKey, deleteGpgKey, listGpgKeys, type GpgKey } from '../../api/keys.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { AreaField } from '../../parts/area-field.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import type { Right } from '../../parts/use-can.ts'
import { useSettingsText } from './use-settings-text.ts'

const KEYS = ['gpg-keys']

function rightTo(action: string): Right {
  return { resource: 'gpgkeys', action, objects: [''] }
}

export function GpgKeysPage() {
  const text = useSettingsText()
  const client = useQueryClient()
  const keys = useQuery({ queryKey: KEYS, queryFn: ({ signal }) => listGpgKeys(signal) })
  const [isAdding, setAdding] = useState(false)
  const [leaving, setLeaving] = useState<GpgKey>()
  const reread = (): void => void client.invalidateQueries({ queryKey: KEYS })
  return (
    <>
      <PageHead title={text('gpg.title')} lead={text('gpg.lead')}>
        <ActionButton icon={Plus} look="primary" right={rightTo('create')} onPress={() => setAdding(true)}>
          {text('gpg.add')}
        </ActionButton>
      </PageHead>
      <Loaded query={keys}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty icon={KeyRound} title={text('gpg.empty')} />
          ) : (
            <DataTable
              label={text('gpg.title')}
              rows={rows}
              keyOf={({ keyID = '' }) => keyID}
              wordsOf={({ keyID, owner, subType }) => [keyID, owner, subType].join(' ')}
              columns={[
                { id: 'id', title: text('gpg.id'), cell: ({ keyID }) => <code>{keyID}</code> },
                { id: 'type', title: text('gpg.type'), cell: ({ subType }) => subType },
                { id: 'owner', title: text('gpg.owner'), cell: ({ owner }) => <span className="break">{owner}</span> },
                {
                  id: 'actions',
                  title: text('app.actions'),
                  isActions: true,
                  cell: (one) => (
                    <ActionButton
                      icon={Trash2}
                      look="plain"
                      isIcon
                      right={rightTo('delete')}
                      onPress={() => setLeaving(one)}
                    >
                      {text('gpg.removeTitle', { name: one.keyID ?? '' })}
                    </ActionButton>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {isAdding && <AddDialog onDone={reread} onClose={() => setAdding(false)} />}
      {leaving !== undefined && (
        <ConfirmDialog
          title={text('gpg.removeTitle', { name: leaving.keyID ?? '' })}
          submit={text('app.remove')}
          act={() => deleteGpgKey(leaving.keyID ?? '')}
          onDone={reread}
          onClose={() => setLeaving(undefined)}
        >
          <p>{text('gpg.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function AddDialog({ onDone, onClose }: { readonly onDone: () => void; readonly onClose: () => void }) {
  const text = useSettingsText()
  const [keyData, setKeyData] = useState('')
  const [isTried, setTried] = useState(false)
  const add = useMutation({
    mutationFn: () => createGpgKey(keyData),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  return (
    <FormDialog
      title={text('gpg.add')}
      submit={text('app.add')}
      isBusy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (keyData.trim() !== '') add.mutate()
      }}
    >
      <AreaField
        label={text('gpg.key')}
        hint={text('gpg.keyHint')}
        value={keyData}
        onValue={setKeyData}
        rows={10}
        fault={isTried && keyData.trim() === '' ? text('app.required') : undefined}
      />
    </FormDialog>
  )
}
