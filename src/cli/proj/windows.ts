// `proj windows …`: when a project's applications may sync.
import { isDeepStrictEqual } from 'node:util'
import type { Command } from 'commander'
import { CapstanError } from '../../base/errors.ts'
import type { AppProject, SyncWindow } from '../../crds/app-project.ts'
import type { CliContext } from '../context.ts'
import { printList } from '../print.ts'
import { formatTable } from '../table.ts'
import { addVerb } from '../verb.ts'
import { list, output, text, truthFlag } from '../verb-flags.ts'
import { getProject, PROJECT_SERVICE, updateProject, type ProjectCall } from './calls.ts'

export function addWindowVerbs(windows: Command, context: CliContext): void {
  addListVerb(windows, context)
  addAddVerb(windows, context)
  addUpdateVerb(windows, context)
  addDeleteVerb(windows, context)
  for (const [name, about, change] of TOGGLES) {
    addVerb(windows, context, {
      words: `${name} <project> <id>`,
      about,
      writes: true,
      examples: [`proj windows ${name} web 0`],
      run: (call) => changeWindow(call, change),
    })
  }
}

const TOGGLES: readonly (readonly [name: string, about: string, change: Partial<SyncWindow>])[] = [
  ['enable-manual-sync', 'let people sync by hand in a window', { manualSync: true }],
  ['disable-manual-sync', 'keep people from syncing by hand in a window', { manualSync: false }],
  ['enable-sync-overrun', 'let a sync that has begun go on when its time is over', { syncOverrun: true }],
  ['disable-sync-overrun', 'end a sync that has begun when its time is over', { syncOverrun: false }],
]

function addListVerb(windows: Command, context: CliContext): void {
  addVerb(windows, context, {
    words: 'list <project>',
    about: 'list the windows of a project; which are active now',
    flags: { output: output('wide', 'json', 'yaml') },
    examples: ['proj windows list web', 'proj windows list web -o yaml'],
    async run(call) {
      const [name = ''] = call.args
      const { spec } = await getProject(call, name)
      const { windows: active } = await call.send<{ readonly windows?: readonly SyncWindow[] | null }>(
        `${PROJECT_SERVICE}/GetSyncWindowsState`,
        { name },
      )
      printList(call, spec.syncWindows ?? [], { wide: (all) => formatWindows(all, active ?? []) })
    },
  })
}

const HEADING = ['ID', 'STATUS', 'KIND', 'SCHEDULE', 'DURATION', 'APPLICATIONS', 'NAMESPACES', 'CLUSTERS', 'MANUALSYNC', 'SYNCOVERRUN', 'TIMEZONE', 'USEANDOPERATOR'] // prettier-ignore

/** Upstream ends every cell with a tab, the last too. */
export function formatWindows(windows: readonly SyncWindow[], active: readonly SyncWindow[]): string {
  const rows = windows.map((window, id) => [
    `${id}`,
    active.some((other) => isDeepStrictEqual(other, window)) ? 'Active' : 'Inactive',
    window.kind ?? '',
    window.schedule ?? '',
    window.duration ?? '',
    joined(window.applications),
    joined(window.namespaces),
    joined(window.clusters),
    enabled(window.manualSync),
    enabled(window.syncOverrun),
    window.timeZone ?? '',
    enabled(window.andOperator),
    '',
  ])
  return formatTable([[...HEADING, ''], ...rows])
}

function joined(values: readonly string[] = []): string {
  return values.length === 0 ? '-' : values.join(',')
}

function enabled(isOn: boolean | undefined): string {
  return isOn === true ? 'Enabled' : 'Disabled'
}

const windowFlags = {
  schedule: text('when it begins, as a cron line: "0 22 * * *"'),
  duration: text('how long it is: 1h, 90m'),
  applications: list('applications it is for; * stands for any characters'),
  namespaces: list('destination namespaces it is for'),
  clusters: list('clusters it is for'),
  timeZone: text('time zone of the schedule', { initial: 'UTC' }),
  description: text('why there is a window, up to 255 characters'),
} as const

