// The namespaces a registry credential has been brought to, and for whom.
import { Link } from '@tanstack/react-router'
import type { Registry, RegistryPlace } from '../../api/registries.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Modal } from '../../parts/modal.tsx'
import { useSettingsText } from './use-settings-text.ts'

export function RegistryPlaces({ registry, onClose }: { readonly registry: Registry; readonly onClose: () => void }) {
  const text = useSettingsText()
  const { places, secretName } = registry.usage ?? {}
  return (
    <Modal title={text('registry.where', { name: registry.address })} isWide onClose={onClose}>
      <p className="lead">
        {text('registry.secret')} <code className="break">{secretName}</code>
      </p>
      <DataTable<RegistryPlace>
        label={text('registry.where', { name: registry.address })}
        rows={places ?? []}
        keyOf={({ server, namespace }) => `${server}/${namespace}`}
        wordsOf={({ clusterName, namespace, applications }) =>
          [clusterName, namespace, ...(applications ?? [])].join(' ')
        }
        columns={[
          {
            id: 'cluster',
            title: text('registry.cluster'),
            cell: ({ clusterName = '', server }) => <span className="break">{clusterName || server}</span>,
          },
          {
            id: 'namespace',
            title: text('registry.namespace'),
            cell: ({ namespace, error = '' }) => (
              <>
                <strong>{namespace}</strong>
                {error !== '' && <p className="cell-note break">{error}</p>}
              </>
            ),
          },
          {
            id: 'applications',
            title: text('registry.applications'),
            cell: ({ applications }) => (applications ?? []).map((one) => <ApplicationLink key={one} id={one} />),
          },
          {
            id: 'accounts',
            title: text('registry.accounts'),
            cell: ({ serviceAccounts }) => (serviceAccounts ?? []).join(', '),
          },
        ]}
      />
    </Modal>
  )
}

/** `namespace/name`. */
function ApplicationLink({ id }: { readonly id: string }) {
  const [namespace = '', name = ''] = id.split('/')
  return (
    <Link to="/applications/$namespace/$name" params={{ namespace, name }} className="break">
      {name}
    </Link>
  )
}
