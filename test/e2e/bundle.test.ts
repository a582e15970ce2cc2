// What `npm run build` makes: a program that runs without its sources, and renders while it is of these sources.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/git.ts'

const ROOT = join(import.meta.dirname, '../..')
const LAUNCHER = join(ROOT, 'bin/capstan')
const BUNDLE = join(ROOT, 'dist/capstan.mjs')
const INPUTS = join(ROOT, 'dist/render/inputs.json')
const SNAPSHOT = join(ROOT, 'dist/render/snapshot.blob')
const MAX_OUTPUT = 64 << 20
/** More than a pipe holds. */
const LARGE_COUNT = 40_000

function build(): void {
  execFileSync(process.execPath, [join(ROOT, 'tools/build-program.js')], { stdio: 'pipe' })
}

function chartWith(t: TestContext, template: string): string {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'templates'))
  writeFileSync(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: app\nversion: 1.0.0\n')
  writeFileSync(join(folder, 'templates/x.yaml'), template)
  return folder
}

/** Standard output or error of a rendering, through pipes. */
function render(program: string, chart: string): string {
  return outputOf(process.execPath, [program, 'render', chart])
}

/** The same by the launcher as people start it: from the snapshot, where there is one. */
function launch(words: readonly string[], options: { env?: NodeJS.ProcessEnv; input?: string } = {}): string {
  return outputOf(LAUNCHER, ['render', ...words], options)
}

function outputOf(program: string, words: readonly string[], options: object = {}): string {
  try {
    return execFileSync(program, words, { encoding: 'utf8', maxBuffer: MAX_OUTPUT, stdio: 'pipe', ...options })
  } catch (error) {
    return error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  }
}

describe('the bundle', () => {
  before(build)

  const charts: readonly (readonly [string, string])[] = [
    ['a small chart', 'a: {{ .Values.a | default "none" }}\n'],
    ['more than a pipe holds', `a:\n{{- range until ${LARGE_COUNT} }}\n- line {{ . }}\n{{- end }}\n`],
    ['what needs a thread with a larger stack', '{{ define "x" }}{{ include "x" . }}{{ end }}a: {{ include "x" . }}\n'],
  ]
  for (const [title, template] of charts) {
    test(`renders as the sources do: ${title}`, (t) => {
      const chart = chartWith(t, template)

      const fromSources = render(join(ROOT, 'src/main/capstan.ts'), chart)

      assert.ok(fromSources.includes('app/templates/x.yaml'))
      assert.equal(render(BUNDLE, chart), fromSources)
      assert.equal(render(LAUNCHER, chart), fromSources)
      assert.equal(launch([chart]), fromSources)
      if (template.includes('range')) assert.ok(fromSources.length > 2 ** 18)
    })
  }

  test('installs what the sources install', () => {
    const words = ['install', '--image', 'registry.example.com/capstan:1', '-o', 'yaml']

    const fromSources = outputOf(process.execPath, [join(ROOT, 'src/main/capstan.ts'), ...words])

    assert.match(fromSources, /kind: Deployment/)
    assert.equal(outputOf(process.execPath, [BUNDLE, ...words]), fromSources)
  })

  test('is not used by the launcher once a source has changed', (t) => {
    const chart = chartWith(t, 'a: 1\n')
    const entry = join(ROOT, 'dist/render/capstan.js')
    const inputs: unknown = JSON.parse(readFileSync(INPUTS, 'utf8'))
    assert.ok(Array.isArray(inputs) && inputs.length > 100)
    writeFileSync(entry, 'throw new Error("of other sources")\n')
    t.after(build)
    assert.match(render(LAUNCHER, chart), /of other sources/)

    writeFileSync(INPUTS, JSON.stringify([...inputs, ['package.json', 1, 1]]))

    assert.match(render(LAUNCHER, chart), /a: 1/)
  })

  test('gives what it leaves out of the snapshot all the same', (t) => {
    const chart = chartWith(t, 'apiVersion: v1\nkind: A\na: {{ .Values.a }}\n')

    assert.match(launch([chart, '-f', '-'], { input: 'a: from standard input\n' }), /^a: from standard input$/m)
    assert.match(launch([chart, '--explain']), /^renderer Helm /m)
    assert.match(launch([chart, '--kubeconfig', '/dev/null']), /current-context is not set/)
    assert.match(launch(['--help']), /^Usage: capstan render /m)
    assert.match(launch([join(chart, 'missing')]), /missing does not exist/)
  })

  test('takes the snapshot while it is newer than the packages, and of these sources', (t) => {
    const chart = chartWith(t, 'a: 1\n')
    t.after(build)
    const snapshot = readFileSync(SNAPSHOT)
    const source = join(ROOT, 'src/main/render.ts')
    t.after(() => utimesSync(source, new Date(), new Date()))

    utimesSync(source, 1, 1)
    assert.match(launch([chart]), /a: 1/)
    utimesSync(source, new Date(), new Date())

    writeFileSync(SNAPSHOT, snapshot.subarray(0, 1000))
    assert.doesNotMatch(launch([chart]), /a: 1/)
    assert.match(launch([chart], { env: { ...process.env, NODE_OPTIONS: '--no-deprecation' } }), /a: 1/)
    utimesSync(SNAPSHOT, 1, 1)
    assert.match(launch([chart]), /a: 1/)
  })
})
