// Where resources come from and what changed them, for buildMetadata (api/resource/origin.go).
import { stringifyYaml } from '../../lang/yaml/write.ts'

export interface Origin {
  readonly path?: string
  readonly configuredIn?: string
  readonly configuredBy?: {
    readonly apiVersion: string
    readonly kind: string
    readonly name?: string
    readonly namespace?: string
  }
}

export const ORIGIN_ANNOTATION = 'config.kubernetes.io/origin'
export const TRANSFORMATIONS_ANNOTATION = 'alpha.config.kubernetes.io/transformations'

/** Follows a path from where an origin stands; `..` goes up, as Go's filepath.Join has it. */
export function joinOrigin(from: string, path: string): string {
  const parts: string[] = []
  for (const part of `${from}/${path}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/** The annotation's text. Keys of an origin happen to be in their order already. */
export function originText(origin: Origin): string {
  return orderedLines(origin, '').join('')
}

export function transformationText(origin: Origin): string {
  return orderedLines(origin, '')
    .map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`))
    .join('')
}

function orderedLines(origin: Origin, indent: string): string[] {
  const lines: string[] = []
  for (const [key, value] of [
    ['path', origin.path],
    ['configuredIn', origin.configuredIn],
  ] as const) {
    if (value !== undefined && value !== '') lines.push(`${indent}${key}: ${stringifyYaml(value)}`)
  }
  if (origin.configuredBy === undefined) return lines
  lines.push(`${indent}configuredBy:\n`)
  const { apiVersion, kind, name = '', namespace = '' } = origin.configuredBy
  for (const [key, value] of Object.entries({ apiVersion, kind, name, namespace })) {
    if (value !== '') lines.push(`${indent}  ${key}: ${stringifyYaml(value)}`)
  }
  return lines
}
