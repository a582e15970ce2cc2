// Gathering one kustomization and everything below it, in kustomize's order (api/internal/target/kusttarget.go).
import { CapstanError } from '../../base/errors.ts'
import { quoteText } from '../../lang/go/quote.ts'
import type { Accumulator } from './accumulator.ts'
import { addVars, mergeAccumulator, newAccumulator } from './accumulator.ts'
import type { BuildContext } from './build-context.ts'
import { loadConfigurations } from './configurations.ts'
import { loadCrdConfig } from './crd-config.ts'
import { atField, expectedMessage, inPlace } from './fault.ts'
import { absorb, generate, withGlobalOptions } from './generators.ts'
import { inflateChart } from './helm-charts.ts'
import type { HelmChart } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { enterDirectory, loadText } from './loader.ts'
import type { Origin } from './origin.ts'
import { joinOrigin } from './origin.ts'
import { inFile } from './patches.ts'
import { loadGenerators, loadTransforms } from './plugins.ts'
import { isRemoteFile } from './remotes.ts'
import { parseRepoSpec } from './repo-spec.ts'
import type { Resource } from './resource.ts'
import { joinPath, shownPath } from './source-files.ts'
import type { Target } from './target.ts'
import { loadTarget } from './target.ts'
import { builtinTransforms, runTransforms } from './transforms.ts'
import { runValidators } from './validators.ts'

/** Everything of a target. A component works on what its parent has; anything else starts from nothing. */
export function accumulateTarget(build: BuildContext, target: Target, onto?: Accumulator): Accumulator {
  const { kustomization, loader } = target
  const file = joinPath(loader.root, target.fileName) ?? target.fileName
  const gathered = onto ?? newAccumulator()
  const resources = kustomization.resources ?? []
  atField(file, 'resources', () => {
    inPlace('accumulating resources', () => accumulateResources(build, target, resources, gathered))
  })
  gathered.config = atField(file, 'configurations', () =>
    loadConfigurations(gathered.config, kustomization.configurations ?? [], loader),
  )
  gathered.config = atField(file, 'crds', () => loadCrdConfig(gathered.config, kustomization.crds ?? [], loader))
  runGenerators(build, target, { file, into: gathered })
  for (const [i, path] of (kustomization.components ?? []).entries()) {
    atField(file, `components[${i}]`, () => {
      inPlace('accumulating components', () => accumulateComponent(build, target, path, gathered))
    })
  }
  const transforms = builtinTransforms(build, target, gathered.config)
  atField(file, 'transformers', () => {
    const configs = accumulateConfigs(build, target, kustomization.transformers ?? [])
    runTransforms(gathered.set, [...transforms, ...loadTransforms(build, loader, configs)])
  })
  atField(file, 'validators', () => {
    const validators = accumulateConfigs(build, target, kustomization.validators ?? [])
    runValidators(gathered.set, loadTransforms(build, loader, validators))
  })
  atField(file, 'vars', () => addVars(gathered, kustomization.vars ?? []))
  return gathered
}

function accumulateResources(build: BuildContext, target: Target, paths: readonly string[], into: Accumulator): void {
  for (const path of paths) {
    const problem = tryFile(build, target, path, into)
    if (problem !== undefined) accumulateBase(build, target, { path, problem }, into)
  }
}

/** Takes a path for a file of resources; says why it is none. */
function tryFile(build: BuildContext, target: Target, path: string, into: Accumulator): CapstanError | undefined {
  try {
    const resources = readFileResources(build, target, path)
    inPlace(`merging resources from '${path}'`, () => into.set.appendAll(resources))
    return undefined
  } catch (error) {
    if (error instanceof CapstanError && error.code !== 'limit' && error.code !== 'unsupported') return error
    throw error
  }
}

function readFileResources(build: BuildContext, target: Target, path: string): Resource[] {
  return inPlace(`accumulating resources from '${path}'`, () => {
    const text = loadText(target.loader, path)
    try {
      const resources = build.resourcesOf(text)
      if (target.origin === undefined) return resources
      const origin: Origin = { path: joinOrigin(target.origin.path ?? '', path) }
      return resources.map((resource) => ({ ...resource, origin }))
    } catch (error) {
      throw inFile(error, path)
    }
  })
}

interface NoFile {
  readonly path: string
  readonly problem: CapstanError
}

function accumulateBase(build: BuildContext, target: Target, { path, problem }: NoFile, into: Accumulator): void {
  // An address that is no repository's can be nothing but a file.
  if (isRemoteFile(path) && parseRepoSpec(path) === undefined) throw problem
  let loader: Loader
  try {
    loader = enterDirectory(target.loader, path)
  } catch (error) {
    // What is wrong with a file matters more than that it is no directory.
    if (problem.message.includes('MalformedYAMLError')) throw problem
    throw wrapped(problem, error)
  }
  try {
    const base = enterTarget(build, target, { loader, path })
    if (base.kustomization.kind === 'Component') {
      throw new CapstanError('bad-input', `expected kind != 'Component' for path '${shownPath(loader.root)}'`)
    }
    const shown = shownPath(loader.root)
    const gathered = inPlace(`recursed accumulation of path '${shown}'`, () => accumulateTarget(build, base))
    inPlace(`recursed merging from path '${shown}'`, () => mergeAccumulator(into, gathered))
  } catch (error) {
    throw wrapped(problem, error)
  }
}

