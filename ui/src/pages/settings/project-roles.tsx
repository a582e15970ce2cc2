// The roles of a project: policies, groups and tokens.
import { KeyRound, Pencil, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { ProjectRole } from '../../../../src/crds/app-project.ts'
import { createRoleToken, deleteRoleToken } from '../../api/projects.ts'
import { isRoleName, policyLine, renamedPolicies, splitLines, withFields, type RoleGrant } from '../../form/project.ts'
import { ActionButton } from '../../parts/action-button.tsx'
import { AreaField } from '../../parts/area-field.tsx'
import { TextField } from '../../parts/fields.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import type { ProjectPartProps } from './project-part.ts'
import { TokenDialog } from './token-dialog.tsx'
import { TokenTable } from './token-table.tsx'
import { useSettingsText } from './use-settings-text.ts'

type Task = { readonly does: 'edit' | 'token'; readonly role: ProjectRole } | { readonly does: 'add' }

export function RolesTab({ project, change, isChanged, reread }: ProjectPartProps) {
  const text = useSettingsText()
  const [task, setTask] = useState<Task>()
  const { name: projectName = '' } = project.metadata
  const roles = project.spec.roles ?? []
  const obstacle = isChanged ? text('project.role.saveFirst') : undefined
  const right = { resource: 'projects', action: 'update', objects: [projectName] }
  function put(next: readonly ProjectRole[]): void {
    change({ ...project, spec: withFields(project.spec, { roles: next.length === 0 ? undefined : next }) })
  }
  return (
    <>
      {roles.length === 0 && <p className="muted">{text('project.role.empty')}</p>}
      {roles.map((role) => (
        <section key={role.name} className="card role-card" aria-label={role.name}>
          <div className="card-top">
            <h3>{role.name}</h3>
            {(role.groups ?? []).map((group) => (
              <span key={group} className="tag break">
                {group}
              </span>
            ))}
            <div className="actions push">
              <ActionButton
                icon={KeyRound}
                right={right}
                obstacle={obstacle}
                onPress={() => setTask({ does: 'token', role })}
              >
                {text('token.add')}
              </ActionButton>
              <ActionButton icon={Pencil} isIcon onPress={() => setTask({ does: 'edit', role })}>
                {text('project.role.edit', { name: role.name })}
              </ActionButton>
              <ActionButton icon={Trash2} isIcon onPress={() => put(roles.filter((other) => other !== role))}>
                {text('project.role.remove', { name: role.name })}
              </ActionButton>
            </div>
          </div>
          {role.description !== undefined && <p className="muted">{role.description}</p>}
          <ul className="policy-lines">
            {(role.policies ?? []).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          {(role.jwtTokens ?? []).length > 0 && (
            <TokenTable
              label={text('project.role.tokens', { name: role.name })}
              tokens={(role.jwtTokens ?? []).map(({ id, iat, exp = 0 }) => ({
                id: id ?? String(iat),
                issuedAt: Number(iat),
                expiresAt: Number(exp),
              }))}
              right={right}
              obstacle={obstacle}
              remove={({ id, issuedAt }) => deleteRoleToken({ project: projectName, role: role.name, id, issuedAt })}
              onChanged={reread}
            />
          )}
        </section>
      ))}
      <ActionButton icon={Plus} onPress={() => setTask({ does: 'add' })}>
        {text('project.role.add')}
      </ActionButton>
      {task?.does === 'token' && (
        <TokenDialog
          name={`${projectName}:${task.role.name}`}
          create={(id, expiresInSeconds) =>
            createRoleToken({ project: projectName, role: task.role.name, id, expiresInSeconds })
          }
          onDone={reread}
          onClose={() => setTask(undefined)}
        />
      )}
      {(task?.does === 'add' || task?.does === 'edit') && (
        <RoleDialog
          project={projectName}
          role={task.does === 'edit' ? task.role : undefined}
          others={roles.filter((other) => task.does === 'add' || other !== task.role)}
          onRole={(next) =>
            put(task.does === 'edit' ? roles.map((other) => (other === task.role ? next : other)) : [...roles, next])
          }
          onClose={() => setTask(undefined)}
        />
      )}
    </>
  )
}

interface RoleDialogProps {
  readonly project: string
  readonly role: ProjectRole | undefined
  readonly others: readonly ProjectRole[]
  readonly onRole: (role: ProjectRole) => void
  readonly onClose: () => void
}

const NO_ROLE: ProjectRole = { name: '' }
const GRANTS: readonly RoleGrant[] = ['see', 'sync', 'everything']

function RoleDialog({ project, role, others, onRole, onClose }: RoleDialogProps) {
  const text = useSettingsText()
  const first = role ?? NO_ROLE
  const [name, setName] = useState(first.name)
  const [description, setDescription] = useState(first.description ?? '')
  const [policies, setPolicies] = useState((first.policies ?? []).join('\n'))
  const [groups, setGroups] = useState((first.groups ?? []).join('\n'))
  const [isTried, setTried] = useState(false)
  const isNamed = isRoleName(name.trim(), others)
  function take(): void {
    setTried(true)
    if (!isNamed) return
    onRole({
      ...role,
      name: name.trim(),
      ...(description.trim() === '' ? {} : { description: description.trim() }),
      policies: renamedPolicies(splitLines(policies), `proj:${project}:${name.trim()}`),
      groups: splitLines(groups),
    })
    onClose()
  }
  return (
    <FormDialog
      title={role === undefined ? text('project.role.add') : text('project.role.edit', { name: role.name })}
      submit={text('project.done')}
      onSubmit={take}
      onClose={onClose}
      isWide
    >
      <div className="form-grid">
        <TextField
          label={text('project.role.name')}
          value={name}
          onValue={setName}
          autoCapitalize="none"
          fault={isTried && !isNamed ? text('project.role.nameFault') : undefined}
        />
        <TextField label={text('project.description')} value={description} onValue={setDescription} />
      </div>
      <AreaField
        label={text('project.role.policies')}
        hint={text('project.role.policiesHint')}
        value={policies}
        onValue={setPolicies}
        rows={6}
        placeholder={policyLine(project, name || 'role', 'sync')}
      />
      <div className="bar">
        <span className="muted">{text('project.role.templates')}</span>
        {GRANTS.map((grant) => (
          <button
            key={grant}
            type="button"
            className="facet"
            disabled={!isNamed}
            onClick={() => setPolicies([...splitLines(policies), policyLine(project, name.trim(), grant)].join('\n'))}
          >
            {text(`project.role.${grant}`)}
          </button>
        ))}
      </div>
      <AreaField
        label={text('project.role.groups')}
        hint={text('project.role.groupsHint')}
        value={groups}
        onValue={setGroups}
        rows={3}
      />
    </FormDialog>
  )
}
