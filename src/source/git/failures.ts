// What a refused fetch means and what to do: git's and the hosts' messages, in one table.
import { CapstanError, type ErrorCode } from '../../base/errors.ts'
import { GitError } from './command.ts'
import { printableUrl } from './url.ts'

interface Failure {
  readonly pattern: RegExp
  readonly code: ErrorCode
  /** What it means and what to do, after the quoted message. */
  readonly advice: string
}

const TOKEN_ADVICE =
  'the host takes no account password: register the repository with a personal access token as password (read access to its contents), or with an SSH key; `--upsert` must carry the token again'

/** In order: the first pattern that matches decides. Texts quoted are GitHub's, GitLab's, git's and OpenSSH's own (requirement 004-45). */
const FAILURES: readonly Failure[] = [
  {
    pattern:
      /Password authentication is not supported for Git operations|Support for password authentication was removed/i,
    code: 'unauthenticated',
    advice: TOKEN_ADVICE,
  },
  { pattern: /Invalid username or (?:token|password)/i, code: 'unauthenticated', advice: TOKEN_ADVICE },
  {
    pattern: /SAML SSO|organization has enabled or enforced SAML/i,
    code: 'forbidden',
    advice: "authorise the token for the organisation's single sign-on",
  },
  {
    pattern:
      /could not read Username|could not read Password|Authentication failed|HTTP Basic: Access denied|error: 401/i,
    code: 'unauthenticated',
    advice: 'the repository wants a login: register it with a user name and a token, or correct the ones registered',
  },
  {
    pattern: /protected branch|pre-receive hook declined|remote rejected/i,
    code: 'forbidden',
    advice: 'the host does not let this credential push there: allow it for the branch, or hydrate to another one',
  },
  {
    pattern: /error: 403|Permission to .* denied|Write access to repository not granted/i,
    code: 'forbidden',
    advice:
      'the credential is known but may not do this: give it read access to the contents, and write access where manifests are hydrated to',
  },
  {
    pattern: /Permission denied \((?:publickey|.*publickey.*)\)/i,
    code: 'unauthenticated',
    advice:
      'the SSH key was not accepted: add its public half as a deploy key, and check that the registered key is the right one',
  },
  {
    pattern: /Load key .*(?:invalid format|error in libcrypto)|bad permissions/i,
    code: 'bad-input',
    advice: 'the registered SSH key cannot be read: it must be an unencrypted private key, pasted whole',
  },
  {
    pattern: /Host key verification failed|No .* host key is known|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    code: 'forbidden',
    advice:
      "the host's key is not known or has changed: add it with `ssh-keyscan HOST` and `argocd cert add-ssh HOST --from FILE`",
  },
  {
    pattern:
      /Repository not found|does not appear to be a git repository|not found: did you run git update-server-info|repository .* not found|error: 404/i,
    code: 'not-found',
    advice: 'check repoURL; a private repository also answers so to a missing or powerless credential',
  },
  {
    pattern: /server certificate verification failed|SSL certificate problem|certificate signer not trusted/i,
    code: 'forbidden',
    advice:
      "the server's certificate is not trusted: add its authority to argocd-tls-certs-cm (`argocd cert add-tls HOST --from FILE`)",
  },
  {
    pattern: /Could not resolve host|Name or service not known|Temporary failure in name resolution/i,
    code: 'unavailable',
    advice: 'the host name is not known here: check repoURL and the network',
  },
  {
    pattern: /Connection refused|Failed to connect|Connection timed out|Network is unreachable|Operation timed out/i,
    code: 'unavailable',
    advice: 'the host does not answer: check repoURL, port, proxy and the network',
  },
  {
    pattern: /cannot run ssh|unable to (?:start|fork).*ssh/i,
    code: 'not-found',
    advice: 'the ssh program was not found; install an OpenSSH client',
  },
]

/** Explains a git failure on a repository: the host's own words, then what to do. Everything else passes through. */
export function explainGitFailure(error: unknown, url: string): unknown {
  if (!(error instanceof GitError)) return error
  const failure = FAILURES.find(({ pattern }) => pattern.test(error.stderr))
  const said = wordsOf(error.stderr)
  const advice = failure === undefined ? '' : `; ${failure.advice}`
  return new CapstanError(failure?.code ?? 'unavailable', `repository ${printableUrl(url)}: ${said}${advice}`, {
    cause: error,
  })
}

/** The telling lines of git's output: what the remote said first, else the first error. */
function wordsOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(
      (line) =>
        line !== '' &&
        !/^(?:hint:|warning: |Please make sure|and the repository exists|Warning: Permanently)/.test(line),
    )
  const remote = lines.filter((line) => line.startsWith('remote: ')).map((line) => line.slice('remote: '.length).trim())
  const told = remote.length > 0 ? remote : lines
  return printableUrl(told.slice(0, 3).join(' ').slice(0, 600)) || 'git failed without a message'
}
