// The logs of a pod or of all pods of a workload, and what of them is shown.
import { ArrowDown, ArrowUp, Download, Search } from 'lucide-react'
import { useMemo, useState } from 'react'
import type { Application } from '../../../src/crds/application.ts'
import type { ApplicationId } from '../api/shapes.ts'
import { withoutAnsi } from '../logs/ansi.ts'
import { logsUrl } from '../logs/follow-logs.ts'
import { findLines, type LogLine } from '../logs/log-lines.ts'
import type { TreeNode } from '../tree/nodes.ts'
import { podsBelow } from '../tree/pods.ts'
import { ChoiceField } from './fields.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { LogView } from './log-view.tsx'
import { Failure, Notice } from './notice.tsx'
import { useText } from './preferences-context.tsx'
import { useContainers } from './use-containers.ts'
import { useLogs } from './use-logs.ts'
import { useMay } from './use-may.ts'

interface LogsProps {
  readonly id: ApplicationId
  readonly application: Application
  readonly node: TreeNode
  readonly nodes: readonly TreeNode[]
}

const TAILS = ['100', '1000', '5000', '0'] as const
type Tail = (typeof TAILS)[number]
/** Browsers open six connections to a host; some must stay free. */
const MAX_STREAMS = 3
const NO_NAMES: readonly string[] = []

interface LogChoice {
  /** A pod's name; empty: all of them. */
  readonly pod: string
  readonly containers: readonly string[]
  readonly tail: Tail
  readonly isFollowing: boolean
  readonly isPrevious: boolean
  readonly hasTimes: boolean
  readonly isWrapping: boolean
}

const FIRST: LogChoice = {
  pod: '',
  containers: NO_NAMES,
  tail: '1000',
  isFollowing: true,
  isPrevious: false,
  hasTimes: false,
  isWrapping: true,
}

export function LogsTab({ id, application, node, nodes }: LogsProps) {
  const text = useText()
  const may = useMay(application, 'get', 'logs')
  const pods = useMemo(() => podsBelow(node, nodes), [node, nodes])
  if (!may) return <Notice tone="warn">{text('logs.mayNot')}</Notice>
  if (pods.length === 0) return <p className="muted">{text('logs.noPods')}</p>
  return <Logs id={id} node={node} pods={pods} />
}

function Logs({
  id,
  node,
  pods,
}: {
  readonly id: ApplicationId
  readonly node: TreeNode
  readonly pods: readonly TreeNode[]
}) {
  const text = useText()
  const [choice, setChoice] = useState(FIRST)
  const [search, setSearch] = useState('')
  const [place, setPlace] = useState(0)
  const change = (changed: Partial<LogChoice>): void => setChoice({ ...choice, ...changed })
  const chosenPod = pods.find(({ name }) => name === choice.pod)
  const { names, first } = useContainers(id, chosenPod ?? pods[0])
  const containers = choice.containers.length === 0 ? (first === undefined ? NO_NAMES : [first]) : choice.containers
  const target = targetOf(node, chosenPod)
  const query = {
    application: id,
    namespace: node.namespace,
    ...target,
    tailLines: Number(choice.tail),
    sinceSeconds: 0,
    isFollowing: true,
    isPrevious: choice.isPrevious,
  }
  const { lines, error, isReading } = useLogs(query, containers)
  const found = useMemo(() => findLines(lines, search, textOf), [lines, search])
  const at = found.length === 0 ? undefined : found[((place % found.length) + found.length) % found.length]
  function step(by: number): void {
    change({ isFollowing: false })
    setPlace(place + by)
  }
  return (
    <div className="logs">
      <div className="bar log-bar">
        <Sources pods={pods} names={names} containers={containers} choice={choice} change={change} />
        <Switches choice={choice} change={change} />
        <a
          className="button icon-only push"
          href={logsUrl({ ...query, container: containers[0] ?? '' }, true)}
          download={`${node.name}.log`}
          aria-label={text('logs.download')}
          title={text('logs.download')}
        >
          <Download className="icon" aria-hidden />
        </a>
      </div>
      <LogSearch
        search={search}
        onSearch={(words) => {
          setSearch(words)
          setPlace(0)
        }}
        place={at === undefined ? 0 : found.indexOf(at) + 1}
        count={found.length}
        onStep={step}
      />
      <Failure error={error} />
      <div className="log-frame">
        <LogView
          lines={lines}
          search={search}
          current={choice.isFollowing ? undefined : at}
          isFollowing={choice.isFollowing}
          onLeaveEnd={() => change({ isFollowing: false })}
          hasTimes={choice.hasTimes}
          hasSources={pods.length > 1 || containers.length > 1}
          isWrapping={choice.isWrapping}
        />
        {!choice.isFollowing && (
          <button type="button" className="button to-end" onClick={() => change({ isFollowing: true })}>
            <ArrowDown className="icon" aria-hidden />
            {text('logs.toEnd')}
          </button>
        )}
      </div>
      <p className="muted small">
        {lines.length === 0
          ? text(isReading ? 'logs.waiting' : 'logs.none')
          : text('logs.count', { count: lines.length })}
      </p>
    </div>
  )
}

