// Asks git and gpg who signed a commit, an annotated tag, or a whole history.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CapstanError } from '../../base/errors.ts'
import type { RevisionSignature, SignatureResult } from '../signature.ts'
import { type Refs, resolveRevision } from './refs.ts'
import { gitEnvironment, GIT_TIMEOUT_MS, startError } from './command.ts'

/** One line of 200 bytes per commit; gpg's time runs out long before. */
const MAX_OUTPUT_BYTES: number = 64 << 20

/** A repository on this disk must not choose the programs that judge its own signatures. */
const PROGRAMS = [
  'gpg.program=gpg',
  'gpg.openpgp.program=gpg',
  'gpg.x509.program=false',
  'gpg.ssh.program=false',
  'gpg.ssh.allowedSignersFile=/dev/null',
  'gpg.minTrustLevel=undefined',
].flatMap((setting) => ['-c', setting])

/** Commits whose message has this end a strict look at history, if their own signature is good. */
const SEAL = 'Argocd-gpg-seal:'

/** git's letters of `%G?` (argo-cd v3.5.1 `gpgVerificationFromGitRevParse`). */
const BY_LETTER: Readonly<Record<string, SignatureResult>> = {
  G: 'signed',
  B: 'bad signature',
  U: 'signed with untrusted key',
  X: 'expired signature',
  Y: 'signed with expired key',
  R: 'signed with revoked key',
  E: 'signed with key not in keyring',
  N: 'unsigned',
}

/** gpg's status lines. */
const BY_STATUS: Readonly<Record<string, SignatureResult>> = {
  GOODSIG: 'signed',
  BADSIG: 'bad signature',
  EXPSIG: 'expired signature',
  EXPKEYSIG: 'signed with expired key',
  REVKEYSIG: 'signed with revoked key',
  ERRSIG: 'signed with key not in keyring',
}

