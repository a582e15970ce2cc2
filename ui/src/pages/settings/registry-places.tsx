// The namespaces a registry credential has been brought to, and for whom.
import { Link } from '@tanstack/react-router'
import type { Registry, RegistryPlace } from '../../api/registries.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { Modal } from '../../parts/modal.tsx'
import { useSettingsText } from './use-settings-text.ts'

export function RegistryPlaces({ registry, onClose }: { readonly registry: Registry; readonly onClose: () => void }) {
  const text = useSettingsText()
  const { applications = [], places, secretName } = registry.usage ?? {}
  return (
    <Modal title={text('registry.where', { name: registry.address })} isWide onClose={onClose}>
      <p className="lead">
        {text('registry.secret')} <code className="break">{secretName}</code>
      </p>
      {applications.length > 0 && (
        <section>
          <h3>{text('registry.applications')}</h3>
          <ul>
            {applications.map((id) => (
              <li key={id}>
                <ApplicationLink id={id} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <DataTable<RegistryPlace>
        label={text('registry.where', { name: registry.address })}
        rows={places ?? []}
        keyOf={({ server, namespace }) => `${server}/${namespace}`}
        wordsOf={({ clusterName, namespace }) => [clusterName, namespace].join(' ')}
        columns={[
          {
            id: 'cluster',
            title: text('registry.cluster'),
            cell: ({ clusterName = '', server }) => <span className="break">{clusterName || server}</span>,
          },
          {
            id: 'namespace',
            title: text('registry.namespace'),
            cell: ({ namespace }) => <strong>{namespace}</strong>,
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
