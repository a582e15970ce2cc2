// Credentials of a source's repository for a plug-in that asks for them: for git of its own, and for that host alone.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '../../base/secret.ts'
import { type GitAccess, prepareAccess } from '../../source/git/access.ts'
import { protocolOf } from '../../source/git/url.ts'
import type { EnvironmentEntry } from './environment.ts'

/** What a plug-in may be lent. */
export interface LentAccess {
  readonly repoURL: string
  readonly access: () => Promise<GitAccess>
}

export interface GitCredentials {
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly Secret[]
  release(): Promise<void>
}

const NOTHING: GitCredentials = { environment: {}, secrets: [], release: async () => {} }

/**
 * The environment for a local plug-in: `GIT_ASKPASS` with user and password, `GIT_SSH_COMMAND` with a key, settings for
 * tokens, trust and proxy. The files they name are in `folder`, for this user alone, until they are released.
 */
export async function gitCredentials(lent: LentAccess | undefined, folder: string): Promise<GitCredentials> {
  if (lent === undefined || protocolOf(lent.repoURL) === 'file') return NOTHING
  const { repoURL, access } = lent
  const { username, password, ...rest } = await access()
  const prepared = await prepareAccess(repoURL, rest, folder)
  if (protocolOf(repoURL) === 'ssh' || password === undefined) return prepared
  const own = await mkdtemp(join(folder, 'askpass-'))
  const release = async (): Promise<void> => {
    await prepared.release()
    await rm(own, { recursive: true, force: true })
  }
  try {
    const askpass = join(own, 'askpass')
    await writeFile(askpass, ASKPASS, { mode: 0o700, flag: 'wx' })
    const environment = {
      ...prepared.environment,
      GIT_ASKPASS: askpass,
      GIT_TERMINAL_PROMPT: '0',
      CAPSTAN_GIT_HOST: new URL(repoURL).host,
      CAPSTAN_GIT_USERNAME: username ?? '',
      CAPSTAN_GIT_PASSWORD: password.reveal(),
    }
    return { environment, secrets: [...prepared.secrets, password], release }
  } catch (error) {
    await release()
    throw error
  }
}

/** The same for a plug-in in another container, which sees no file of this one: what fits into the environment. */
export async function gitCredentialEntries({ repoURL, access }: LentAccess): Promise<readonly EnvironmentEntry[]> {
  const protocol = protocolOf(repoURL)
  if (protocol !== 'https' && protocol !== 'http') return []
  const { username, password, bearerToken, insecure, proxy, noProxy } = await access()
  const sendable = { username, password, bearerToken, insecure, proxy, noProxy }
  const present = Object.fromEntries(Object.entries(sendable).filter(([, value]) => value !== undefined))
  const { environment } = await prepareAccess(`${new URL(repoURL).origin}/`, present, '')
  return Object.entries(environment).map(([name, value]) => ({ name, value }))
}

/** Git asks `Username for 'https://host': ` and `Password for 'https://user@host': `; other hosts are told nothing. */
const ASKPASS = `#!/bin/sh
case "$1" in
  *"://$CAPSTAN_GIT_HOST'"* | *"://$CAPSTAN_GIT_HOST/"* | *"@$CAPSTAN_GIT_HOST'"* | *"@$CAPSTAN_GIT_HOST/"*) ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) printf '%s\\n' "$CAPSTAN_GIT_USERNAME" ;;
  *) printf '%s\\n' "$CAPSTAN_GIT_PASSWORD" ;;
esac
`
