// What a web terminal is asked for: read from the query, each name checked (server/application/terminal.go, v3.5.1).

export interface TerminalQuery {
  readonly pod: string
  readonly container: string
  readonly application: string
  /** Empty: the control plane's. */
  readonly applicationNamespace: string
  readonly project: string
  readonly namespace: string
  /** Used only where it is among those that are allowed. */
  readonly shell: string
}

/** Upstream's refusal: plain text with an HTTP status. */
export class TerminalRefusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'TerminalRefusal'
    this.status = status
  }
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_SUBDOMAIN_LENGTH = 253

function isSubdomain(name: string): boolean {
  return name.length <= MAX_SUBDOMAIN_LENGTH && SUBDOMAIN.test(name)
}

function isLabel(name: string): boolean {
  return LABEL.test(name)
}

/** Throws `TerminalRefusal` 400 for a name that is missing or is none. */
export function readTerminalQuery(search: URLSearchParams): TerminalQuery {
  const text = (name: string): string => search.get(name) ?? ''
  const query = {
    pod: text('pod'),
    container: text('container'),
    application: text('appName'),
    applicationNamespace: text('appNamespace'),
    project: text('projectName'),
    namespace: text('namespace'),
    shell: text('shell'),
  }
  const { pod, container, application, applicationNamespace, project, namespace } = query
  if ([pod, container, application, project, namespace].includes('')) {
    throw new TerminalRefusal(400, 'Missing required parameters')
  }
  const checks = [
    ['Pod name', isSubdomain(pod)],
    ['Container name', isLabel(container)],
    ['App name', isSubdomain(application)],
    ['Project name', isSubdomain(project)],
    ['Namespace name', isLabel(namespace)],
    ['App namespace name', applicationNamespace === '' || isLabel(applicationNamespace)],
  ] as const
  for (const [what, isValid] of checks) if (!isValid) throw new TerminalRefusal(400, `${what} is not valid`)
  return query
}