interface LogSearchProps {
  readonly search: string
  readonly onSearch: (search: string) => void
  /** From 1; 0 where nothing was found. */
  readonly place: number
  readonly count: number
  readonly onStep: (by: 1 | -1) => void
}

function LogSearch({ search, onSearch, place, count, onStep }: LogSearchProps) {
  const text = useText()
  return (
    <search className="log-search">
      <Search className="icon" aria-hidden />
      <input
        type="search"
        aria-label={text('logs.search')}
        placeholder={text('logs.search')}
        value={search}
        onChange={(event) => onSearch(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1)
        }}
      />
      <output className="muted">{search !== '' && text('logs.found', { at: place, all: count })}</output>
      <button
        type="button"
        className="button icon-only"
        disabled={count === 0}
        aria-label={text('logs.before')}
        onClick={() => onStep(-1)}
      >
        <ArrowUp className="icon" aria-hidden />
      </button>
      <button
        type="button"
        className="button icon-only"
        disabled={count === 0}
        aria-label={text('logs.next')}
        onClick={() => onStep(1)}
      >
        <ArrowDown className="icon" aria-hidden />
      </button>
    </search>
  )
}

function textOf({ content }: LogLine): string {
  return withoutAnsi(content)
}

function targetOf({ kind, name, resource }: TreeNode, chosen: TreeNode | undefined) {
  if (chosen !== undefined) return { pod: chosen.name }
  return kind === 'Pod' ? { pod: name } : { owner: { group: resource?.group ?? '', kind, name } }
}

interface SourcesProps {
  readonly pods: readonly TreeNode[]
  readonly names: readonly string[]
  readonly containers: readonly string[]
  readonly choice: LogChoice
  readonly change: (changed: Partial<LogChoice>) => void
}

function Sources({ pods, names, containers, choice, change }: SourcesProps) {
  const text = useText()
  return (
    <>
      {pods.length > 1 && (
        <ChoiceField
          isInline
          label={text('logs.pod')}
          value={choice.pod}
          choices={[
            ['', text('logs.allPods', { count: pods.length })],
            ...pods.map(({ name }) => [name, name] as const),
          ]}
          onChange={(pod) => change({ pod })}
        />
      )}
      {names.length > 1 && (
        <FilterMenu
          label={text('logs.containers')}
          counts={new Map(names.map((name) => [name, 1]))}
          chosen={containers}
          onChosen={(chosen) => change({ containers: chosen.slice(-MAX_STREAMS) })}
          hasCounts={false}
        />
      )}
      <ChoiceField<Tail>
        isInline
        label={text('logs.tail')}
        value={choice.tail}
        choices={TAILS.map((tail) => [
          tail,
          tail === '0' ? text('logs.everything') : text('logs.lines', { count: tail }),
        ])}
        onChange={(tail) => change({ tail })}
      />
    </>
  )
}

const SWITCHES = ['isFollowing', 'isPrevious', 'hasTimes', 'isWrapping'] as const

function Switches({
  choice,
  change,
}: {
  readonly choice: LogChoice
  readonly change: (changed: Partial<LogChoice>) => void
}) {
  const text = useText()
  return (
    <fieldset className="facets" aria-label={text('logs.options')}>
      {SWITCHES.map((name) => (
        <button
          key={name}
          type="button"
          className="facet"
          aria-pressed={choice[name]}
          onClick={() => change({ [name]: !choice[name] })}
        >
          {text(`logs.${name}`)}
        </button>
      ))}
    </fieldset>
  )
}
