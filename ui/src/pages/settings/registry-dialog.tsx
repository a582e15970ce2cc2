// The dialog that adds or changes a registry credential (000-01, 000-02).
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { listProjects } from '../../api/calls.ts'
import { putRegistry } from '../../api/registries.ts'
import {
  emptyRegistry,
  kindOfAddress,
  REGISTRY_KINDS,
  registryFaults,
  toRegistry,
  type RegistryForm,
  type RegistryFormKind,
} from '../../form/registry.ts'
import { AreaField } from '../../parts/area-field.tsx'
import { CheckField, ChoiceField, TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { useSettingsText } from './use-settings-text.ts'

interface DialogProps {
  /** Absent: a new one. */
  readonly stored: RegistryForm | undefined
  readonly onDone: () => void
  readonly onClose: () => void
}

export interface RegistryFieldsProps {
  readonly form: RegistryForm
  readonly change: (changed: Partial<RegistryForm>) => void
  readonly faultOf: (field: keyof RegistryForm) => string | undefined
}

export function RegistryDialog({ stored, onDone, onClose }: DialogProps) {
  const text = useSettingsText()
  const isNew = stored === undefined
  const [form, setForm] = useState(stored ?? emptyRegistry)
  const [isTried, setTried] = useState(false)
  const projects = useQuery({ queryKey: ['projects'], queryFn: ({ signal }) => listProjects(signal) })
  const faults = registryFaults(form, isNew)
  const send = useMutation({
    mutationFn: () => putRegistry(toRegistry(form), !isNew),
    onSuccess: () => {
      onDone()
      onClose()
    },
  })
  const fields: RegistryFieldsProps = {
    form,
    change: (changed) => setForm({ ...form, ...changed }),
    faultOf: (field) => (isTried && faults[field] !== undefined ? text('app.required') : undefined),
  }
  return (
    <FormDialog
      title={text(isNew ? 'registry.add' : 'registry.editTitle')}
      submit={text(isNew ? 'app.add' : 'app.save')}
      isBusy={send.isPending}
      error={send.error}
      onClose={onClose}
      onSubmit={() => {
        setTried(true)
        if (Object.keys(faults).length === 0) send.mutate()
      }}
    >
      {!isNew && <p className="lead">{text('registry.keepHint')}</p>}
      <TextField
        label={text('registry.address')}
        value={form.address}
        placeholder="my-private-registry.io"
        onValue={(address) => fields.change({ address, kind: kindOfAddress(address) ?? form.kind })}
        fault={fields.faultOf('address')}
        autoCapitalize="none"
        inputMode="url"
        readOnly={!isNew}
      />
      <ChoiceField<RegistryFormKind>
        label={text('registry.kind')}
        value={form.kind}
        choices={REGISTRY_KINDS.map((kind) => [kind, text(`registry.kind.${kind}`)])}
        onChange={(kind) => fields.change({ kind })}
      />
      <Login {...fields} />
      <div className="form-grid">
        <TextField
          label={text('registry.project')}
          hint={text('registry.projectHint')}
          value={form.project}
          onValue={(project) => fields.change({ project })}
          choices={(projects.data ?? []).map(({ metadata }) => metadata.name ?? '')}
          readOnly={!isNew}
        />
        <TextField label={text('registry.name')} value={form.name} onValue={(name) => fields.change({ name })} />
      </div>
      <TextField
        label={text('registry.serviceAccounts')}
        hint={text('registry.serviceAccountsHint')}
        value={form.serviceAccounts}
        placeholder="default"
        onValue={(serviceAccounts) => fields.change({ serviceAccounts })}
      />
      <CheckField
        label={text('registry.disabled')}
        hint={text('registry.disabledHint')}
        isOn={form.disabled}
        onChange={(disabled) => fields.change({ disabled })}
      />
    </FormDialog>
  )
}

function Login(props: RegistryFieldsProps) {
  switch (props.form.kind) {
    case 'static':
      return <PasswordLogin {...props} />
    case 'ecr':
      return <AmazonLogin {...props} />
    case 'google':
      return <GoogleLogin {...props} />
    case 'azure':
      return <AzureLogin {...props} />
  }
}

const SECRET = { type: 'password', autoComplete: 'new-password' } as const

function PasswordLogin({ form, change, faultOf }: RegistryFieldsProps) {
  const text = useSettingsText()
  return (
    <>
      <div className="form-grid">
        <TextField
          label={text('registry.username')}
          value={form.username}
          onValue={(username) => change({ username })}
          fault={faultOf('username')}
          autoCapitalize="none"
        />
        <TextField
          label={text('registry.password')}
          value={form.password}
          onValue={(password) => change({ password })}
          fault={faultOf('password')}
          {...SECRET}
        />
      </div>
      <CheckField
        label={text('registry.insecure')}
        hint={text('registry.insecureHint')}
        isOn={form.insecure}
        onChange={(insecure) => change({ insecure })}
      />
    </>
  )
}

function AmazonLogin({ form, change, faultOf }: RegistryFieldsProps) {
  const text = useSettingsText()
  return (
    <>
      <div className="form-grid">
        <TextField
          label={text('registry.awsAccessKeyId')}
          hint={text('registry.awsAccessKeyIdHint')}
          value={form.awsAccessKeyId}
          onValue={(awsAccessKeyId) => change({ awsAccessKeyId })}
        />
        <TextField
          label={text('registry.awsSecretAccessKey')}
          value={form.awsSecretAccessKey}
          onValue={(awsSecretAccessKey) => change({ awsSecretAccessKey })}
          fault={faultOf('awsSecretAccessKey')}
          {...SECRET}
        />
        <TextField
          label={text('registry.awsRegion')}
          hint={text('registry.awsRegionHint')}
          value={form.awsRegion}
          onValue={(awsRegion) => change({ awsRegion })}
        />
      </div>
      <AreaField
        label={text('registry.awsRoleArn')}
        hint={text('registry.awsRoleArnHint')}
        value={form.awsRoleArn}
        onValue={(awsRoleArn) => change({ awsRoleArn })}
        rows={2}
      />
    </>
  )
}

function GoogleLogin({ form, change }: RegistryFieldsProps) {
  const text = useSettingsText()
  return (
    <AreaField
      label={text('registry.gcpServiceAccountKey')}
      hint={text('registry.gcpServiceAccountKeyHint')}
      value={form.gcpServiceAccountKey}
      onValue={(gcpServiceAccountKey) => change({ gcpServiceAccountKey })}
    />
  )
}

function AzureLogin({ form, change, faultOf }: RegistryFieldsProps) {
  const text = useSettingsText()
  return (
    <>
      <CheckField
        label={text('registry.useAzureWorkloadIdentity')}
        isOn={form.useAzureWorkloadIdentity}
        onChange={(useAzureWorkloadIdentity) => change({ useAzureWorkloadIdentity })}
      />
      <div className="form-grid">
        <TextField
          label={text('registry.azureServicePrincipalTenantId')}
          value={form.azureServicePrincipalTenantId}
          onValue={(azureServicePrincipalTenantId) => change({ azureServicePrincipalTenantId })}
          fault={faultOf('azureServicePrincipalTenantId')}
        />
        <TextField
          label={text('registry.azureServicePrincipalClientId')}
          value={form.azureServicePrincipalClientId}
          onValue={(azureServicePrincipalClientId) => change({ azureServicePrincipalClientId })}
        />
        <TextField
          label={text('registry.azureServicePrincipalClientSecret')}
          value={form.azureServicePrincipalClientSecret}
          onValue={(azureServicePrincipalClientSecret) => change({ azureServicePrincipalClientSecret })}
          fault={faultOf('azureServicePrincipalClientSecret')}
          {...SECRET}
        />
      </div>
    </>
  )
}
