// When two ways of writing a repository's URL mean the same repository.

const SCP_STYLE = /^[^/:]*@[^@]+$/

/**
 * The form in which URLs are compared: lower case, `git@host:path` and `ssh://git@host/path` alike, without `.git`
 * (argo-cd v3.5.1 `util/git/git.go` `NormalizeGitURL`). Text that is no URL becomes empty and equals nothing.
 */
export function normalizeGitUrl(url: string): string {
  let text = url.trim().toLowerCase()
  if (text.startsWith('ssh://')) text = text.slice('ssh://'.length)
  else if (SCP_STYLE.test(text)) text = text.replace(':', '/')
  if (text.endsWith('.git')) text = text.slice(0, -'.git'.length)
  return isPlausible(text) ? text : ''
}

/** Go's url.Parse refuses control characters anywhere and blanks in the host. */
function isPlausible(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code === 0x7f) return false
  }
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?<host>[^/?#]*)/.exec(text)?.groups?.['host']
  return host === undefined || !host.includes(' ')
}

/** True where both mean the same repository. */
export function isSameRepository(a: string, b: string): boolean {
  const normalized = normalizeGitUrl(a)
  return normalized !== '' && normalized === normalizeGitUrl(b)
}
