// Who may have a credential: naming an image must not be a way to a password.
import { matchesGlob } from '../base/glob.ts'
import type { AppProject } from '../crds/app-project.ts'
import { type Addressed, isDockerHub } from './credential-match.ts'

export interface PolicyRules {
  /** Globs of projects that are given credentials of no project without listing their registries. */
  readonly openTo: readonly string[]
}

const DEFAULT_PROJECT = 'default'

/**
 * Why an application of a project does not get a credential, undefined where it does. A credential of a project is for that
 * project alone; one of no project for the project `default`, for those whose sourceRepos name its registry, and for those of the setting.
 */
export function refusalOf(
  credential: Addressed,
  project: Pick<AppProject, 'metadata' | 'spec'>,
  { openTo }: PolicyRules,
): string | undefined {
  const name = project.metadata.name ?? ''
  const owner = credential.project ?? ''
  if (owner !== '') {
    return owner === name ? undefined : `the registry credential ${credential.id} belongs to another project`
  }
  const isOpen = name === DEFAULT_PROJECT || openTo.some((pattern) => matchesGlob(pattern, name))
  const isListed = isOpen || listsRegistry(project.spec.sourceRepos ?? [], credential.address)
  if (isListed) return undefined
  const registry = plainAddress(credential.address)
  return (
    `the registry credential ${credential.id} is not open to project ${name}: ` +
    `add ${registry} to spec.sourceRepos of the project, or register a credential for the project itself`
  )
}

/**
 * True where an entry names the registry or a part of it: `registry.example.com`, `oci://registry.example.com/*`,
 * `*.example.com/team`. `*` alone is every source and names nothing; an entry with `!` that fits denies.
 */
function listsRegistry(sourceRepos: readonly string[], address: string): boolean {
  const plain = plainAddress(address)
  let isListed = false
  for (const entry of sourceRepos) {
    const denies = entry.startsWith('!')
    const pattern = plainAddress(denies ? entry.slice(1) : entry)
    const fits = fitsAddress(pattern, plain)
    if (denies && fits) return false
    if (fits && !/^\*+$/.test(hostOf(pattern))) isListed = true
  }
  return isListed
}

/** A pattern below the address (`host/team/*` for `host`) opens no more than itself, so it must cover the whole address. */
function fitsAddress(pattern: string, address: string): boolean {
  return (
    [pattern, pattern.replace(/\/\*+$/, '')].some((one) => matchesGlob(one, address, '/')) || covers(pattern, address)
  )
}

/** `host` covers `host/team`, and so does `host/*`. */
function covers(pattern: string, address: string): boolean {
  const base = pattern.replace(/\/\*+$/, '')
  const parts = address.split('/')
  return parts.some((_, count) => count > 0 && matchesGlob(base, parts.slice(0, count).join('/'), '/'))
}

function hostOf(pattern: string): string {
  return pattern.split('/')[0] ?? ''
}

/** Without scheme and closing slash, in lower case; one name for Docker Hub. */
function plainAddress(address: string): string {
  if (isDockerHub(address)) return 'docker.io'
  return address
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/+$/, '')
    .toLowerCase()
}