function wrapped(problem: CapstanError, error: unknown): unknown {
  const message = `accumulation err='${problem.message}': ${expectedMessage(error)}`
  return new CapstanError(error instanceof CapstanError ? error.code : 'bad-input', message, { cause: error })
}

interface Entry {
  readonly loader: Loader
  readonly path: string
}

function enterTarget(build: BuildContext, parent: Target, { loader, path }: Entry): Target {
  const { origin } = parent
  const below = origin === undefined ? undefined : { ...origin, path: joinOrigin(origin.path ?? '', path) }
  try {
    return loadTarget(build, loader, below)
  } catch (error) {
    const message = `couldn't make target for path '${shownPath(loader.root)}': ${expectedMessage(error)}`
    throw new CapstanError('bad-input', message, { cause: error })
  }
}

function accumulateComponent(build: BuildContext, target: Target, path: string, into: Accumulator): void {
  let loader: Loader
  try {
    loader = enterDirectory(target.loader, path)
  } catch (error) {
    const message = `loader.New ${quoteText(expectedMessage(error))}`
    throw new CapstanError(error instanceof CapstanError ? error.code : 'bad-input', message, { cause: error })
  }
  try {
    const component = enterTarget(build, target, { loader, path })
    const shown = shownPath(loader.root)
    const { kind } = component.kustomization
    if (kind !== 'Component') {
      throw new CapstanError('bad-input', `expected kind 'Component' for path '${shown}' but got '${kind}'`)
    }
    inPlace(`recursed accumulation of path '${shown}'`, () => accumulateTarget(build, component, into))
  } catch (error) {
    const message = `accumulateDirectory: ${quoteText(expectedMessage(error))}`
    throw new CapstanError(error instanceof CapstanError ? error.code : 'bad-input', message, { cause: error })
  }
}

interface Generation {
  readonly file: string
  readonly into: Accumulator
}

function runGenerators(build: BuildContext, target: Target, { file, into }: Generation): void {
  const { kustomization, loader } = target
  const kinds = [
    ['ConfigMap', 'configMapGenerator', kustomization.configMapGenerator],
    ['Secret', 'secretGenerator', kustomization.secretGenerator],
  ] as const
  for (const [kind, name, entries] of kinds) {
    for (const [i, args] of (entries ?? []).entries()) {
      atField(file, `${name}[${i}]`, () => {
        const resource = generate(kind, withGlobalOptions(args, kustomization.generatorOptions), loader)
        absorbGenerated(target, `${kind}Generator`, [resource], into)
      })
    }
  }
  for (const [i, chart] of (kustomization.helmCharts ?? []).entries()) {
    atField(file, `helmCharts[${i}]`, () => absorbChart(build, target, chart, into))
  }
  atField(file, 'generators', () => {
    const configs = accumulateConfigs(build, target, kustomization.generators ?? [])
    for (const generator of loadGenerators(build, loader, configs)) {
      const resources = generator.generate().map((resource) => ({ ...resource, origin: generator.origin }))
      absorbGenerated(target, generator.kind, resources, into)
    }
  })
}

function absorbChart(build: BuildContext, target: Target, chart: HelmChart, into: Accumulator): void {
  const { kustomization, loader } = target
  if (build.options.helm === undefined) {
    const message = 'trouble configuring builtin HelmChartInflationGenerator: must specify --enable-helm'
    throw new CapstanError('unsupported', message)
  }
  const namespace = [chart.namespace, kustomization.namespace].find((one) => one !== undefined && one !== '')
  const args = { ...kustomization.helmGlobals, ...chart, ...(namespace === undefined ? {} : { namespace }) }
  absorbGenerated(target, 'HelmChartInflationGenerator', inflateChart(build, args, loader), into)
}

function absorbGenerated(target: Target, kind: string, resources: readonly Resource[], into: Accumulator): void {
  const { origin, fileName } = target
  const own: Origin | undefined =
    origin === undefined
      ? undefined
      : { configuredIn: joinOrigin(origin.path ?? '', fileName), configuredBy: { apiVersion: 'builtin', kind } }
  for (const resource of resources) {
    const made = resource.origin === undefined ? { ...resource, origin: own } : resource
    inPlace(`merging from generator ${kind}`, () => absorb(into.set, made))
  }
}

/** The configurations of plug-ins: each entry is a text, a file or a kustomization whose result counts. */
function accumulateConfigs(build: BuildContext, target: Target, entries: readonly string[]): readonly Resource[] {
  const gathered = newAccumulator()
  const paths: string[] = []
  for (const entry of entries) {
    const inline = inlineConfigs(build, target, entry)
    if (inline === undefined) paths.push(entry)
    else gathered.set.appendAll(inline)
  }
  accumulateResources(build, target, paths, gathered)
  return gathered.set.items
}

function inlineConfigs(build: BuildContext, target: Target, entry: string): readonly Resource[] | undefined {
  try {
    const resources = build.resourcesOf(entry)
    const { origin } = target
    if (origin === undefined) return resources
    return resources.map((resource) => ({
      ...resource,
      origin: { ...origin, path: joinOrigin(origin.path ?? '', target.fileName) },
    }))
  } catch (error) {
    if (error instanceof CapstanError && error.code !== 'limit') return undefined
    throw error
  }
}
