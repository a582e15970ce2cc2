// What may be done to a resource: its kind's actions, deletion, links elsewhere.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ExternalLink, MoreVertical, Trash2, Zap } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { useState, type FormEvent } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ResourceAction } from '../../../src/crds/tree.ts'
import { deleteResource, listActions, listLinks, runAction } from '../api/resource-calls.ts'
import type { ApplicationId, ResourceId } from '../api/shapes.ts'
import { CheckField, TextField } from './fields.tsx'
import { Modal } from './modal.tsx'
import { Failure, Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useMay } from './use-may.ts'

interface MenuProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly resource: ResourceId
  /** What the actions depend on: asked again when it changes. */
  readonly version: string
}

type Asked = { readonly kind: 'action'; readonly action: ResourceAction } | { readonly kind: 'delete' }

export function ActionMenu({ id, application, resource, version }: MenuProps) {
  const text = useText()
  const [isOpen, setOpen] = useState(false)
  const [asked, setAsked] = useState<Asked>()
  const [done, setDone] = useState('')
  const mayDelete = useMay(application, 'delete')
  const key = [id.namespace, id.name, resource.group, resource.kind, resource.namespace, resource.name]
  const actions = useQuery({
    queryKey: ['actions', ...key, version],
    queryFn: ({ signal }) => listActions(id, resource, signal),
    enabled: isOpen,
  })
  const links = useQuery({
    queryKey: ['links', ...key],
    queryFn: ({ signal }) => listLinks(id, resource, signal),
    enabled: isOpen,
  })
  return (
    <>
      <DropdownMenu.Root modal={false} open={isOpen} onOpenChange={setOpen}>
        <DropdownMenu.Trigger
          className="button icon-only"
          aria-label={text('actions.menu')}
          title={text('actions.menu')}
        >
          <MoreVertical className="icon" aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" sideOffset={4} loop>
            {actions.isPending && <p className="menu-item muted">{text('app.loading')}</p>}
            {actions.error !== null && <p className="menu-item muted">{actions.error.message}</p>}
            {(actions.data ?? []).map((action) => (
              <DropdownMenu.Item
                key={action.name}
                className="menu-item"
                disabled={action.disabled === true}
                onSelect={() => setAsked({ kind: 'action', action })}
              >
                <Zap className="icon" aria-hidden />
                {labelOf(action)}
                {action.disabled === true && <span className="count">{text('actions.notNow')}</span>}
              </DropdownMenu.Item>
            ))}
            {(links.data ?? []).map(({ title = '', url = '', description }) => (
              <DropdownMenu.Item key={url} className="menu-item" asChild>
                <a href={url} target="_blank" rel="noreferrer" title={description}>
                  <ExternalLink className="icon" aria-hidden />
                  {title}
                </a>
              </DropdownMenu.Item>
            ))}
            <DropdownMenu.Separator className="menu-line" />
            <DropdownMenu.Item
              className="menu-item danger"
              disabled={!mayDelete}
              onSelect={() => setAsked({ kind: 'delete' })}
            >
              <Trash2 className="icon" aria-hidden />
              {text('actions.delete')}
              {!mayDelete && <span className="count">{text('may.not')}</span>}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      <output className="visually-hidden">{done}</output>
      {asked?.kind === 'action' && (
        <ActionDialog
          id={id}
          resource={resource}
          action={asked.action}
          onClose={() => setAsked(undefined)}
          onDone={() => setDone(text('actions.done', { name: labelOf(asked.action) }))}
        />
      )}
      {asked?.kind === 'delete' && (
        <DeleteResourceDialog id={id} resource={resource} onClose={() => setAsked(undefined)} />
      )}
    </>
  )
}

function labelOf({ name, displayName }: ResourceAction): string {
  return displayName !== undefined && displayName !== '' ? displayName : name
}

interface ActionDialogProps {
  readonly id: ApplicationId
  readonly resource: ResourceId
  readonly action: ResourceAction
  readonly onClose: () => void
  readonly onDone: () => void
}

function ActionDialog({ id, resource, action, onClose, onDone }: ActionDialogProps) {
  const text = useText()
  const client = useQueryClient()
  const names = (action.params ?? []).map(({ name }) => name ?? '')
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const run = useMutation({
    mutationFn: () =>
      runAction(id, resource, {
        action: action.name,
        parameters: names.map((name) => ({ name, value: values[name] ?? '' })),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['live'] })
      void client.invalidateQueries({ queryKey: ['actions'] })
      onDone()
      onClose()
    },
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    run.mutate()
  }
  return (
    <Modal
      title={text('actions.title', { action: labelOf(action), kind: resource.kind, name: resource.name })}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Failure error={run.error} />
        <p>{text('actions.hint')}</p>
        {names.map((name) => (
          <TextField
            key={name}
            label={name}
            value={values[name] ?? ''}
            required
            onValue={(value) => setValues({ ...values, [name]: value })}
          />
        ))}
        <div className="modal-foot">
          <button type="submit" className="button primary" disabled={run.isPending}>
            {text('actions.run', { action: labelOf(action) })}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text('app.cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}

interface DeleteProps {
  readonly id: ApplicationId
  readonly resource: ResourceId
  readonly onClose: () => void
}

function DeleteResourceDialog({ id, resource, onClose }: DeleteProps) {
  const text = useText()
  const [force, setForce] = useState(false)
  const [orphan, setOrphan] = useState(false)
  const [typed, setTyped] = useState('')
  const remove = useMutation({ mutationFn: () => deleteResource(id, resource, { force, orphan }), onSuccess: onClose })
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (typed === resource.name) remove.mutate()
  }
  return (
    <Modal title={text('actions.deleteTitle', { kind: resource.kind, name: resource.name })} onClose={onClose}>
      <form onSubmit={submit}>
        <Failure error={remove.error} />
        <Notice tone="warn">{text('actions.deleteHint')}</Notice>
        <div className="switches">
          <CheckField label={text('actions.force')} hint={text('actions.forceHint')} isOn={force} onChange={setForce} />
          <CheckField
            label={text('actions.orphan')}
            hint={text('actions.orphanHint')}
            isOn={orphan}
            onChange={setOrphan}
          />
        </div>
        <TextField label={text('delete.confirm', { name: resource.name })} value={typed} onValue={setTyped} />
        <div className="modal-foot">
          <button type="submit" className="button danger" disabled={typed !== resource.name || remove.isPending}>
            {text('delete.submit')}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {text('app.cancel')}
          </button>
        </div>
      </form>
    </Modal>
  )
}
