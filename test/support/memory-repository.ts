// A repository in memory for stories: commits are made by naming files, and every revision stays readable.
import { CapstanError } from '../../src/base/errors.ts'
import { sha256Hex } from '../../src/base/digest.ts'
import { memoryTree } from './memory-tree.ts'
import type { FileTree } from '../../src/source/file-tree.ts'
import type { SourceProvider } from '../../src/source/provider.ts'

export type Files = Readonly<Record<string, string>>

export interface MemoryRepository {
  readonly url: string
  readonly provider: SourceProvider
  /** Replaces the files named (undefined removes one) and gives the commit id. */
  commit(changes: Readonly<Record<string, string | undefined>>): string
  /** From now on nothing is answered, or everything again. */
  goAway(isGone: boolean): void
  /** Tells whoever listens that a ref has moved, as a watched repository or a webhook does. */
  announce(): void
  /** Every revision asked for so far, oldest first, found or not. */
  readonly opened: readonly string[]
}

/** A repository with one branch, whose tip is HEAD. */
export function memoryRepository(files: Files, url: string = 'https://git.example.com/apps.git'): MemoryRepository {
  const commits = new Map<string, FileTree>()
  const opened: string[] = []
  const listeners = new Set<(repoURL: string) => void>()
  let current: Files = {}
  let tip = ''
  let isAway = false

  function commit(changes: Readonly<Record<string, string | undefined>>): string {
    const next = Object.entries({ ...current, ...changes }).filter(([, text]) => text !== undefined)
    // Entries without a text were left out in the line above.
    current = Object.fromEntries(next) as Files
    tip = sha256Hex(`${tip} ${commits.size} ${JSON.stringify(current)}`).slice(0, 40)
    commits.set(tip, memoryTree(current, tip))
    return tip
  }

  commit(files)
  return {
    url,
    opened,
    commit,
    goAway(isGone) {
      isAway = isGone
    },
    announce() {
      for (const listener of listeners) listener(url)
    },
    provider: {
      async open(location, options) {
        const wanted = options.revision ?? location.targetRevision ?? 'HEAD'
        const revision = ['', 'HEAD', 'main'].includes(wanted) ? tip : wanted
        opened.push(revision)
        if (isAway) throw new CapstanError('unavailable', `${url}: the repository does not answer`)
        const tree = commits.get(revision)
        if (location.repoURL !== url || tree === undefined) {
          throw new CapstanError('not-found', `unable to resolve '${wanted}' to a commit SHA`)
        }
        return { tree, revision }
      },
      revisionMetadata: async () => ({ author: 'Ada', date: '2026-01-01T00:00:00Z', message: 'change', tags: [] }),
      onRefsMoved(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      close: async () => {},
    },
  }
}
