// The git generator: a parameter set for each directory of a repository, or for each entry of its JSON and YAML files.
import { posix } from 'node:path'
import { CapstanError, messageOf } from '../base/errors.ts'
import { isObject } from '../kube/json-value.ts'
import type { JsonObject, JsonValue } from '../kube/object.ts'
import { compareText } from '../lang/go/text.ts'
import { strings } from '../lang/go/values.ts'
import type { GoValue } from '../lang/go/values.ts'
import { readYamlBytes } from '../lang/yaml/bytes.ts'
import { parseYaml } from '../lang/yaml/read.ts'
import type { FileTree } from '../source/file-tree.ts'
import { DEFAULT_REQUEUE_MS, type Generator, type GeneratorContext, type Parameters } from './contract.ts'
import { attempt, failed } from './failure.ts'
import { doublestarMatcher, listDirectories, listFiles, pathMatcher, pathspecMatcher } from './git-paths.ts'
import { requireFewParameters } from './limits.ts'
import { sanitizeName } from './names.ts'
import { appendValues, flatParameters, parametersOf } from './parameters.ts'
import { emptyGenerator, type GeneratorSpec, requeueFrom } from './transform.ts'

type GitSpec = GeneratorSpec<'git'>

/** Bytes of one file with parameters. */
export const MAX_PARAMETER_FILE_BYTES: number = 16 * 1024 * 1024

/** Parameters of directories or files, in the order of their paths (argo-cd v3.5.1 `generators/git.go`). */
export const gitGenerator: Generator<GitSpec> = {
  async generate(spec, context) {
    const hasDirectories = (spec.directories ?? []).length > 0
    if (!hasDirectories && (spec.files ?? []).length === 0) throw emptyGenerator()
    return attempt('error generating params from git', () =>
      hasDirectories ? fromDirectories(spec, context) : fromFiles(spec, context),
    )
  },
  requeueAfterMs: ({ requeueAfterSeconds }) => requeueFrom(requeueAfterSeconds, DEFAULT_REQUEUE_MS),
}

async function openTree(
  spec: GitSpec,
  { applicationSet, services, signal, isRefresh }: GeneratorContext,
): Promise<FileTree> {
  const { project } = applicationSet.spec.template.spec
  // A templated project is known only after this generator has run: upstream then uses what all projects may use.
  const isTemplated = project.includes('{{')
  return services.openTree(
    {
      repoURL: spec.repoURL,
      revision: spec.revision,
      project: isTemplated ? '' : project,
      freshness: isRefresh ? 'latest' : 'cached',
      isSignatureChecked: !isTemplated,
    },
    signal,
  )
}

async function fromDirectories(spec: GitSpec, context: GeneratorContext): Promise<readonly Parameters[]> {
  const all = await attempt('error getting directories from repo: error retrieving Git Directories', async () => {
    const tree = await openTree(spec, context)
    return listDirectories(tree, context.services.git?.areHiddenIncluded === true, context.signal)
  })
  const patterns = (spec.directories ?? []).map(({ path, exclude }) => ({ matches: pathMatcher(path), exclude }))
  const wanted = all.filter((path) => {
    const fitting = patterns.filter(({ matches }) => matches(path))
    return fitting.length > 0 && !fitting.some(({ exclude }) => exclude === true)
  })
  requireFewParameters(wanted.length, 'git')
  return attempt('error generating params from apps', async () =>
    wanted.map((path) => {
      const parameters: Parameters = new Map()
      addPath(parameters, { path, prefix: spec.pathParamPrefix ?? '' }, context.renderer.isGoTemplate)
      withValues(parameters, spec, context)
      return parameters
    }),
  )
}

async function fromFiles(spec: GitSpec, context: GeneratorContext): Promise<readonly Parameters[]> {
  const tree = await attempt('error retrieving Git files', () => openTree(spec, context))
  const paths = await attempt('error retrieving Git files', () => wantedFiles(tree, spec, context))
  const found: Parameters[] = []
  for (const path of paths) {
    const sets = await attempt(`unable to process file '${path}' from repository '${spec.repoURL}'`, () =>
      fromFile(tree, path, { spec, context }),
    )
    found.push(...sets)
    requireFewParameters(found.length, 'git')
  }
  return found
}

