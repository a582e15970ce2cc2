// What holds a resource and lets it go on, for the kinds whose spec has a field `suspend`.
import type { ActionRule } from './contract.ts'
import { withField } from './edit.ts'
import { isTrue, set, type Test } from './rule-language.ts'

const SUSPEND = ['spec', 'suspend']

export const PAUSE_ICON = { iconClass: 'fa fa-fw fa-pause' } as const
export const PLAY_ICON = { iconClass: 'fa fa-fw fa-play' } as const
export const PAUSE_CIRCLE = { iconClass: 'fa fa-fw fa-pause-circle' } as const
export const PLAY_CIRCLE = { iconClass: 'fa fa-fw fa-play-circle' } as const

export const isSuspended: Test = isTrue(...SUSPEND)
export const suspend: ActionRule['run'] = set(SUSPEND, true)

/** A suspended one goes on; another stays as it is. */
export const resume: ActionRule['run'] = (object) => (isSuspended(object) ? withField(object, SUSPEND, false) : object)
