// Settings: certificates and host keys by which repositories are recognised.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FileKey, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { createCertificates, deleteCertificate, listCertificates, type Certificate } from '../../api/keys.ts'
import { hostKeyEntries, tlsEntry, type CertificateEntry, type HostKeyFault } from '../../form/certificate.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { AreaField } from '../../parts/area-field.tsx'
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { CheckField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { Loaded } from '../../parts/loaded.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import type { Right } from '../../parts/use-can.ts'
import { useSettingsText } from './use-settings-text.ts'

const CERTIFICATES = ['certificates']

function rightTo(action: string): Right {
  return { resource: 'certificates', action, objects: [''] }
}

type Kind = 'tls' | 'ssh'

export function CertificatesPage() {
  const text = useSettingsText()
  const client = useQueryClient()
  const certificates = useQuery({ queryKey: CERTIFICATES, queryFn: ({ signal }) => listCertificates(signal) })
  const [adding, setAdding] = useState<Kind>()
  const reread = (): void => void client.invalidateQueries({ queryKey: CERTIFICATES })
  return (
    <>
      <PageHead title={text('cert.title')} lead={text('cert.lead')}>
        <ActionButton icon={Plus} look="primary" right={rightTo('create')} onPress={() => setAdding('tls')}>
          {text('cert.addTls')}
        </ActionButton>
        <ActionButton icon={Plus} right={rightTo('create')} onPress={() => setAdding('ssh')}>
          {text('cert.addSsh')}
        </ActionButton>
      </PageHead>
      <Loaded query={certificates}>{(rows) => <CertificateTable rows={rows} onChanged={reread} />}</Loaded>
      {adding !== undefined && <AddDialog kind={adding} onDone={reread} onClose={() => setAdding(undefined)} />}
    </>
  )
}

interface TableProps {
  readonly rows: readonly Certificate[]
  readonly onChanged: () => void
}

function CertificateTable({ rows, onChanged }: TableProps) {
  const text = useSettingsText()
  const [leaving, setLeaving] = useState<Certificate>()
  if (rows.length === 0) return <Empty icon={FileKey} title={text('cert.empty')} />
  return (
    <>
      <DataTable
        label={text('cert.title')}
        rows={rows}
        keyOf={(one) => JSON.stringify(one)}
        wordsOf={({ serverName, certType, certSubType, certInfo }) =>
          [serverName, certType, certSubType, certInfo].join(' ')
        }
        columns={[
          { id: 'host', title: text('cert.host'), cell: ({ serverName }) => <strong>{serverName}</strong> },
          { id: 'type', title: text('cert.type'), cell: ({ certType }) => (certType === 'ssh' ? 'SSH' : 'TLS') },
          { id: 'key', title: text('cert.key'), cell: ({ certSubType }) => certSubType },
          {
            id: 'info',
            title: text('cert.info'),
            cell: ({ certInfo }) => <code className="break">{certInfo}</code>,
          },
          {
            id: 'actions',
            title: text('app.actions'),
            isActions: true,
            cell: (one) => (
              <ActionButton icon={Trash2} look="plain" isIcon right={rightTo('delete')} onPress={() => setLeaving(one)}>
                {text('cert.removeTitle', { name: one.serverName ?? '' })}
              </ActionButton>
            ),
          },
        ]}
      />
      {leaving !== undefined && (
        <ConfirmDialog
          title={text('cert.removeTitle', { name: leaving.serverName ?? '' })}
          submit={text('app.remove')}
          act={() => deleteCertificate(leaving)}
          onDone={onChanged}
          onClose={() => setLeaving(undefined)}
        >
          <p>{text('cert.removeText')}</p>
        </ConfirmDialog>
      )}
    </>
  )
}

interface AddProps {
  readonly kind: Kind
  readonly onDone: () => void
  readonly onClose: () => void
}

function AddDialog({ kind, onDone, onClose }: AddProps) {
  const text = useSettingsText()
  const [host, setHost] = useState('')
  const [content, setContent] = useState('')
  const [isUpsert, setUpsert] = useState(false)
  const [isTried, setTried] = useState(false)
  const entries: readonly CertificateEntry[] | HostKeyFault =
    kind === 'tls' ? [tlsEntry(host, content)] : hostKeyEntries(content)
  const isHostMissing = kind === 'tls' && host.trim() === ''
  const add = useMutation({
    mutationFn: (items: readonly CertificateEntry[]) => createCertificates(items, isUpsert),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  function contentFault(): string | undefined {
    if (!isTried) return undefined
    if (content.trim() === '') return text('app.required')
    return 'line' in entries ? text('cert.lineFault', { line: entries.line }) : undefined
  }
  return (
    <FormDialog
      title={text(kind === 'tls' ? 'cert.addTls' : 'cert.addSsh')}
      submit={text('app.add')}
      isBusy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (!isHostMissing && content.trim() !== '' && !('line' in entries)) add.mutate(entries)
      }}
    >
      {kind === 'tls' && (
        <TextField
          label={text('cert.host')}
          value={host}
          onValue={setHost}
          placeholder="git.example.com"
          fault={isTried && isHostMissing ? text('app.required') : undefined}
        />
      )}
      <AreaField
        label={text(kind === 'tls' ? 'cert.pem' : 'cert.knownHosts')}
        hint={text(kind === 'tls' ? 'cert.pemHint' : 'cert.knownHostsHint')}
        value={content}
        onValue={setContent}
        rows={9}
        fault={contentFault()}
      />
      <CheckField label={text('cert.upsert')} hint={text('cert.upsertHint')} isOn={isUpsert} onChange={setUpsert} />
    </FormDialog>
  )
}
