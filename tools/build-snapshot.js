// Puts the program that renders into a snapshot of V8: of a process that has loaded, compiled and used all there is for it.
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ENTRY = 'src/main/render-snapshot.ts'
/** Modules that most renderings do without. A process that needs one leaves the snapshot and starts anew. */
const NOT_IN_SNAPSHOT =
  /\/(?:render-on-cluster|render-deep|render-explain|render-remotes|chart-access|chart-registry|standard-input|charts\/provenance|charts\/provider)\.ts$/
/** What the snapshot's process gets warm on, below the folder of this file. */
const WARM_UP = 'testdata/warm-up'
const WARM_UP_FOLDERS = ['chart', 'kustomization/overlay', 'jsonnet', 'plain']
const MAX_OUTPUT = 16 << 20

/**
 * Makes the file that the launcher starts Node from. `marksOf` gives the sizes and times of sources, undefined where one
 * changed since the build began. Leaves no snapshot behind, and says why, where it fails: renderings do without it.
 *
 * @param {{ esbuild: typeof import('esbuild'), root: string, snapshot: string, plugin: import('esbuild').Plugin, marksOf: (inputs: string[]) => unknown }} options
 */
export async function buildSnapshot({ esbuild, root, snapshot, plugin, marksOf }) {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-build-'))
  try {
    const program = join(folder, 'render.cjs')
    const marks = marksOf(await bundle({ esbuild, root, plugin, outfile: program }))
    const blob = marks === undefined ? undefined : makeBlob({ root, folder, program, marks })
    if (blob === undefined) rmSync(snapshot, { force: true })
    else put(blob, snapshot, root)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The path of a snapshot that was tried; undefined where there is none to be had. */
function makeBlob({ root, folder, program, marks }) {
  // The Node that the launcher starts: no other can use the snapshot.
  const node = join(root, 'node_modules/.bin/node')
  if (!existsSync(node)) return undefined
  const marksFile = join(folder, 'marks.json')
  writeFileSync(marksFile, JSON.stringify(marks))
  // What is cached of files is kept by their paths: by none that people render.
  cpSync(join(import.meta.dirname, WARM_UP), folder, { recursive: true })
  const folders = WARM_UP_FOLDERS.map((name) => join(folder, name))
  const blob = join(folder, 'snapshot.blob')
  const made = run(node, ['--snapshot-blob', blob, '--build-snapshot', program, marksFile, ...folders])
  const launcher = join(root, 'bin/capstan')
  const used = made.status === 0 ? run(node, ['--snapshot-blob', blob, launcher, 'render', folders[0]]) : made
  if (used.status === 0 && made.stdout.startsWith(used.stdout)) return blob
  console.log(`Rendering starts without a snapshot: ${used.stderr.trim().slice(-2000)}`)
  return undefined
}

/** One file of all there is for rendering; gives the sources that went in. */
async function bundle({ esbuild, root, plugin, outfile }) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [ENTRY],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node26',
    format: 'cjs',
    minifyWhitespace: true,
    minifySyntax: true,
    metafile: true,
    logLevel: 'warning',
    plugins: [plugin, { name: 'anew', setup: (build) => startAnewInstead(build, root) }],
  })
  return Object.keys(metafile.inputs).filter((path) => path.startsWith('src/'))
}

/** In place of a module that the snapshot does without. */
function startAnewInstead(build, root) {
  const namespace = 'anew'
  build.onResolve({ filter: NOT_IN_SNAPSHOT }, ({ kind, path }) =>
    kind === 'dynamic-import' ? { path, namespace } : undefined,
  )
  build.onLoad({ filter: /./, namespace }, () => ({
    contents: "import { startAnew } from './src/main/start-anew.ts'; startAnew()",
    resolveDir: root,
  }))
}

function run(node, words) {
  return spawnSync(node, words, { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' }, maxBuffer: MAX_OUTPUT })
}

/** In one step, and by a second newer than what npm writes when it changes packages: an older one may be of another Node. */
function put(blob, snapshot, root) {
  const installed = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false })
  const madeS = Math.max(Date.now(), (installed?.mtimeMs ?? 0) + 1000) / 1000
  copyFileSync(blob, `${snapshot}.new`)
  utimesSync(`${snapshot}.new`, madeS, madeS)
  renameSync(`${snapshot}.new`, snapshot)
}
