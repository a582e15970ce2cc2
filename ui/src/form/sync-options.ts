// The options of a sync by upstream's names, as switches and back.

export const OPTION_SWITCHES = {
  skipValidation: 'Validate=false',
  createNamespace: 'CreateNamespace=true',
  pruneLast: 'PruneLast=true',
  outOfSyncOnly: 'ApplyOutOfSyncOnly=true',
  respectIgnore: 'RespectIgnoreDifferences=true',
  serverSide: 'ServerSideApply=true',
  replace: 'Replace=true',
} as const

export type OptionSwitch = keyof typeof OPTION_SWITCHES

export const PROPAGATIONS = ['foreground', 'background', 'orphan'] as const
export type Propagation = (typeof PROPAGATIONS)[number]

export interface OptionChoice {
  readonly on: ReadonlySet<OptionSwitch>
  readonly propagation: Propagation
  /** Options there is no switch for; they are kept. */
  readonly others: readonly string[]
}

const PROPAGATION = 'PrunePropagationPolicy='
const NAMES = Object.keys(OPTION_SWITCHES) as OptionSwitch[]

export function readOptions(options: readonly string[]): OptionChoice {
  const isSwitch = (option: string): boolean => NAMES.some((name) => sameOption(OPTION_SWITCHES[name], option))
  const policy = options.find((option) => option.startsWith(PROPAGATION))?.slice(PROPAGATION.length)
  return {
    on: new Set(NAMES.filter((name) => options.includes(OPTION_SWITCHES[name]))),
    propagation: PROPAGATIONS.find((name) => name === policy) ?? 'foreground',
    others: options.filter((option) => !isSwitch(option) && !option.startsWith(PROPAGATION)),
  }
}

/** `Validate=true` says about the same as `Validate=false`. */
function sameOption(a: string, b: string): boolean {
  return a.split('=')[0] === b.split('=')[0]
}

export function writeOptions({ on, propagation, others }: OptionChoice): readonly string[] {
  return [
    ...others,
    ...NAMES.filter((name) => on.has(name)).map((name) => OPTION_SWITCHES[name]),
    ...(propagation === 'foreground' ? [] : [`${PROPAGATION}${propagation}`]),
  ]
}
