// Runs Argo CD's own end-to-end tests against Capstan on its embedded cluster, and tells which fail that are not known to.
// CAPSTAN_ARGOCD names a checkout of argo-cd v3.5.1; an argument takes only tests in whose file or name it stands. What is built stays in
// that folder. CAPSTAN_ARGOCD_PORT is the API's port (18080); the metrics' is 8082, which upstream's tests ask by that number.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '../..')
const KNOWN = join(import.meta.dirname, 'argocd-known-failures.txt')
const NAMESPACE = 'argocd-e2e'
const OTHERS = 'argocd-e2e-external,argocd-e2e-external-2'
const PORT = process.env['CAPSTAN_ARGOCD_PORT'] ?? '18080'
const START_TIMEOUT_MS = 60_000
/** A run that hangs ends. */
const SUITE_TIMEOUT = '120m'

/** One process does the work of all that upstream's tests look for by name. */
const GOREMAN = `#!/bin/sh
[ "$2" = status ] && for p in controller api-server dex redis repo-server commit-server ui applicationset-controller notification; do echo "*$p"; done
exit 0
`
/** The suite would end every gpg-agent of the machine. */
const PKILL = `#!/bin/sh
exec gpgconf --homedir "$GNUPGHOME" --kill gpg-agent
`
const GIT_CONFIG =
  '[user]\n name = Tester\n email = tester@example.com\n[init]\n defaultBranch = master\n[safe]\n directory = *\n'

