// The credentials and options of a repository, as its kind has them.
import { hasField, type RepositoryForm } from '../../form/repository.ts'
import { AreaField } from '../../parts/area-field.tsx'
import { CheckField, TextField } from '../../parts/fields.tsx'
import type { SettingsKey } from '../../text/settings.ts'
import { useSettingsText } from './use-settings-text.ts'

export interface RepositoryFieldsProps {
  readonly form: RepositoryForm
  readonly isTemplate: boolean
  readonly change: (changed: Partial<RepositoryForm>) => void
  readonly faultOf: (field: keyof RepositoryForm) => string | undefined
}

type TextName = {
  [Name in keyof RepositoryForm]: RepositoryForm[Name] extends string ? Name : never
}[keyof RepositoryForm]

type Look = 'line' | 'secret' | 'area'

interface FieldRow {
  readonly name: Exclude<TextName, 'kind' | 'url'>
  readonly look: Look
  readonly hint?: SettingsKey
}

const CREDENTIALS: readonly FieldRow[] = [
  { name: 'username', look: 'line' },
  { name: 'password', look: 'secret' },
  { name: 'bearerToken', look: 'secret', hint: 'repo.bearerTokenHint' },
  { name: 'sshPrivateKey', look: 'area', hint: 'repo.sshHint' },
  { name: 'githubAppID', look: 'line' },
  { name: 'githubAppInstallationID', look: 'line', hint: 'repo.githubAppInstallationHint' },
  { name: 'githubAppPrivateKey', look: 'area' },
  { name: 'githubAppEnterpriseBaseUrl', look: 'line' },
  { name: 'gcpServiceAccountKey', look: 'area' },
  { name: 'azureServicePrincipalTenantId', look: 'line' },
  { name: 'azureServicePrincipalClientId', look: 'line' },
  { name: 'azureServicePrincipalClientSecret', look: 'secret' },
]

const OPTIONS: readonly FieldRow[] = [
  { name: 'tlsClientCertData', look: 'area' },
  { name: 'tlsClientCertKey', look: 'area' },
  { name: 'proxy', look: 'line' },
  { name: 'noProxy', look: 'line' },
  { name: 'depth', look: 'line', hint: 'repo.depthHint' },
]

const SWITCHES = [
  ['insecure', 'repo.insecureHint'],
  ['enableLfs', 'repo.enableLfsHint'],
  ['forceHttpBasicAuth', 'repo.forceHint'],
  ['insecureOCIForceHttp', 'repo.plainHint'],
] as const

/** What a template has not. */
const OF_REPOSITORY_ALONE: readonly string[] = ['insecure', 'enableLfs', 'depth']

export function RepositoryCredentialFields(props: RepositoryFieldsProps) {
  const text = useSettingsText()
  const { form, change, isTemplate } = props
  const isPodIdentity = form.kind === 'azure' && form.useAzureWorkloadIdentity
  const isOffered = (name: string): boolean => !(isTemplate && OF_REPOSITORY_ALONE.includes(name))
  return (
    <>
      {form.kind === 'azure' && (
        <CheckField
          label={text('repo.useAzureWorkloadIdentity')}
          hint={text('repo.useAzureHint')}
          isOn={form.useAzureWorkloadIdentity}
          onChange={(useAzureWorkloadIdentity) => change({ useAzureWorkloadIdentity })}
        />
      )}
      <div className="form-grid">
        {CREDENTIALS.filter(({ name }) => hasField(form.kind, name) && !isPodIdentity).map((row) => (
          <Field key={row.name} row={row} {...props} />
        ))}
      </div>
      <details className="more">
        <summary>{text('repo.options')}</summary>
        <div className="form-grid">
          {OPTIONS.filter(({ name }) => hasField(form.kind, name) && isOffered(name)).map((row) => (
            <Field key={row.name} row={row} {...props} />
          ))}
        </div>
        <div className="switches">
          {SWITCHES.filter(([name]) => hasField(form.kind, name) && isOffered(name)).map(([name, hint]) => (
            <CheckField
              key={name}
              label={text(`repo.${name}`)}
              hint={text(hint)}
              isOn={form[name]}
              onChange={(isOn) => change({ [name]: isOn })}
            />
          ))}
        </div>
      </details>
    </>
  )
}

function Field({ row, form, change, faultOf }: RepositoryFieldsProps & { readonly row: FieldRow }) {
  const text = useSettingsText()
  const { name, look, hint } = row
  const shared = {
    label: text(`repo.${name}`),
    hint: hint === undefined ? undefined : text(hint),
    value: form[name],
    onValue: (value: string) => change({ [name]: value }),
    fault: faultOf(name),
  }
  if (look === 'area') return <AreaField {...shared} />
  return (
    <TextField
      {...shared}
      {...(look === 'secret' ? { type: 'password', autoComplete: 'new-password' } : {})}
      autoCapitalize="none"
    />
  )
}
