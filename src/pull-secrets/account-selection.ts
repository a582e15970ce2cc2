// Which ServiceAccounts of a namespace get the entry: `default` alone unless somebody asks for others.
import { messageOf } from '../base/errors.ts'
import type { KubeObject } from '../kube/object.ts'
import { matchesLabels, parseLabelSelector } from '../kube/selector.ts'

export interface AccountSelection {
  selects(account: Pick<KubeObject, 'metadata'>): boolean
  readonly isDefaultAlone: boolean
  /** Why the text is none; then `default` alone counts. */
  readonly fault?: string
}

const DEFAULT = 'default'
const SELECTOR = 'selector:'

/** `default`, `*`, `default,builder`, `selector:team=a`; of a setting or of a credential. Never throws. */
export function parseAccountSelection(text: string): AccountSelection {
  const trimmed = text.trim()
  if (trimmed === '*') return { selects: () => true, isDefaultAlone: false }
  if (trimmed.startsWith(SELECTOR)) return bySelector(trimmed.slice(SELECTOR.length).trim())
  const names = trimmed
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return byNames(names.length === 0 ? [DEFAULT] : names)
}

function byNames(names: readonly string[]): AccountSelection {
  const wanted = new Set(names)
  const isDefaultAlone = wanted.size === 1 && wanted.has(DEFAULT)
  return { selects: ({ metadata }) => wanted.has(metadata.name ?? ''), isDefaultAlone }
}

function bySelector(selector: string): AccountSelection {
  try {
    const requirements = parseLabelSelector(selector)
    return { selects: ({ metadata }) => matchesLabels(requirements, metadata.labels), isDefaultAlone: false }
  } catch (error) {
    return { ...byNames([DEFAULT]), fault: `the selector of ServiceAccounts ${selector}: ${messageOf(error)}` }
  }
}