/** Upstream applies that of Open Cluster Management, from the network. */
const PLACEMENTS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'placementdecisions.cluster.open-cluster-management.io' },
  spec: {
    group: 'cluster.open-cluster-management.io',
    names: { kind: 'PlacementDecision', plural: 'placementdecisions' },
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1alpha1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

interface Test {
  readonly file: string
  readonly name: string
}

type Outcome = 'PASS' | 'FAIL' | 'SKIP' | 'never ended'

await main()

async function main(): Promise<void> {
  const source = process.env['CAPSTAN_ARGOCD'] ?? ''
  if (!existsSync(join(source, 'test/e2e'))) throw new Error('CAPSTAN_ARGOCD: name a checkout of argo-cd v3.5.1')
  build(source)
  const pattern = process.argv[2] ?? ''
  const known = knownFailures()
  const tests = testsOf(source).filter(({ file, name }) => `${file} ${name}`.includes(pattern))
  // What is known to fail is left out of a whole run: most of it waits for what is not there.
  const wanted = pattern === '' ? tests.filter(({ name }) => !known.has(name)) : tests
  const folder = mkdtempSync(join(tmpdir(), 'capstan-argocd-'))
  const tools = makeTools(folder)
  const capstan = await startCapstan(folder, tools)
  try {
    const outcomes = await runTests(source, wanted, environmentOf(folder, tools))
    report(tests, outcomes, known)
  } finally {
    capstan.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

function build(source: string): void {
  const env = { ...process.env, CGO_ENABLED: '0' }
  const go = (...args: readonly string[]): void => {
    execFileSync('go', args, { cwd: source, env, stdio: ['ignore', 'inherit', 'inherit'] })
  }
  if (!existsSync(join(source, 'dist/e2e.test'))) go('test', '-c', '-o', 'dist/e2e.test', './test/e2e')
  if (!existsSync(join(source, 'dist/argocd'))) go('build', '-o', 'dist/argocd', './cmd')
}

function testsOf(source: string): readonly Test[] {
  const folder = join(source, 'test/e2e')
  const files = readdirSync(folder).filter((name) => name.endsWith('_test.go'))
  return files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return [...text.matchAll(/^func (?<name>Test\w+)\(/gm)].map(({ groups }) => ({
      file,
      name: groups?.['name'] ?? '',
    }))
  })
}

/** One name a line, then two spaces and the reason. */
function knownFailures(): ReadonlyMap<string, string> {
  const lines = readFileSync(KNOWN, 'utf8').split('\n')
  return new Map(
    lines.filter((line) => line !== '').map((line) => [line.split('  ', 1)[0] ?? '', line.replace(/^\S+ {2}/, '')]),
  )
}

/** A folder of programs to be found before others of their names. */
function makeTools(folder: string): string {
  const tools = join(folder, 'bin')
  mkdirSync(tools)
  mkdirSync(join(folder, 'home'))
  writeFileSync(join(folder, 'home/.gitconfig'), GIT_CONFIG)
  for (const [name, text] of Object.entries({ goreman: GOREMAN, pkill: PKILL })) {
    writeFileSync(join(tools, name), text)
    chmodSync(join(tools, name), 0o755)
  }
  return [tools, join(ROOT, '.peers/bin')].join(delimiter)
}

/** Started as upstream's Makefile starts its own servers: the same variables mean the same. */
async function startCapstan(folder: string, tools: string): Promise<ChildProcess> {
  const names = '--namespace argocd-e2e --metrics-port 8082 --insecure --log-level info'.split(' ')
  const args = ['bin/capstan', 'up', '--data-dir', join(folder, 'data'), '--port', PORT, ...names]
  const scm = [8341, 8342, 8343, 8344].map((port) => `http://127.0.0.1:${port}`).join(',')
  const capstan = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}`,
      CAPSTAN_ADMIN_PASSWORD: 'password',
      ARGOCD_APPLICATION_NAMESPACES: OTHERS,
      ARGOCD_APPLICATIONSET_CONTROLLER_NAMESPACES: OTHERS,
      ARGOCD_APPLICATIONSET_CONTROLLER_TOKENREF_STRICT_MODE: 'true',
      ARGOCD_APPLICATIONSET_CONTROLLER_ALLOWED_SCM_PROVIDERS: scm,
      ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS: 'true',
      ARGOCD_GPG_ENABLED: 'true',
      ARGOCD_PLUGINSOCKFILEPATH: '/tmp/argo-e2e/app/config/plugin',
    },
  })
  const late = setTimeout(() => capstan.kill(), START_TIMEOUT_MS)
  for await (const line of createInterface({ input: capstan.stdout })) if (line.includes('is ready')) break
  clearTimeout(late)
  capstan.stdout.resume()
  try {
    prepareCluster(folder)
  } catch (error) {
    capstan.kill()
    throw error
  }
  return capstan
}

/** What upstream's tests expect on the cluster before they begin. */
function prepareCluster(folder: string): void {
  const kubectl = (...words: readonly string[]): void => {
    const input = JSON.stringify(PLACEMENTS)
    execFileSync(join(ROOT, '.peers/bin/kubectl'), ['--kubeconfig', join(folder, 'data/kubeconfig'), ...words], {
      input,
    })
  }
  kubectl('apply', '-f', '-')
  kubectl('config', 'set-context', '--current', `--namespace=${NAMESPACE}`)
  for (const namespace of OTHERS.split(',')) kubectl('create', 'namespace', namespace)
}

function environmentOf(folder: string, tools: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${tools}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: join(folder, 'home'),
    KUBECONFIG: join(folder, 'data/kubeconfig'),
    ARGOCD_SERVER: `localhost:${PORT}`,
    ARGOCD_CONFIG_DIR: join(folder, 'home/argocd'),
    ARGOCD_GPG_ENABLED: 'true',
    ARGOCD_APPLICATIONSET_CONTROLLER_ENABLE_PROGRESSIVE_SYNCS: 'true',
    NO_PROXY: '*',
  }
}

async function runTests(
  source: string,
  tests: readonly Test[],
  env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, Outcome>> {
  const outcomes = new Map<string, Outcome>(tests.map(({ name }) => [name, 'never ended']))
  // A test that ends the process takes those behind it along: they are run again without it.
  for (let left = tests.map(({ name }) => name); left.length > 0;) {
    const pattern = `^(${left.join('|')})$`
    const args = ['-test.run', pattern, '-test.v', '-test.timeout', SUITE_TIMEOUT]
    const suite = spawn(join(source, 'dist/e2e.test'), args, { cwd: join(source, 'test/e2e'), env })
    let running = ''
    for await (const line of createInterface({ input: suite.stdout })) {
      running = /^=== RUN\s+(?<name>\w+)$/.exec(line)?.groups?.['name'] ?? running
      const { outcome, name } = /^--- (?<outcome>PASS|FAIL|SKIP): (?<name>\w+) /.exec(line)?.groups ?? {}
      if (outcome === undefined || name === undefined) continue
      outcomes.set(name, outcome as Outcome) // one of those in the expression
      process.stdout.write(`${outcome} ${name}\n`)
    }
    const before = left.length
    left = left.filter((name) => outcomes.get(name) === 'never ended' && name !== running)
    if (running === '' || left.length === before) break
  }
  return outcomes
}

function report(
  tests: readonly Test[],
  outcomes: ReadonlyMap<string, Outcome>,
  known: ReadonlyMap<string, string>,
): void {
  for (const file of new Set(tests.map((test) => test.file))) {
    const all = tests.filter((test) => test.file === file)
    const count = (wanted: Outcome): number => all.filter(({ name }) => outcomes.get(name) === wanted).length
    const listed = all.filter(({ name }) => known.has(name)).length
    process.stdout.write(
      `${file}: ${all.length} tests, ${count('PASS')} pass, ${count('SKIP')} skip, ${listed} in the list\n`,
    )
  }
  const failed = [...outcomes].filter(
    ([name, outcome]) => (outcome === 'FAIL' || outcome === 'never ended') && !known.has(name),
  )
  const mended = [...outcomes].filter(([name, outcome]) => outcome === 'PASS' && known.has(name))
  for (const [name, outcome] of failed) process.stdout.write(`unexpected: ${name} ${outcome}\n`)
  for (const [name] of mended) process.stdout.write(`listed, but passes: ${name}\n`)
  process.exitCode = failed.length + mended.length === 0 ? 0 : 1
}
