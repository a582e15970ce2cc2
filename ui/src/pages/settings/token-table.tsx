// Tokens of an account or a project role: when they were issued, when they end.
import { Trash2 } from 'lucide-react'
import { useState } from 'react'
import { ActionButton } from '../../parts/action-button.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { TimeAgo } from '../../parts/time-ago.tsx'
import type { Right } from '../../parts/use-can.ts'
import { useSettingsText } from './use-settings-text.ts'

export interface ShownToken {
  readonly id: string
  /** Seconds since 1970; 0: unknown, or never. */
  readonly issuedAt: number
  readonly expiresAt: number
}

interface TokenTableProps {
  readonly label: string
  readonly tokens: readonly ShownToken[]
  readonly right?: Right | undefined
  readonly obstacle?: string | undefined
  readonly remove: (token: ShownToken) => Promise<unknown>
  readonly onChanged: () => void
}

export function TokenTable({ label, tokens, right, obstacle, remove, onChanged }: TokenTableProps) {
  const text = useSettingsText()
  const [leaving, setLeaving] = useState<ShownToken>()
  const [now] = useState(() => Date.now() / 1000)
  return (
    <>
      <DataTable
        label={label}
        rows={tokens}
        keyOf={({ id }) => id}
        wordsOf={({ id }) => id}
        columns={[
          { id: 'id', title: text('token.id'), cell: ({ id }) => <code className="break">{id}</code> },
          { id: 'issued', title: text('token.issued'), cell: ({ issuedAt }) => <Time seconds={issuedAt} /> },
          {
            id: 'expires',
            title: text('token.expires'),
            cell: ({ expiresAt }) => (
              <>
                {expiresAt === 0 ? text('token.expires.never') : <Time seconds={expiresAt} />}
                {expiresAt !== 0 && expiresAt < now && <span className="tag">{text('token.over')}</span>}
              </>
            ),
          },
          {
            id: 'actions',
            title: text('app.actions'),
            isActions: true,
            cell: (one) => (
              <ActionButton
                icon={Trash2}
                look="plain"
                isIcon
                right={right}
                obstacle={obstacle}
                onPress={() => setLeaving(one)}
              >
                {text('token.removeTitle', { name: one.id })}
              </ActionButton>
            ),
          },
        ]}
      />
      {leaving !== undefined && (
        <ConfirmDialog
          title={text('token.removeTitle', { name: leaving.id })}
          submit={text('token.remove')}
          act={() => remove(leaving)}
          onDone={onChanged}
          onClose={() => setLeaving(undefined)}
        >
          <p>{text('token.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

function Time({ seconds }: { readonly seconds: number }) {
  return <TimeAgo time={new Date(seconds * 1000).toISOString()} />
}
