// What `npm run build` makes: a program that runs without its sources, and renders while it is of these sources.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test, type TestContext } from 'node:test'
import { temporaryFolder } from '../support/git.ts'

const ROOT = join(import.meta.dirname, '../..')
const LAUNCHER = join(ROOT, 'bin/capstan')
const BUNDLE = join(ROOT, 'dist/capstan.mjs')
const INPUTS = join(ROOT, 'dist/render/inputs.json')
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

/** Standard output and error of a rendering, through pipes. */
function render(program: string, chart: string): string {
  const options = { encoding: 'utf8', maxBuffer: MAX_OUTPUT, stdio: 'pipe' } as const
  try {
    return execFileSync(process.execPath, [program, 'render', chart], options)
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
      if (template.includes('range')) assert.ok(fromSources.length > 2 ** 18)
    })
  }

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
})
