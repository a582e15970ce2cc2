// Argo CD's build environment: `$ARGOCD_APP_NAME` and its sisters, substituted in some fields of a source.
import type { RenderRequest } from './renderer.ts'

export type BuildEnvironment = ReadonlyMap<string, string>

/** The variables there are for a rendering (argo-cd v3.5.1 newEnv). */
export function buildEnvironment(request: RenderRequest): BuildEnvironment {
  const { application, revision, source } = request
  return new Map([
    ['ARGOCD_APP_NAME', application.instanceName ?? application.name],
    ['ARGOCD_APP_NAMESPACE', application.destinationNamespace],
    ['ARGOCD_APP_PROJECT_NAME', application.project],
    ['ARGOCD_APP_REVISION', revision],
    ['ARGOCD_APP_REVISION_SHORT', revision.slice(0, 7)],
    ['ARGOCD_APP_REVISION_SHORT_8', revision.slice(0, 8)],
    ['ARGOCD_APP_SOURCE_REPO_URL', source.repoURL ?? ''],
    ['ARGOCD_APP_SOURCE_PATH', source.path ?? ''],
    ['ARGOCD_APP_SOURCE_TARGET_REVISION', source.targetRevision ?? ''],
  ])
}

// As os.Expand of Go reads names: braces, one special character, or letters, digits and underscores.
const REFERENCE = /\$(?:\{(?<braced>[^}]*)\}|(?<broken>\{)|(?<special>[*#$@!?\-0-9])|(?<plain>[A-Za-z_][A-Za-z0-9_]*))/g

/** Substitutes `$NAME` and `${NAME}`; `$$` is a dollar, an unknown name is nothing. */
export function substituteEnvironment(text: string, environment: BuildEnvironment): string {
  if (!text.includes('$')) return text
  return text.replace(REFERENCE, (_match, ...rest) => {
    const groups = rest.at(-1) as Record<string, string | undefined> // the last argument of a replacer with named groups
    const name = groups['braced'] ?? groups['special'] ?? groups['plain'] ?? ''
    return name === '$' ? '$' : (environment.get(name) ?? '')
  })
}
