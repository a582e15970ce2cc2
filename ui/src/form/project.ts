// What a person changes of a project, and what has to hold before it is sent.
import type { AppProject, AppProjectSpec, ProjectRole, SyncWindow } from '../../../src/crds/app-project.ts'
import { isObject } from '../manifest/json.ts'

const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_NAME_LENGTH = 253
/** Upstream's rule for names of roles. */
const ROLE_NAME = /^[a-zA-Z0-9](?:[-_a-zA-Z0-9]*[a-zA-Z0-9])?$/

export function isProjectName(name: string): boolean {
  return NAME.test(name) && name.length <= MAX_NAME_LENGTH
}

/** A project that permits nothing yet. */
export function newProject(name: string, description: string): object {
  return { metadata: { name }, spec: description === '' ? {} : { description } }
}

/** A row of a list in the project, by field. */
export type Row = Readonly<Record<string, string>>

/** Objects as rows of texts, in the order of `fields`; what is absent is empty. */
export function rowsOf(list: readonly object[] | undefined, fields: readonly string[]): readonly Row[] {
  return (list ?? []).map((item) => Object.fromEntries(fields.map((field) => [field, textAt(item, field)])))
}

function textAt(item: object, field: string): string {
  const value = isObject(item) ? item[field] : undefined
  return typeof value === 'string' ? value : ''
}

/** Rows as objects; fields that are empty are left out unless they are required, rows that are wholly empty too. */
export function listOf<T>(rows: readonly Row[], required: readonly string[] = []): readonly T[] {
  return rows
    .filter((row) => Object.values(row).some((value) => value.trim() !== ''))
    .map((row) => {
      const kept = Object.entries(row).filter(([name, value]) => value.trim() !== '' || required.includes(name))
      // The fields of a row are those of the message it is made for.
      return Object.fromEntries(kept.map(([name, value]) => [name, value.trim()])) as T
    })
}

export function textRows(list: readonly string[] | undefined): readonly Row[] {
  return (list ?? []).map((value) => ({ value }))
}

export function textsOf(rows: readonly Row[]): readonly string[] {
  return rows.map(({ value = '' }) => value.trim()).filter(Boolean)
}

/** The spec with some fields changed; undefined takes a field away. */
export function withFields(
  spec: AppProjectSpec,
  changed: { readonly [Name in keyof AppProjectSpec]?: AppProjectSpec[Name] | undefined },
): AppProjectSpec {
  return Object.fromEntries(Object.entries({ ...spec, ...changed }).filter(([, value]) => value !== undefined))
}

/** Whether a role may have this name beside the others. */
export function isRoleName(name: string, others: readonly ProjectRole[]): boolean {
  return ROLE_NAME.test(name) && others.every((role) => role.name !== name)
}

export type RoleGrant = 'see' | 'sync' | 'everything'

const GRANTS: Readonly<Record<RoleGrant, string>> = { see: 'get', sync: 'sync', everything: '*' }

/** A line of policy that grants the role something on all applications of the project. */
export function policyLine(project: string, role: string, grant: RoleGrant): string {
  return `p, proj:${project}:${role}, applications, ${GRANTS[grant]}, ${project}/*, allow`
}

/** Lines for a renamed role: their subject is the role. */
export function renamedPolicies(lines: readonly string[], subject: string): readonly string[] {
  return lines.map((line) => line.replace(/^(?<start>\s*p\s*,\s*)proj:[^,]*/, `$<start>${subject}`))
}

/** Texts a person has separated by commas or lines. */
export function splitTexts(text: string): readonly string[] {
  return text
    .split(/[\n,]+/)
    .map((part) => part.trim())
    .filter(Boolean)
}

/** Lines, for texts that have commas in them. */
export function splitLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
}

export const emptyWindow: SyncWindow = { kind: 'allow', schedule: '0 22 * * 1-5', duration: '4h', applications: ['*'] }

/** The project a YAML text makes, on top of what the server has. Throws saying what is wrong. */
export function projectOfManifest(manifest: Readonly<Record<string, unknown>>, current: AppProject): AppProject {
  const { kind, metadata, spec } = manifest
  if (kind !== undefined && kind !== 'AppProject') throw new Error(`kind ${JSON.stringify(kind)}`)
  if (!isObject(spec)) throw new Error('spec')
  if (isObject(metadata) && metadata['name'] !== undefined && metadata['name'] !== current.metadata.name) {
    throw new Error(`metadata.name ${JSON.stringify(metadata['name'])}`)
  }
  const { labels, annotations } = isObject(metadata) ? metadata : {}
  return {
    ...current,
    // The server reads these and tells what is wrong in them.
    metadata: { ...current.metadata, ...({ labels, annotations } as Pick<AppProject['metadata'], 'labels'>) },
    spec,
  }
}