async function wantedFiles(tree: FileTree, { files = [] }: GitSpec, context: GeneratorContext): Promise<string[]> {
  const matcherOf = context.services.git?.isGlobbingStrict === true ? doublestarMatcher : pathspecMatcher
  const included = files.filter(({ exclude }) => exclude !== true).map(({ path }) => matcherOf(path))
  const excluded = files.filter(({ exclude }) => exclude === true).map(({ path }) => matcherOf(path))
  const all = await listFiles(tree, context.signal)
  return all
    .filter((path) => included.some((matches) => matches(path)) && !excluded.some((matches) => matches(path)))
    .toSorted(compareText)
}

interface Scope {
  readonly spec: GitSpec
  readonly context: GeneratorContext
}

async function fromFile(tree: FileTree, path: string, { spec, context }: Scope): Promise<readonly Parameters[]> {
  const file = await tree.readFile(path, context.signal)
  if (file === undefined) throw new CapstanError('not-found', 'it is a link to nothing')
  if (file.bytes.length > MAX_PARAMETER_FILE_BYTES) {
    throw new CapstanError('limit', `it has more than the ${MAX_PARAMETER_FILE_BYTES} bytes allowed`)
  }
  const { isGoTemplate } = context.renderer
  return objectsIn(file.bytes).map((object) => {
    const own = parametersOf(object)
    const parameters = isGoTemplate ? own : flatParameters(own)
    addPath(parameters, { path: posix.dirname(path), prefix: spec.pathParamPrefix ?? '', file: path }, isGoTemplate)
    withValues(parameters, spec, context)
    return parameters
  })
}

/** One object, or a list of objects; an empty file is an object without content. */
function objectsIn(bytes: Uint8Array): readonly JsonObject[] {
  const value = parsed(bytes)
  if (value === null) return [{}]
  if (isObject(value)) return [value]
  if (Array.isArray(value) && value.every((item) => item === null || isObject(item))) {
    return value.map((item) => (isObject(item) ? item : {}))
  }
  throw new CapstanError(
    'bad-input',
    'unable to parse file: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal what is neither an object nor a list of objects',
  )
}

function parsed(bytes: Uint8Array): JsonValue {
  try {
    return parseYaml(readYamlBytes(bytes))
  } catch (error) {
    throw new CapstanError('bad-input', `unable to parse file: ${messageOf(error)}`, { cause: error })
  }
}

function withValues(parameters: Parameters, { values }: GitSpec, { renderer }: GeneratorContext): void {
  try {
    appendValues(parameters, values, renderer)
  } catch (error) {
    throw failed('failed to append templated values', error)
  }
}

interface PathPlace {
  readonly path: string
  readonly prefix: string
  /** The file, where parameters come from files. */
  readonly file?: string
}

/** `path` with its parts: one map for goTemplate, flat keys otherwise. */
function addPath(parameters: Parameters, { path, prefix, file }: PathPlace, isGoTemplate: boolean): void {
  const basename = posix.basename(path)
  const parts: [string, GoValue][] = [
    ['basename', basename],
    ['basenameNormalized', sanitizeName(basename)],
  ]
  if (file !== undefined) {
    const filename = posix.basename(file)
    parts.push(['filename', filename], ['filenameNormalized', sanitizeName(filename)])
  }
  if (isGoTemplate) {
    const place = new Map<GoValue, GoValue>([['path', path], ...parts, ['segments', strings(path.split('/'))]])
    if (prefix === '') parameters.set('path', place)
    else parameters.set(prefix, new Map<GoValue, GoValue>([['path', place]]))
    return
  }
  const name = prefix === '' ? 'path' : `${prefix}.path`
  parameters.set(name, path)
  for (const [key, value] of parts) parameters.set(`${name}.${key}`, value)
  for (const [index, segment] of path.split('/').entries()) {
    if (segment !== '') parameters.set(`${name}[${index}]`, segment)
  }
}
