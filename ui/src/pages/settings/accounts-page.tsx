// Settings: local accounts with their tokens and passwords.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound, LockKeyhole } from 'lucide-react'
import { useState } from 'react'
import {
  changePassword,
  createAccountToken,
  deleteAccountToken,
  listAccounts,
  type Account,
  type AccountToken,
} from '../../api/accounts.ts'
import { readUserInfo } from '../../api/calls.ts'
import { queryKeys } from '../../live/use-stream.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { Notice } from '../../parts/notice.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import type { Right } from '../../parts/use-can.ts'
import { TokenDialog } from './token-dialog.tsx'
import { TokenTable, type ShownToken } from './token-table.tsx'
import { useSettingsText } from './use-settings-text.ts'

const ACCOUNTS = ['accounts']

export function AccountsPage() {
  const text = useSettingsText()
  const accounts = useQuery({ queryKey: ACCOUNTS, queryFn: ({ signal }) => listAccounts(signal) })
  return (
    <>
      <PageHead title={text('account.title')} lead={text('account.lead')} />
      <Loaded query={accounts}>{(rows) => rows.map((one) => <AccountCard key={one.name} account={one} />)}</Loaded>
    </>
  )
}

type Task = 'password' | 'token'

function AccountCard({ account }: { readonly account: Account }) {
  const text = useSettingsText()
  const client = useQueryClient()
  const [task, setTask] = useState<Task>()
  const [isChanged, setChanged] = useState(false)
  const { name } = account
  const right = useAccountRight(name)
  const tokens = account.tokens ?? []
  const reread = (): void => void client.invalidateQueries({ queryKey: ACCOUNTS })
  return (
    <section className="card account-card" aria-label={name}>
      <AccountTop account={account} right={right} onTask={setTask} />
      {isChanged && <Notice tone="good">{text('account.changed', { name })}</Notice>}
      {tokens.length > 0 && (
        <TokenTable
          label={text('account.tokens', { name })}
          tokens={tokens.map(shownOf)}
          right={right}
          remove={({ id }) => deleteAccountToken(name, id)}
          onChanged={reread}
        />
      )}
      {task === 'password' && (
        <PasswordDialog name={name} onDone={() => setChanged(true)} onClose={() => setTask(undefined)} />
      )}
      {task === 'token' && (
        <TokenDialog
          name={name}
          create={(id, expiresInSeconds) => createAccountToken({ name, id, expiresInSeconds })}
          onDone={reread}
          onClose={() => setTask(undefined)}
        />
      )}
    </section>
  )
}

function shownOf({ id, issuedAt = 0, expiresAt = 0 }: AccountToken): ShownToken {
  return { id, issuedAt: Number(issuedAt), expiresAt: Number(expiresAt) }
}

/** None is needed for the own account: it may always change itself. */
function useAccountRight(name: string): Right | undefined {
  const user = useQuery({ queryKey: queryKeys.session, queryFn: ({ signal }) => readUserInfo(signal) })
  return user.data?.username === name ? undefined : { resource: 'accounts', action: 'update', objects: [name] }
}

interface TopProps {
  readonly account: Account
  readonly right: Right | undefined
  readonly onTask: (task: Task) => void
}

function AccountTop({ account, right, onTask }: TopProps) {
  const text = useSettingsText()
  const { name, enabled = false } = account
  const held = account.capabilities ?? []
  const off = enabled ? undefined : text('account.isOff')
  return (
    <div className="card-top">
      <h2 className="break">{name}</h2>
      {right === undefined && <span className="tag">{text('account.you')}</span>}
      <span className={`badge tone-${enabled ? 'good' : 'quiet'}`}>
        {text(enabled ? 'account.enabled' : 'account.disabled')}
      </span>
      {held.includes('login') && <span className="tag">{text('account.capability.login')}</span>}
      {held.includes('apiKey') && <span className="tag">{text('account.capability.apiKey')}</span>}
      <div className="actions push">
        <ActionButton
          icon={LockKeyhole}
          right={right}
          obstacle={held.includes('login') ? off : text('account.noLogin')}
          onPress={() => onTask('password')}
        >
          {text('account.password')}
        </ActionButton>
        <ActionButton
          icon={KeyRound}
          right={right}
          obstacle={held.includes('apiKey') ? off : text('account.noApiKey')}
          onPress={() => onTask('token')}
        >
          {text('token.add')}
        </ActionButton>
      </div>
    </div>
  )
}

interface PasswordProps {
  readonly name: string
  readonly onDone: () => void
  readonly onClose: () => void
}

export function PasswordDialog({ name, onDone, onClose }: PasswordProps) {
  const text = useSettingsText()
  const [currentPassword, setCurrent] = useState('')
  const [newPassword, setNew] = useState('')
  const [again, setAgain] = useState('')
  const [isTried, setTried] = useState(false)
  const change = useMutation({
    mutationFn: () => changePassword({ name, currentPassword, newPassword }),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  const needed = (value: string): string | undefined => (isTried && value === '' ? text('app.required') : undefined)
  const isSame = newPassword === again
  return (
    <FormDialog
      title={text('account.passwordTitle', { name })}
      submit={text('app.save')}
      isBusy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (currentPassword !== '' && newPassword !== '' && isSame) change.mutate()
      }}
    >
      <TextField
        label={text('account.current')}
        type="password"
        autoComplete="current-password"
        value={currentPassword}
        onValue={setCurrent}
        fault={needed(currentPassword)}
      />
      <TextField
        label={text('account.new')}
        type="password"
        autoComplete="new-password"
        value={newPassword}
        onValue={setNew}
        fault={needed(newPassword)}
      />
      <TextField
        label={text('account.again')}
        type="password"
        autoComplete="new-password"
        value={again}
        onValue={setAgain}
        fault={isTried && !isSame ? text('account.different') : undefined}
      />
    </FormDialog>
  )
}
