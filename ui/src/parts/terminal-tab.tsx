// A shell in a container: which one, and the terminal itself.
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import { readSettings } from '../api/calls.ts'
import type { ApplicationId } from '../api/shapes.ts'
import type { TreeNode } from '../tree/nodes.ts'
import { podsBelow } from '../tree/pods.ts'
import { ChoiceField } from './fields.tsx'
import { Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useContainers } from './use-containers.ts'
import { useMay } from './use-may.ts'

const Terminal = lazy(async () => ({ default: (await import('./terminal.tsx')).Terminal }))

interface TerminalTabProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly node: TreeNode
  readonly nodes: readonly TreeNode[]
}

export function TerminalTab({ id, application, node, nodes }: TerminalTabProps) {
  const text = useText()
  const may = useMay(application, 'create', 'exec')
  const settings = useQuery({ queryKey: ['settings'], queryFn: ({ signal }) => readSettings(signal) })
  const pods = podsBelow(node, nodes)
  const [podName, setPodName] = useState('')
  const [container, setContainer] = useState('')
  const pod = pods.find(({ name }) => name === podName) ?? pods[0]
  const { names, first } = useContainers(id, pod)
  if (settings.isPending) return <p className="muted">{text('app.loading')}</p>
  if (settings.data?.execEnabled !== true) return <Notice tone="warn">{text('terminal.off')}</Notice>
  if (!may) return <Notice tone="warn">{text('terminal.mayNot')}</Notice>
  if (pod === undefined) return <p className="muted">{text('logs.noPods')}</p>
  const shown = names.includes(container) ? container : first
  return (
    <div className="terminal-tab">
      <div className="bar log-bar">
        {pods.length > 1 && (
          <ChoiceField
            isInline
            label={text('logs.pod')}
            value={pod.name}
            choices={pods.map(({ name }) => [name, name] as const)}
            onChange={setPodName}
          />
        )}
        <ChoiceField
          isInline
          label={text('terminal.container')}
          value={shown ?? ''}
          choices={names.map((name) => [name, name] as const)}
          onChange={setContainer}
        />
      </div>
      <Suspense fallback={<div className="terminal" />}>
        {shown !== undefined && (
          <Terminal
            key={`${pod.name}/${shown}`}
            id={id}
            project={application.spec.project === '' ? 'default' : application.spec.project}
            namespace={pod.namespace}
            pod={pod.name}
            container={shown}
          />
        )}
      </Suspense>
    </div>
  )
}
