// What the environment says of the tools that Argo CD runs and Capstan stands in for.
import { parseDuration } from '../lang/go/time/duration.ts'

const NANOSECONDS_PER_MS = 1_000_000n
/** What Go's strconv.ParseBool takes for false. */
const GO_FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** ARGOCD_GIT_MODULES_ENABLED: whether sources come with their submodules. On by default. */
export function areSubmodulesWanted(environment: NodeJS.ProcessEnv = process.env): boolean {
  return !GO_FALSE.has(environment['ARGOCD_GIT_MODULES_ENABLED'] ?? '')
}

/**
 * ARGOCD_EXEC_TIMEOUT, a Go duration: how long git, gpg, a plug-in's command or a rendering may take. Undefined, for the
 * default of 90 s, where it is absent or cannot be read, as upstream has it (util/exec/exec.go v3.5.1).
 */
export function execTimeoutMs(environment: NodeJS.ProcessEnv = process.env): number | undefined {
  const text = environment['ARGOCD_EXEC_TIMEOUT'] ?? ''
  if (text === '') return undefined
  try {
    const ms = Number(parseDuration(text) / NANOSECONDS_PER_MS)
    return ms > 0 ? ms : undefined
  } catch {
    return undefined // not a duration: upstream takes its default, too
  }
}
