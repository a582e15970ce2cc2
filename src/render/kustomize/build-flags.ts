// The words of `kustomize.buildOptions`: flags of `kustomize build` that a rendering in the process knows.
import { CapstanError } from '../../base/errors.ts'

export interface BuildFlags {
  readonly enableHelm?: boolean
  readonly unrestricted?: boolean
  readonly managedByLabel?: boolean
  readonly defaultOrder?: 'legacy' | 'fifo'
}

/** Longest text of options; real ones are a few words. */
export const MAX_OPTIONS_LENGTH = 4096

/** Reads words parted by spaces, as Argo CD passes them. Throws `bad-input` for what kustomize refuses, `unsupported` for programs. */
export function parseBuildFlags(text: string): BuildFlags {
  if (text.length > MAX_OPTIONS_LENGTH) throw new CapstanError('limit', 'kustomize build options are too long')
  const words = text.split(/\s+/).filter((word) => word !== '')
  let flags: BuildFlags = {}
  for (let i = 0; i < words.length; i++) {
    const [name, inline] = splitWord(words[i] ?? '')
    const isSwitch = SWITCHES.has(name)
    const value = inline ?? (isSwitch ? 'true' : words[++i])
    flags = { ...flags, ...readFlag(name, value) }
  }
  return flags
}

function splitWord(word: string): [string, string?] {
  const equals = word.indexOf('=')
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)]
}

const SWITCHES: ReadonlySet<string> = new Set([
  '--enable-helm',
  '--helm-debug',
  '--enable-managedby-label',
  '--enable-alpha-plugins',
  '--enable-exec',
  '--enable-star',
  '--network',
  '--as-current-user',
])

/** Flags of helm and of containers that change nothing here: charts are rendered by this process. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  '--helm-command',
  '--helm-debug',
  '--as-current-user',
  '--network-name',
  '--enable-alpha-plugins',
  '-e',
  '--env',
  '--stack-trace',
])

const PROGRAMS: ReadonlySet<string> = new Set(['--enable-exec', '--enable-star', '--network', '--mount'])

function readFlag(name: string, value: string | undefined): BuildFlags {
  if (value === undefined) throw new CapstanError('bad-input', `kustomize build: flag needs an argument: ${name}`)
  switch (name) {
    case '--enable-helm':
      return { enableHelm: isTrue(name, value) }
    case '--enable-managedby-label':
      return { managedByLabel: isTrue(name, value) }
    case '--load-restrictor':
      return { unrestricted: isUnrestricted(value) }
    case '--reorder':
      return { defaultOrder: orderOf(value) }
    default:
      if (WITHOUT_EFFECT.has(name)) return {}
      if (PROGRAMS.has(name)) {
        throw new CapstanError('unsupported', `kustomize build: ${name}: programs and KRM functions are not run`)
      }
      throw new CapstanError('bad-input', `kustomize build: unknown flag: ${name}`)
  }
}

function isTrue(name: string, value: string): boolean {
  if (/^(?:1|t|true)$/i.test(value)) return true
  if (/^(?:0|f|false)$/i.test(value)) return false
  throw new CapstanError('bad-input', `kustomize build: invalid argument "${value}" for "${name}" flag`)
}

function isUnrestricted(value: string): boolean {
  if (value === 'LoadRestrictionsNone' || value === 'LoadRestrictionsRootOnly') return value.endsWith('None')
  const values = 'LoadRestrictionsRootOnly, LoadRestrictionsNone'
  throw new CapstanError('bad-input', `illegal flag value --load-restrictor ${value}; legal values: [${values}]`)
}

function orderOf(value: string): 'legacy' | 'fifo' {
  if (value === 'legacy') return 'legacy'
  if (value === 'none') return 'fifo'
  throw new CapstanError('bad-input', `illegal flag value --reorder ${value}; legal values: [none, legacy]`)
}
