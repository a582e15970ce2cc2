// Whether a source's address means the repository of which a webhook tells another address.

/** Linux' names of users, with what Git servers add (argo-cd v3.5.1 `util/webhook/webhook.go` usernameRegex). */
const USER = String.raw`[\w.][\w.-]{0,30}[\w.$-]?`

/**
 * Accepts addresses of the repository at `webUrl` (upstream's GetWebURLRegex): with or without a scheme, a user, `ssh.` or
 * `altssh.` before the host, a port and `.git`, whatever their case. Undefined where `webUrl` is no URL.
 */
export function repositoryMatcher(webUrl: string): ((repoURL: string) => boolean) | undefined {
  const parts = partsOf(webUrl)
  if (parts === undefined) return undefined
  const { host, path } = parts
  const rest = String.raw`(?:(?:alt)?ssh\.)?${host}(?::\d+)?[:/]${path}(?:\.git)?$`
  const anybodys = new RegExp(String.raw`^(?:(?:https?|ssh):\/\/)?(?:${USER}@)?${rest}`, 'i')
  // Most addresses have no user, and looking for one takes most of the time.
  const nobodys = new RegExp(String.raw`^(?:(?:https?|ssh):\/\/)?${rest}`, 'i')
  return (repoURL) => (repoURL.includes('@') ? anybodys : nobodys).test(repoURL)
}

/** Accepts addresses of an API on the host of `apiUrl` (upstream's GetAPIURLRegex), also the path of GitHub Enterprise. */
export function apiMatcher(apiUrl: string): ((api: string) => boolean) | undefined {
  const parts = partsOf(apiUrl)
  if (parts === undefined) return undefined
  const expression = new RegExp(String.raw`^(?:https?:\/\/)?(?:${USER}@)?${parts.host}(?::\d+)?(?:\/api\/v3)?\/?$`, 'i')
  return (api) => expression.test(api)
}

/** Host and path, quoted for an expression. */
function partsOf(text: string): { readonly host: string; readonly path: string } | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  const host = url.hostname.replace(/^\[(?<address>.*)\]$/, '$<address>')
  return { host: quote(host), path: quote(url.pathname.replace(/^\//, '')) }
}

function quote(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
