// Which files the programs of a directory may import, and where they are looked for.
import { posix } from 'node:path'
import { CapstanError } from '../../base/errors.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import { importsOf, type Import } from '../../lang/jsonnet/evaluate.ts'
import type { LoadContext } from '../contract.ts'

/** Files that one directory source may import in all. */
export const MAX_IMPORTED_FILES = 5000
/** Their bytes in all. */
export const MAX_IMPORTED_SIZE: number = 64 * 1024 * 1024

/**
 * Where an import may stand, in order: beside the file that asks, in the libraries, the last one first, in the source's
 * path (go-jsonnet imports.go FileImporter; argo-cd v3.5.1 makeJsonnetVm). Nothing outside the repository is among them.
 */
export function importCandidates(path: string, from: string, searched: readonly string[]): readonly string[] {
  if (path.startsWith('/')) return []
  const folders = [posix.dirname(from), ...searched]
  const candidates = folders.map((folder) => posix.normalize(posix.join(folder, path)))
  return [...new Set(candidates)].filter((candidate) => candidate !== '..' && !candidate.startsWith('../'))
}

/** The libraries of a source, from the last to the first, then its own path. Throws for one outside the repository. */
export function searchedFolders(root: string, libraries: readonly string[]): readonly string[] {
  const folders = libraries.map((library) => {
    const folder = posix.normalize(posix.join('.', library))
    if (folder !== '..' && !folder.startsWith('../')) return folder
    throw new CapstanError('forbidden', `jsonnet library '${library}' resolved to outside repository root`)
  })
  return [...folders.toReversed(), root === '' ? '.' : root]
}

export interface Program {
  /** The path of a file, or the name of a variable. */
  readonly name: string
  readonly text: string
}

/** Reads all that the programs import, and what that imports, through the tree, which notes it. */
export async function loadImports(
  programs: readonly Program[],
  searched: readonly string[],
  context: LoadContext,
): Promise<void> {
  const pending: Program[] = [...programs]
  const seen = new Set(programs.map(({ name }) => name))
  let size = 0
  for (let program = pending.pop(); program !== undefined; program = pending.pop()) {
    for (const { form, path } of importsOrNone(program)) {
      const found = await firstFile(importCandidates(path, program.name, searched), context)
      if (found === undefined || seen.has(`${form} ${found.path}`)) continue
      seen.add(`${form} ${found.path}`)
      size += found.bytes.length
      if (seen.size > MAX_IMPORTED_FILES || size > MAX_IMPORTED_SIZE) {
        throw new CapstanError(
          'limit',
          `${program.name}: imports more than ${MAX_IMPORTED_FILES} files or ${MAX_IMPORTED_SIZE} bytes`,
        )
      }
      if (form === 'code') pending.push({ name: found.path, text: textOfBytes(found.bytes) })
    }
  }
}

/** A program that cannot be parsed is reported when it is run. */
function importsOrNone({ name, text }: Program): readonly Import[] {
  try {
    return importsOf(name, text)
  } catch (error) {
    if (error instanceof CapstanError) return []
    throw error
  }
}

async function firstFile(
  candidates: readonly string[],
  { tree, signal }: LoadContext,
): Promise<{ readonly path: string; readonly bytes: Uint8Array } | undefined> {
  for (const path of candidates) {
    const file = await tree.readFile(path, signal)
    if (file !== undefined) return { path, bytes: file.bytes }
  }
  return undefined
}