function addAddVerb(windows: Command, context: CliContext): void {
  addVerb(windows, context, {
    words: 'add <project>',
    about: 'add a window',
    writes: true,
    flags: {
      kind: text('allow or deny', { short: 'k' }),
      ...windowFlags,
      manualSync: truthFlag('people may sync by hand whatever the window says'),
      syncOverrun: truthFlag('a sync that has begun may go on when its time is over'),
      useAndOperator: truthFlag('only for what is in all the lists, rather than in one of them'),
    },
    examples: [
      `proj windows add web --kind allow --schedule "0 22 * * *" --duration 1h --applications '*'`,
      `proj windows add web --kind deny --schedule "0 0 24 12 *" --duration 72h --namespaces 'prod-*' --manual-sync`,
    ],
    async run(call) {
      const { kind, schedule, duration, useAndOperator: andOperator, ...more } = call.flags
      if (!isText(kind) || !isText(schedule) || !isText(duration))
        throw new CapstanError('bad-input', 'cannot create window: require kind, schedule, duration and one or more of applications, namespaces and clusters') // prettier-ignore
      if (kind !== 'allow' && kind !== 'deny')
        throw new CapstanError('bad-input', `kind '${kind}' mismatch: can only be allow or deny`)
      const project = await getProject(call, call.args[0] ?? '')
      const window = given({ kind, schedule, duration, andOperator, ...more })
      await updateProject(call, project, { syncWindows: [...(project.spec.syncWindows ?? []), window] })
    },
  })
}

function isText(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

/** Without what was not given, or given as nothing. */
function given(window: { readonly [Field in keyof SyncWindow]?: SyncWindow[Field] | undefined }): SyncWindow {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0) // prettier-ignore
  return Object.fromEntries(Object.entries(window).filter(([, value]) => isGiven(value)))
}

function addUpdateVerb(windows: Command, context: CliContext): void {
  addVerb(windows, context, {
    words: 'update <project> <id>',
    about: 'change a window; proj windows list shows the ids',
    writes: true,
    flags: windowFlags,
    examples: ['proj windows update web 0 --schedule "0 20 * * *"'],
    async run(call) {
      const change = given(call.flags)
      // The time zone has a value whether it is given or not, and alone changes nothing (SyncWindow.Update).
      if (Object.keys(change).every((name) => name === 'timeZone'))
        throw new CapstanError('bad-input', 'cannot update: require one or more of schedule, duration, application, namespace, cluster or description') // prettier-ignore
      await changeWindow(call, change)
    },
  })
}

function addDeleteVerb(windows: Command, context: CliContext): void {
  addVerb(windows, context, {
    words: 'delete <project> <id>',
    about: 'delete a window; proj windows list shows the ids',
    writes: true,
    examples: ['proj windows delete web 0'],
    async run(call) {
      const { project, windows: all, index } = await findWindow(call)
      if (await call.confirm('Are you sure you want to delete sync window? [y/n]'))
        await updateProject(call, project, { syncWindows: all.toSpliced(index, 1) })
      else call.print('The command to delete the sync window was cancelled\n')
    },
  })
}

async function changeWindow(call: ProjectCall, change: Partial<SyncWindow>): Promise<void> {
  const { project, windows, index } = await findWindow(call)
  const changed = windows.map((window, id) => (id === index ? { ...window, ...change } : window))
  await updateProject(call, project, { syncWindows: changed })
}

interface FoundWindow {
  readonly project: AppProject
  readonly windows: readonly SyncWindow[]
  readonly index: number
}

async function findWindow(call: ProjectCall): Promise<FoundWindow> {
  const [name = '', id = ''] = call.args
  if (!/^[+-]?\d+$/.test(id))
    throw new CapstanError('bad-input', `${id} is no id of a window; "proj windows list ${name}" shows them`)
  const project = await getProject(call, name)
  const windows = project.spec.syncWindows ?? []
  const index = Number(id)
  if (windows[index] === undefined) throw new CapstanError('not-found', `window with id '${index}' not found`)
  return { project, windows, index }
}
