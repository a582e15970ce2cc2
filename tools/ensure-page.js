// Builds the page into dist/ui where it is missing or older than its sources.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** What the page is made of: its own sources, the types and tables it shares, the packages. */
const SOURCES = ['ui', 'src/api', 'src/crds', 'package-lock.json']

/** The newest modification time at or below a path, in milliseconds; 0 where there is nothing. */
function newestMs(path) {
  const entry = statSync(path, { throwIfNoEntry: false })
  if (entry === undefined) return 0
  if (!entry.isDirectory()) return entry.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))))
}

const builtMs = newestMs(join(root, 'dist/ui/index.html'))
if (SOURCES.some((path) => newestMs(join(root, path)) > builtMs)) {
  console.log('Building the page (once) …')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const { status } = spawnSync(
    process.execPath,
    [vite, 'build', '--config', 'ui/vite.config.ts', '--logLevel', 'warn'],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
  if (status !== 0) process.exit(status ?? 1)
}