export interface SignaturePlace {
  readonly gitDirectory: string
  /** GNUPGHOME. */
  readonly home: string
  readonly commit: string
  /** The tag that was asked for, where it was one: its full name, and where it stands in the folder. */
  readonly tag: { readonly name: string; readonly ref: string } | undefined
  readonly isDeep: boolean
  readonly timeoutMs?: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The signatures that decide: of an annotated tag that names the commit, else of the commit; with `isDeep` that of the tag
 * and of every commit of the history, back to signed seals (argo-cd v3.5.1 `LsSignatures`).
 */
export async function readSignatures(place: SignaturePlace): Promise<readonly RevisionSignature[]> {
  const tag = place.tag === undefined ? undefined : await tagSignature(place, place.tag)
  if (tag !== undefined && !place.isDeep) return [tag]
  const commits = await commitSignatures(place)
  return tag === undefined ? commits : [tag, ...commits]
}

/** The full name of the tag that a target revision means, where it still stands for the commit. */
export function tagNamed(
  refs: Refs,
  commit: string,
  {
    targetRevision,
    tagPrefix,
  }: { readonly targetRevision?: string | undefined; readonly tagPrefix?: string | undefined },
): string | undefined {
  if (targetRevision === undefined || targetRevision === '') return undefined
  const resolution = resolveRevision(refs, targetRevision, tagPrefix)
  if (resolution.kind !== 'commit' || resolution.commit !== commit) return undefined
  return resolution.ref?.startsWith('refs/tags/') === true ? resolution.ref : undefined
}

/** Where a tag of a remote repository stands in the copy of it. */
export function remoteTag(ref: string): string {
  return ref.replace(/^refs\/tags\//, 'refs/remote/tags/')
}

/** Undefined for a tag that is only a name. */
async function tagSignature(
  place: SignaturePlace,
  { name, ref }: NonNullable<SignaturePlace['tag']>,
): Promise<RevisionSignature | undefined> {
  const revision = name.replace(/^refs\/tags\//, '')
  const id = await tagObject(place, revision, ref)
  if (id === undefined) return undefined
  const { stdout } = await runOn(place, ['cat-file', 'tag', id])
  const tagger = /^tagger (?<name>.*?) ?(?<mail><[^>\n]*>)/m.exec(stdout)?.groups ?? {}
  const verified = await runOn(place, ['verify-tag', '--raw', id], { mayFail: true })
  return { revision, ...verdictOf(verified, revision), author: `${tagger['name'] ?? ''} "${tagger['mail'] ?? ''}"` }
}

/** The id of an annotated tag. One that stands for another commit by now says nothing of the one in question. */
async function tagObject(place: SignaturePlace, revision: string, ref: string): Promise<string | undefined> {
  const { stdout } = await runOn(place, ['rev-parse', '--verify', '--end-of-options', ref])
  const id = stdout.trim()
  const [type, commit] = await Promise.all([
    runOn(place, ['cat-file', '-t', id]),
    runOn(place, ['rev-parse', '--verify', `${id}^{commit}`]),
  ])
  if (type.stdout.trim() !== 'tag') return undefined
  if (commit.stdout.trim() === place.commit) return id
  throw new CapstanError('conflict', `tag ${revision} was moved while it was looked at: refresh to look again`)
}

const STATUS_LINE = /^\[GNUPG:\] (?<status>GOODSIG|BADSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|ERRSIG) (?<key>[0-9A-F]+) /m

function verdictOf({ stderr, isGood }: Ended, revision: string): Pick<RevisionSignature, 'result' | 'keyID'> {
  const { status = '', key = '' } = STATUS_LINE.exec(stderr)?.groups ?? {}
  const result = BY_STATUS[status]
  if (result !== undefined) return { result, keyID: key }
  if (isGood || /^error: no signature found/m.test(stderr)) return { result: 'unsigned', keyID: '' }
  const words = stderr.trim().slice(0, 500)
  throw new CapstanError('bad-input', `gpg failed verifying git tag ${JSON.stringify(revision)}: ${words}`)
}

const FORMAT = '--format=%H%x00%G?%x00%GK%x00%an <%ae>%x00'

async function commitSignatures(place: SignaturePlace): Promise<readonly RevisionSignature[]> {
  const range = place.isDeep ? await rangeOf(place) : { args: ['-1', place.commit], ends: new Set([place.commit]) }
  const { stdout } = await runOn(place, ['rev-list', '--no-commit-header', FORMAT, ...range.args, '--'])
  const signatures = parseSignatures(stdout)
  await requireWhole(place, signatures, range.ends)
  return signatures
}

/** Where a copy was cut off, nobody can say what came before: that must not pass for a history that was looked at. */
async function requireWhole(
  { gitDirectory, commit }: SignaturePlace,
  signatures: readonly RevisionSignature[],
  ends: ReadonlySet<string>,
): Promise<void> {
  const cut = new Set((await readFile(join(gitDirectory, 'shallow'), 'utf8').catch(absent)).split('\n'))
  const open = signatures.find(({ revision }) => cut.has(revision) && !ends.has(revision))
  if (open === undefined) return
  const what = `the history of ${commit} is cut off at ${open.revision}`
  throw new CapstanError('precondition', `${what}: a strict look at signatures needs all of it`)
}

function absent(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
  throw error
}

function parseSignatures(stdout: string): readonly RevisionSignature[] {
  const fields = stdout.split('\0')
  const signatures: RevisionSignature[] = []
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [revision = '', letter = '', keyID = '', author = ''] = fields.slice(at, at + 4)
    const result = BY_LETTER[letter]
    if (result === undefined) {
      throw new CapstanError('internal', `git says ${JSON.stringify(letter)} of the signature of ${revision.trim()}`)
    }
    signatures.push({ revision: revision.trim(), result, keyID: result === 'unsigned' ? '' : keyID, author })
  }
  return signatures
}

/** Down to the seals whose signature is good, these included; one that stands on a seal looks at that alone. */
async function rangeOf(place: SignaturePlace): Promise<Range> {
  const filter = ['--regexp-ignore-case', `--grep=${SEAL}`]
  const { stdout } = await runOn(place, ['rev-list', '--no-commit-header', '--format=%G?,%H', ...filter, place.commit])
  const seals = stdout
    .split('\n')
    .filter((line) => line.startsWith('G,'))
    .map((line) => line.slice(2))
  const ends = new Set(seals)
  if (seals.length === 0) return { args: [place.commit], ends }
  if (seals[0] === place.commit) return { args: ['-1', place.commit], ends }
  return { args: ['--boundary', place.commit, '--not', ...seals], ends }
}

interface Range {
  /** What `git rev-list` is asked for. */
  readonly args: readonly string[]
  /** Commits whose parents are of no interest. */
  readonly ends: ReadonlySet<string>
}

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly isGood: boolean
}

/** Unlike other commands, these speak on both streams, and some failures are answers. */
async function runOn(
  { gitDirectory, home, timeoutMs = GIT_TIMEOUT_MS, signal }: SignaturePlace,
  args: readonly string[],
  { mayFail = false }: { readonly mayFail?: boolean } = {},
): Promise<Ended> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const options = {
    env: gitEnvironment({ GIT_DIR: gitDirectory, GNUPGHOME: home }),
    maxBuffer: MAX_OUTPUT_BYTES,
    timeout: timeoutMs,
    killSignal: 'SIGKILL' as const,
    ...(signal === undefined ? {} : { signal }),
  }
  execFile('git', [...PROGRAMS, ...args], options, (error, stdout, stderr) => {
    if (error === null) resolve({ stdout, stderr, isGood: true })
    else if (error.killed === true) {
      const advice = `seal the history: sign a commit whose message has the line "${SEAL} <why>"`
      reject(new CapstanError('timeout', `signatures were not verified within ${timeoutMs / 1000} s: ${advice}`))
    } else if (mayFail && typeof error.code === 'number') resolve({ stdout, stderr, isGood: false })
    else if (typeof error.code === 'number') reject(new CapstanError('unavailable', stderr.trim(), { cause: error }))
    else reject(startError(error))
  })
  return promise
}
