// Pull secrets and images made up at random, answered by our keyring and by the kubelet's own.
import { spawnSync } from 'node:child_process'
import { DockerConfigError } from '../../src/registry/docker-config.ts'
import { ImageReferenceError, parseImageReference } from '../../src/registry/image-reference.ts'
import { keyringOf, normalizedKey, type PullSecret } from '../../src/registry/keyring.ts'
import { randomFrom } from './generated-values.ts'
import { peer } from './real-cluster.ts'

export interface FuzzResult {
  /** Images looked up. */
  readonly cases: number
  /** Of those with a credential that fits. */
  readonly matches: number
  /** Both answers, of those that differ. */
  readonly differences: readonly string[]
}

interface Question {
  readonly secrets: readonly PullSecret[]
  readonly images: readonly string[]
}

interface Match {
  readonly name?: string
  readonly error?: boolean
  readonly credentials?: readonly { readonly secret: string; readonly username: string; readonly password: string }[]
}

interface Answer {
  readonly broken?: boolean
  readonly matches?: readonly Match[]
}

const IMAGES_PER_QUESTION = 10
const MAX_OUTPUT = 1 << 30

/** As many cases as asked for, always the same for a seed. */
export function fuzzKeyrings(cases: number, seed: number): FuzzResult {
  const random = new Random(seed)
  const questions = Array.from({ length: Math.ceil(cases / IMAGES_PER_QUESTION) }, () => question(random))
  const theirs = askKubelet(questions)
  const differences: string[] = []
  let matches = 0
  for (const [index, asked] of questions.entries()) {
    const [ours, wanted] = [answer(asked), theirs[index] ?? {}]
    matches += (wanted.matches ?? []).filter(({ credentials = [] }) => credentials.length > 0).length
    if (JSON.stringify(ours) === JSON.stringify(wanted)) continue
    const configs = asked.secrets.map(({ data }) =>
      Object.values(data).map((text) => Buffer.from(text, 'base64').toString()),
    )
    differences.push(JSON.stringify({ configs, images: asked.images, ours, wanted }))
  }
  return { cases: questions.length * IMAGES_PER_QUESTION, matches, differences }
}

function askKubelet(questions: readonly Question[]): readonly Answer[] {
  const input = questions
    .map(({ secrets, images }) =>
      JSON.stringify({ secrets: secrets.map(({ name, type, data }) => ({ name, type, data })), images }),
    )
    .join('\n')
  const { stdout, stderr, status } = spawnSync(peer('keyring'), { input, encoding: 'utf8', maxBuffer: MAX_OUTPUT })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer) // the program's only form
}

function answer({ secrets, images }: Question): Answer {
  try {
    const keyring = keyringOf(secrets)
    return {
      matches: images.map((image) => {
        try {
          const { name } = parseImageReference(image)
          const found = keyring.lookup(name).map(({ source, username, password }) => ({
            secret: source.name,
            username,
            password: password.reveal(),
          }))
          return { name, ...(found.length === 0 ? {} : { credentials: found }) }
        } catch (error) {
          if (error instanceof ImageReferenceError) return { error: true }
          throw error
        }
      }),
    }
  } catch (error) {
    if (error instanceof DockerConfigError) return { broken: true }
    throw error
  }
}

class Random {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = randomFrom(seed)
  }

  /** From 0 to the number before this. */
  below(limit: number): number {
    return Math.floor(this.#next() * limit)
  }

  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0]
  }

  /** True once in so many. */
  once(of: number): boolean {
    return this.below(of) === 0
  }
}

function question(random: Random): Question {
  const secrets = Array.from({ length: 1 + random.below(3) }, (_, index) => pullSecret(random, `s${index}`))
  return { secrets, images: Array.from({ length: IMAGES_PER_QUESTION }, () => image(random)) }
}

const TYPES = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg', 'Opaque'] as const // prettier-ignore

