// The annotation manifest-generate-paths: which files of a repository an application says it is made of.
import { posix } from 'node:path'
import { compilePathPattern } from '../../base/path-pattern.ts'

export const GENERATE_PATHS_ANNOTATION = 'argocd.argoproj.io/manifest-generate-paths'

/**
 * The paths of the annotation, from the repository's root: entries stand between `;`, one that begins with `/` counts from the
 * root, others from the source's path (argo-cd v3.5.1 `util/app/path/path.go` GetSourceRefreshPaths).
 */
export function refreshPaths(annotation: string | undefined, sourcePath: string): readonly string[] {
  return (annotation ?? '')
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => cleanPath(entry.startsWith('/') ? entry : posix.join(sourcePath, entry)))
}

/**
 * Is one of the files at or below one of the paths, or does it fit one of them as a shell pattern? Without paths, or where
 * the files are not known: yes (upstream's AppFilesHaveChanged).
 */
export function haveFilesChanged(paths: readonly string[], changedFiles: readonly string[] | undefined): boolean {
  if (changedFiles === undefined || changedFiles.length === 0 || paths.length === 0) return true
  const fits = paths.map(fitsPath)
  return changedFiles.some((file) => {
    const path = cleanPath(file)
    return fits.some((fit) => fit(path))
  })
}

function fitsPath(text: string): (file: string) => boolean {
  const path = cleanPath(text)
  const below = path === '/' ? '/' : `${path}/`
  const pattern = compilePathPattern(path) ?? never
  return (file) => file === path || file.startsWith(below) || pattern(file)
}

/** Go's filepath.Clean of the path from the root. */
function cleanPath(path: string): string {
  return posix.resolve('/', path)
}

function never(): boolean {
  return false
}
