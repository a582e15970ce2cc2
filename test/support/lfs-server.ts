// The batch API of Git LFS in memory, beside a Git server: what the real git-lfs uploads to and Capstan reads from.
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface LfsServer {
  /** To be asked before Git is: see `beside` of `serveGitOverHttp`. */
  readonly beside: (request: IncomingMessage, response: ServerResponse) => boolean
  readonly objects: Map<string, Buffer>
  /** Batch requests and transfers, as `download`, `upload`, `GET`, `PUT`. */
  readonly asked: string[]
}

const MEDIA_TYPE = 'application/vnd.git-lfs+json'

export function lfsServer(): LfsServer {
  const objects = new Map<string, Buffer>()
  const asked: string[] = []
  return {
    objects,
    asked,
    beside(request, response) {
      const path = request.url ?? ''
      const oid = /\/lfs-objects\/(?<oid>[0-9a-f]{64})$/.exec(path)?.groups?.['oid']
      if (oid !== undefined) {
        asked.push(request.method ?? '')
        if (request.method === 'PUT') void bodyOf(request).then((body) => objects.set(oid, body) && response.end())
        else response.writeHead(objects.has(oid) ? 200 : 404).end(objects.get(oid) ?? '')
        return true
      }
      if (!path.endsWith('/info/lfs/objects/batch')) return path.includes('/info/lfs/') && refuse(response)
      void bodyOf(request).then((body) => {
        const { operation, objects: wanted } = Object(JSON.parse(body.toString('utf8')))
        asked.push(String(operation))
        const scheme = 'encrypted' in request.socket ? 'https' : 'http'
        const base = `${scheme}://${request.headers.host ?? ''}/lfs-objects`
        const answer = wanted.map((one: { oid: string; size: number }) => ({
          ...one,
          ...(operation === 'download' && !objects.has(one.oid)
            ? { error: { code: 404, message: 'Object does not exist on the server' } }
            : { actions: { [operation]: { href: `${base}/${one.oid}` } } }),
        }))
        response.writeHead(200, { 'content-type': MEDIA_TYPE }).end(JSON.stringify({ objects: answer }))
      })
      return true
    },
  }
}

/** There are no locks here. */
function refuse(response: ServerResponse): true {
  response.writeHead(404, { 'content-type': MEDIA_TYPE }).end('{"message": "not found"}')
  return true
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