function pullSecret(random: Random, name: string): PullSecret {
  const type = random.pick(TYPES)
  const entries = Array.from({ length: random.below(4) }, () => [key(random), entry(random)] as const)
  // Go walks a map in no order: of two keys of one Secret that mean the same the kubelet tries now this one first, now that.
  const distinct = new Map(entries.map((made) => [normalizedKey(made[0]) ?? made[0], made]))
  const auths = Object.fromEntries(distinct.values())
  const isPlain = random.once(8) ? type !== 'kubernetes.io/dockercfg' : type === 'kubernetes.io/dockercfg'
  const text = random.once(300) ? '{' : JSON.stringify(isPlain ? auths : { auths })
  const field = isPlain ? '.dockercfg' : '.dockerconfigjson'
  return { uid: name, namespace: 'n', name, type, data: { [field]: Buffer.from(text).toString('base64') } }
}

function entry(random: Random): object {
  const [username, password] = [random.pick(['u', 'ü', 'robot$x', '']), random.pick(['p', 'pä:ss', '', '{"a":1}'])]
  switch (random.below(8)) {
    case 0:
      return { auth: Buffer.from(`${username}:${password}`).toString('base64') }
    case 1:
      return { auth: Buffer.from(`${username}:${password}`).toString('base64').replaceAll('=', '') }
    case 2:
      return { username, password, auth: Buffer.from('a:b').toString('base64') }
    case 3:
      return { username, password, email: 'e', identitytoken: 't' }
    default:
      return { username, password }
  }
}

const LABELS = ['a', 'b', 'registry', 'eu', 'io', 'com', 'example', 'docker', 'index'] as const
const GLOBS = ['*', 'a*', '*o', '[a-c]', 'r?g', '[!a]', '\\a', 'x[', '*.*', '%61', 'A'] as const
const PATHS = ['', '/', '/team', '/team/app', '/teamx', '/v1/', '/v2', '/v2/team', '/v1/team', '/*', '/te*', '/team/', '//', '/ä', '/%74eam', '/te?m', '/team#x'] as const // prettier-ignore
const PORTS = ['', '', '', ':5000', ':443', ':', ':x'] as const
const WHOLE = ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/', 'registry-1.docker.io', 'localhost', 'localhost:5000', '[::1]:5000', '[::1]', '', '*', '*.*', 'http://a.io', 'ftp://a.io', 'user:pw@a.io', 'a.io ', '::1'] as const // prettier-ignore

function key(random: Random): string {
  if (random.once(5)) return random.pick(WHOLE)
  const scheme = random.pick(['', '', '', 'https://', 'http://'])
  return `${scheme}${host(random, true)}${random.pick(PORTS)}${random.pick(PATHS)}`
}

function host(random: Random, hasGlobs: boolean): string {
  const labels = Array.from({ length: 1 + random.below(3) }, () =>
    hasGlobs && random.once(5) ? random.pick(GLOBS) : random.pick(LABELS),
  )
  return labels.join('.')
}

const IMAGES = ['nginx', 'team/app', 'docker.io/x', 'index.docker.io/x', 'index.docker.io/team/x', 'localhost/x', 'localhost:5000/x', '[::1]:5000/x', 'NGINX', 'a_b.c/app', 'A.io/app', ''] as const // prettier-ignore
const REPOSITORIES = [
  'x',
  'team',
  'team/app',
  'teamx',
  'team/app/c',
  'v1/team',
  'v2/x',
  'te-m',
  'a__b',
  'Team',
] as const
const ENDS = ['', '', ':1', ':latest', `@sha256:${'a'.repeat(64)}`, `:1@sha256:${'b'.repeat(64)}`, '@sha256:abc', ':'] as const // prettier-ignore

function image(random: Random): string {
  if (random.once(6)) return random.pick(IMAGES) + random.pick(ENDS)
  const port = random.pick(['', '', '', ':5000', ':443'])
  return `${host(random, false)}${port}/${random.pick(REPOSITORIES)}${random.pick(ENDS)}`
}
