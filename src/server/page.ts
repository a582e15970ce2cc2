// The page's files from dist/ui; without them one page that says how to make them.
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What is asked for. */
export interface PagePlace {
  readonly path: string
  /** Below which browsers see the page: `/` or `/argocd/`. */
  readonly base: string
}

export interface PageFiles {
  answer(request: IncomingMessage, response: ServerResponse, place: PagePlace): void
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
}

/** What a browser may do with the page: nothing from elsewhere, in no frame. */
const SECURITY_HEADERS = {
  'content-security-policy':
    // The terminal writes its colours and sizes into style elements of its own; scripts come from files alone.
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'self'; " +
    "form-action 'self'; frame-ancestors 'self'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'sameorigin',
  'referrer-policy': 'same-origin',
} as const

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Capstan</title>
<body style="font: 16px/1.5 system-ui; margin: 4rem auto; max-width: 40rem; padding: 0 1rem">
<h1>Capstan is running</h1>
<p>The page is not built here. Run <code>npm run build:ui</code> in Capstan's folder and reload; nothing needs to be restarted.</p>
<p>The API is at <a href="/api/version">/api/version</a>; the command line works: <code>bin/capstan app list</code>.</p>
`

/** Serves a built page; unknown paths without an extension get index.html, so that deep links work. */
export function pageFiles(folder: string): PageFiles {
  return {
    answer(request, response, place) {
      void send(folder, place, request, response)
    },
  }
}

async function send(
  folder: string,
  { path, base }: PagePlace,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const file = fileOf(folder, path)
  const found = file !== undefined && (await isFile(file)) ? file : undefined
  const index = join(folder, 'index.html')
  if (found !== undefined && found !== index) {
    // Built names under assets/ carry a digest of their content.
    const isFrozen = path.startsWith('/assets/')
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': TYPES[extname(found)] ?? 'application/octet-stream',
      'cache-control': isFrozen ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    await sendFile(found, response)
    return
  }
  if (extname(path) !== '' && found === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
    return
  }
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
  })
  response.end((await isFile(index)) ? await indexAt(index, base) : NOT_BUILT)
}

/** The page with the base that relative addresses in it count from, as upstream writes it. */
async function indexAt(index: string, base: string): Promise<string> {
  const text = await readFile(index, 'utf8')
  const escaped = base.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
  return text.replace(BASE, () => `<base href="${escaped}" />`)
}

const BASE = /<base href="[^"]*" ?\/?>/

/** Closes the file whatever happens. A reader that goes away and a file that does end the answer in the middle; there is nobody to tell. */
async function sendFile(file: string, response: ServerResponse): Promise<void> {
  await pipeline(createReadStream(file), response).catch(() => undefined)
}

/** The file a path names inside the folder; undefined for a broken escape or one that leads out of it. */
function fileOf(folder: string, path: string): string | undefined {
  try {
    const file = normalize(join(folder, decodeURIComponent(path)))
    return file.startsWith(normalize(folder) + sep) && !file.includes('\0') ? file : undefined
  } catch {
    return undefined
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}
