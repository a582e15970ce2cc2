// Bundles the program into dist/: `node dist/capstan.mjs` runs without src/, and bin/capstan renders with it while it is of these sources.
import { copyFileSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSnapshot } from './build-snapshot.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** Two folders below the root, as src/main is: paths from there to examples/, dist/ui and .cache/ stay true. */
const PROGRAM = 'dist/program'
/** `capstan render` alone, in fewer and smaller files: 10 ms less to load. */
const RENDER = 'dist/render'
const ENTRIES = {
  capstan: 'src/main/capstan.ts',
  'render-worker': 'src/main/render-worker.js',
  'bcrypt-worker': 'src/server/auth/bcrypt-worker.js',
}
/** What src/main/programs.ts loads for all other commands. */
const OTHER_COMMANDS = ['../cli/program.ts', './cli-context.ts', './processes.ts']
/** Packages change with it, and with nothing else. */
const LOCK_FILE = 'package-lock.json'
/** Where bin/capstan reads which sources, of which size and time, the bundle of rendering was built from. */
const INPUTS = join(root, RENDER, 'inputs.json')
/** The same program as a snapshot of V8, from which the launcher starts Node. */
const SNAPSHOT = join(root, RENDER, 'snapshot.blob')
/** Packages written for CommonJS ask for these. */
const BANNER = `import{createRequire as $require}from'node:module';import{fileURLToPath as $path}from'node:url';import{dirname as $dir}from'node:path';
const require=$require(import.meta.url),__filename=$path(import.meta.url),__dirname=$dir(__filename);`
/** The same without a module of ES around each of Node's own. */
const LEAN_BANNER = `const require=(id)=>process.getBuiltinModule('node:module').createRequire(import.meta.url)(id),
__filename=import.meta.filename,__dirname=import.meta.dirname;`
const LAUNCHER = `// Starts the program beside it; needs Node 26.
import module from 'node:module'
import { join } from 'node:path'
module.enableCompileCache(join(import.meta.dirname, '../.cache/v8'))
await import(process.argv[2] === 'render' ? './render/capstan.js' : './program/capstan.js')
`

await buildProgram()

async function buildProgram() {
  const esbuild = await import('esbuild').catch(() => undefined)
  if (esbuild === undefined) {
    console.log('The program was not bundled: esbuild is not installed. bin/capstan runs from src/.')
    return
  }
  const startMs = Date.now()
  rmSync(INPUTS, { force: true })
  const plugin = { name: 'builtins', setup: loadBuiltinsOnUse }
  const inputs = await bundle(esbuild, RENDER, {
    entryPoints: [ENTRIES.capstan],
    external: OTHER_COMMANDS,
    plugins: [plugin],
    banner: { js: LEAN_BANNER },
  })
  const marks = marksOf(inputs, startMs)
  if (marks !== undefined) writeFileSync(INPUTS, JSON.stringify(marks))
  await buildSnapshot({ esbuild, root, snapshot: SNAPSHOT, plugin, marksOf: (paths) => marksOf(paths, startMs) })
  await bundle(esbuild, PROGRAM, { entryPoints: Object.entries(ENTRIES).map(([out, path]) => ({ in: path, out })) })
  copyFileSync(createRequire(import.meta.url).resolve('wasmoon/dist/glue.wasm'), join(root, PROGRAM, 'glue.wasm'))
  writeFileSync(join(root, 'dist/capstan.mjs'), LAUNCHER)
}

/** Bundles into a folder below the root, removes what earlier builds left there, gives the sources that went in. */
async function bundle(esbuild, folder, options) {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    outdir: folder,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node26',
    format: 'esm',
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'warning',
    ...options,
  })
  for (const name of readdirSync(join(root, folder))) {
    // Renderings begin with it while this runs; it is replaced in one step.
    if (join(root, folder, name) === SNAPSHOT) continue
    if (!Object.hasOwn(metafile.outputs, `${folder}/${name}`)) rmSync(join(root, folder, name), { recursive: true })
  }
  writeFileSync(join(root, folder, 'package.json'), '{ "type": "module" }\n')
  return Object.keys(metafile.inputs).filter((path) => path.startsWith('src/'))
}

/**
 * Makes the bundle ask for what a module of Node's own gives when that is used: a rendering does without most of them, and
 * crypto alone takes 8 ms to load, 20 where an ES module is made of it.
 */
function loadBuiltinsOnUse(build) {
  const namespace = 'builtin'
  build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace, sideEffects: false }))
  build.onLoad({ filter: /./, namespace }, ({ path }) => ({ contents: `module.exports = ${builtinOnUse(path)}` }))
}

function builtinOnUse(path) {
  const builtin = process.getBuiltinModule(path)
  const found = `process.getBuiltinModule(${JSON.stringify(path)})`
  // What is called or changed itself has to be the module.
  if (typeof builtin === 'function' || path === 'node:process') return found
  const names = Object.keys(builtin).map((name) => JSON.stringify(name))
  return `{ ${names.map((name) => `get ${name}() { return ${found}[${name}] }`).join(', ')} }`
}

/** Undefined where a file changed since the build began: it may be in the bundle as it was before. */
function marksOf(inputs, startMs) {
  const marks = [LOCK_FILE, ...inputs]
    .filter((path) => existsSync(join(root, path)))
    .map((path) => {
      const { size, mtimeMs } = statSync(join(root, path))
      return [path, size, mtimeMs]
    })
  return marks.every(([, , mtimeMs]) => mtimeMs < startMs) ? marks : undefined
}
