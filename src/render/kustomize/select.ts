// Which resources a selector is for (api/types/selector.go, api/resmap Select).
import { CapstanError } from '../../base/errors.ts'
import { parseLabelSelector, matchesLabels } from '../../kube/selector.ts'
import { compileRegexp, matchesRegexp } from '../../lang/go/regexp/regexp.ts'
import type { Selector } from './kustomization.ts'
import type { Gvk, ResId } from './res-id.ts'
import { effectiveNamespace, idText } from './res-id.ts'
import type { Resource } from './resource.ts'
import { currentId, metaMap, originalId } from './resource.ts'

type TextMatcher = (text: string) => boolean

/** A selector made ready: each field is an anchored regular expression, an empty one matches all. */
export interface CompiledSelector {
  matchesGvk(gvk: Gvk): boolean
  readonly matchesName: TextMatcher
  readonly matchesNamespace: TextMatcher
  /** Labels and annotations. */
  matchesMeta(resource: Resource): boolean
}

/** Throws `bad-input` for what is no regular expression or no label selector. */
export function compileSelector(selector: Selector): CompiledSelector {
  const group = textMatcher(selector.group)
  const version = textMatcher(selector.version)
  const kind = textMatcher(selector.kind)
  const labels = metaMatcher('labels', selector.labelSelector)
  const annotations = metaMatcher('annotations', selector.annotationSelector)
  return {
    matchesGvk: (gvk) => kind(gvk.kind) && group(gvk.group) && version(gvk.version),
    matchesName: textMatcher(selector.name),
    matchesNamespace: textMatcher(selector.namespace),
    matchesMeta: (resource) => labels(resource) && annotations(resource),
  }
}

const PLAIN = /^[A-Za-z0-9_/-]*$/

function textMatcher(pattern: string | undefined): TextMatcher {
  if (pattern === undefined || pattern === '') return () => true
  // Most selectors are plain names, which need no machine.
  if (PLAIN.test(pattern)) return (text) => text === pattern
  const regexp = compileRegexp(`^(?:${pattern})$`)
  return (text) => matchesRegexp(regexp, text)
}

function metaMatcher(name: 'labels' | 'annotations', text: string | undefined): (resource: Resource) => boolean {
  if (text === undefined || text === '') return () => true
  const selector = parseLabelSelector(text)
  return (resource) => matchesLabels(selector, Object.fromEntries(metaMap(resource.node, name)))
}

/** Those whose name and namespace, now or originally, and type, labels and annotations match. */
export function selectResources(resources: readonly Resource[], selector: Selector): Resource[] {
  const compiled = compileSelector(selector)
  return resources.filter((resource) => {
    const now = currentId(resource)
    if (!compiled.matchesGvk(now)) return false
    const before = originalId(resource)
    return (
      matchesEither(compiled.matchesNamespace, effectiveNamespace(before), effectiveNamespace(now)) &&
      matchesEither(compiled.matchesName, before.name, now.name) &&
      compiled.matchesMeta(resource)
    )
  })
}

function matchesEither(matches: TextMatcher, a: string, b: string): boolean {
  return matches(a) || matches(b)
}

/** As messages have it. */
export function selectorText(selector: Selector): string {
  const id: Partial<ResId> = selector
  return `${idText(id)}:a=${selector.annotationSelector ?? ''}:l=${selector.labelSelector ?? ''}`
}

/** Does an image's name match a pattern? Patterns that are no regular expression match nothing, as in kustomize. */
export function tryCompile(pattern: string): TextMatcher | undefined {
  try {
    const regexp = compileRegexp(pattern)
    return (text) => matchesRegexp(regexp, text)
  } catch (error) {
    if (error instanceof CapstanError) return undefined
    throw error
  }
}
