// The pairs of a generated ConfigMap or Secret: from env files, literals and files (api/kv, api/internal/generators).
import { isUtf8 } from 'node:buffer'
import { CapstanError, messageOf } from '../../base/errors.ts'
import type { GeneratorArgs } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { loadBytes } from './loader.ts'

/** Pairs of a key and its bytes, in the order of their sources. Throws `bad-input` for a key that is there twice. */
export function loadPairs(args: GeneratorArgs, loader: Loader, isSecret: boolean): Map<string, Uint8Array> {
  const literals = args.literals ?? []
  // What a Secret is made of does not belong in messages.
  const shown = (text: string): string => (isSecret ? '***' : text)
  const pairs = [
    ...within(`env source files: [${(args.envs ?? []).join(' ')}]`, () => envPairs(args.envs ?? [], loader)),
    ...within(`literal sources [${shown(literals.join(' '))}]`, () => literals.map((text) => literalPair(text, shown))),
    ...within(`file sources: [${(args.files ?? []).join(' ')}]`, () => filePairs(args.files ?? [], loader)),
  ]
  const known = new Map<string, Uint8Array>()
  for (const [key, value] of pairs) {
    if (known.has(key)) {
      throw new CapstanError('bad-input', `configmap ${args.name ?? ''} illegally repeats the key \`${key}\``)
    }
    known.set(key, value)
  }
  return known
}

type Pair = readonly [string, Uint8Array]

function within(place: string, load: () => readonly Pair[]): readonly Pair[] {
  try {
    return load()
  } catch (error) {
    if (!(error instanceof CapstanError)) throw error
    throw new CapstanError(error.code, `loading KV pairs: ${place}: ${messageOf(error)}`, { cause: error })
  }
}

function literalPair(source: string, shown: (text: string) => string): Pair {
  const equals = source.indexOf('=')
  if (equals <= 0) throw new CapstanError('bad-input', `invalid literal source ${shown(source)}, expected key=value`)
  return [source.slice(0, equals), Buffer.from(withoutQuotes(source.slice(equals + 1)))]
}

function withoutQuotes(text: string): string {
  const first = text.charAt(0)
  const isQuoted = text.length >= 2 && (first === '"' || first === "'") && text.endsWith(first)
  return isQuoted ? text.slice(1, -1) : text
}

function filePairs(sources: readonly string[], loader: Loader): Pair[] {
  return sources.map((source) => {
    const { key, path } = parseFileSource(source)
    return [key, loadBytes(loader, path)]
  })
}

/** `path` or `key=path`; without a key the file's name is it. */
export function parseFileSource(source: string): { readonly key: string; readonly path: string } {
  const [first = '', second, ...more] = source.split('=')
  if (second === undefined) return { key: source.slice(source.lastIndexOf('/') + 1), path: source }
  if (more.length > 0) throw new CapstanError('bad-input', `source "${source}" key name or file path contains '='`)
  if (first === '') {
    throw new CapstanError('bad-input', `missing key name for file path "${second}" in source "${source}"`)
  }
  if (second === '') {
    throw new CapstanError('bad-input', `missing file path for key name "${first}" in source "${source}"`)
  }
  return { key: first, path: second }
}

function envPairs(paths: readonly string[], loader: Loader): Pair[] {
  return paths.flatMap((path) => linePairs(loadBytes(loader, path)))
}

function linePairs(bytes: Uint8Array): Pair[] {
  const pairs: Pair[] = []
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(bytes)) throw new CapstanError('bad-input', 'a line has invalid utf8 bytes')
  for (const [i, line] of content.toString('utf8').split('\n').entries()) {
    const text = (i === 0 ? line.replace(/^\ufeff/, '') : line).replace(/\r$/, '').replace(/^[\s\u0085]+/, '')
    if (text === '' || text.startsWith('#')) continue
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    pairs.push([key, Buffer.from(equals < 0 ? '' : text.slice(equals + 1))])
  }
  return pairs
}
