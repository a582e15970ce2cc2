// Finding and reading the kustomization of a directory (api/internal/target/kusttarget.go Load).
import { CapstanError } from '../../base/errors.ts'
import type { BuildContext } from './build-context.ts'
import type { Kustomization } from './kustomization.ts'
import { assertKustomization, readKustomization } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { loadText } from './loader.ts'
import type { Origin } from './origin.ts'
import { KUSTOMIZATION_NAMES, joinPath, shownPath } from './source-files.ts'

/** One kustomization being built. */
export interface Target {
  readonly loader: Loader
  readonly kustomization: Kustomization
  readonly fileName: string
  /** Path from the top, where origins are wanted. */
  readonly origin: Origin | undefined
}

/** Reads the kustomization of the loader's directory. Throws `bad-input` for none or several, and for what is no kustomization. */
export function loadTarget(build: BuildContext, loader: Loader, origin: Origin | undefined): Target {
  const fileName = findKustomization(loader)
  const read = readKustomization(loadText(loader, fileName))
  const path = joinPath(loader.root, fileName) ?? fileName
  for (const message of read.warnings) build.warnings.push({ path, message })
  assertKustomization(read.kustomization, shownPath(loader.root))
  const { edit } = build.options
  const isTop = loader.referrer === undefined
  const kustomization = isTop && edit !== undefined ? edit(read.kustomization) : read.kustomization
  build.useSchema(kustomization.openapi, loader)
  return { loader, kustomization, fileName, origin }
}

function findKustomization(loader: Loader): string {
  const found = KUSTOMIZATION_NAMES.filter((name) => loader.files.isFile(joinPath(loader.root, name) ?? name))
  const [only] = found
  if (found.length > 1) {
    throw new CapstanError('bad-input', `Found multiple kustomization files under: ${shownPath(loader.root)}\n`)
  }
  if (only !== undefined) return only
  const message = `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${shownPath(loader.root)}'`
  throw new CapstanError('bad-input', message)
}
