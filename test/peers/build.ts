// Builds the real programs that Capstan is compared with, from their Go modules, into .peers/bin (npm run peers).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programs, type Program } from './programs.ts'

const ROOT = join(import.meta.dirname, '../..')
const PEERS = join(ROOT, '.peers')
/** A cold build of kube-apiserver takes some minutes on two cores; nothing here may take longer than this. */
const BUILD_TIMEOUT_MS = 40 * 60_000

interface DownloadedModule {
  readonly GoMod?: string
  readonly Error?: string
}

/** Runs `go` and gives its output; ends the process with the program's own words where it fails. */
function go(args: readonly string[], directory: string): string {
  const result = spawnSync('go', args, {
    cwd: directory,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
    maxBuffer: 64 << 20,
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -buildvcs=false', GOTOOLCHAIN: 'local' },
  })
  if (result.error !== undefined) {
    const isMissing = 'code' in result.error && result.error.code === 'ENOENT'
    fail(isMissing ? 'go was not found: the peers are built from Go modules; install Go 1.26' : result.error.message)
  }
  if (result.status !== 0) fail(`go ${args.join(' ')} failed in ${directory}:\n${result.stderr || result.stdout}`)
  return result.stdout
}

function fail(message: string): never {
  console.error(`peers: ${message}`)
  process.exit(1)
}

/** A main module for one program: it requires the program's module and repeats that module's own replacements. */
function moduleFile(program: Program): string {
  const downloaded: DownloadedModule = JSON.parse(
    go(['mod', 'download', '-json', `${program.module}@${program.version}`], PEERS),
  )
  if (downloaded.GoMod === undefined)
    fail(`${program.module}@${program.version}: ${downloaded.Error ?? 'not downloaded'}`)
  const upstream = readFileSync(downloaded.GoMod, 'utf8')
  return [
    `module capstan.example/peers/${program.name}`,
    '',
    /^go .*$/m.exec(upstream)?.[0] ?? 'go 1.26',
    '',
    `require ${program.module} ${program.version}`,
    ...siblingsOf(upstream, program),
    '',
    ...replacementsOf(upstream),
    '',
  ].join('\n')
}

/**
 * Unpublished v0.0.0 siblings become the release's own. They are required, not replaced: the compiler's cache knows a
 * package by the version that is required, and programs of client-go share hundreds of packages with Kubernetes' own.
 */
function siblingsOf(upstream: string, { siblingVersion }: Program): string[] {
  if (siblingVersion === undefined) return []
  const siblings = upstream.matchAll(/^\t(?<path>k8s\.io\/\S+) v0\.0\.0$/gm)
  return Array.from(siblings, ({ groups }) => `require ${groups?.['path'] ?? ''} ${siblingVersion}`)
}

/** A dependency's replacements do not act in the main module, so they are written there again, without comments between. */
function replacementsOf(upstream: string): string[] {
  const text = upstream.replaceAll(/^replace \(\n(?<body>[\s\S]*?)^\)/gm, (_, body: string) =>
    body.replaceAll(/^\t/gm, 'replace '),
  )
  const own = Array.from(
    text.matchAll(/^replace (?<rest>[^/\s].*)$/gm),
    ({ groups }) => `replace ${groups?.['rest'] ?? ''}`,
  )
  return own.filter((line) => !/=> \.{1,2}\//.test(line))
}

/** Where `go build` runs: a program of ours in its folder, another's in a module made for it. */
function moduleDirectory(program: Program): string {
  if (program.folder !== undefined) return join(import.meta.dirname, program.folder)
  const directory = join(PEERS, 'modules', program.name)
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'go.mod'), moduleFile(program))
  return directory
}

/** The text of a program of ours, so that a change of it is built. */
function ownSource({ folder }: Program): string {
  if (folder === undefined) return ''
  return ['go.mod', 'main.go'].map((file) => readFileSync(join(import.meta.dirname, folder, file), 'utf8')).join('')
}

function build(program: Program): void {
  const target = join(PEERS, 'bin', program.name)
  const stamp = join(PEERS, 'stamps', program.name)
  const wanted = JSON.stringify(program) + ownSource(program)
  if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    console.log(`${program.name} ${program.version} is built`)
    return
  }
  const directory = moduleDirectory(program)
  const startedMs = Date.now()
  console.log(`${program.name} ${program.version}: building …`)
  const linkerFlags = ['-s', '-w', ...(program.linkerFlags ?? [])].join(' ')
  go(['build', '-trimpath', '-ldflags', linkerFlags, '-o', target, program.package], directory)
  writeFileSync(stamp, wanted)
  console.log(`${program.name}: built in ${Math.round((Date.now() - startedMs) / 1000)} s`)
}

for (const folder of ['bin', 'stamps', 'modules']) mkdirSync(join(PEERS, folder), { recursive: true })
const names = process.argv.slice(2)
const unknown = names.filter((name) => !programs.some((program) => program.name === name))
if (unknown.length > 0)
  fail(`no such program: ${unknown.join(', ')}; there are ${programs.map((p) => p.name).join(', ')}`)
for (const program of programs) {
  if (names.length === 0 || names.includes(program.name)) build(program)
}
