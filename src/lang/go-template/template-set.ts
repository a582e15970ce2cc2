// A set of parsed templates that can call each other by name.
import type { ListNode } from './nodes.ts'
import { isBlankTree, parseFile } from './parser.ts'
import type { ParsedTemplate, ParseOptions } from './parser.ts'

/** Templates by name; a set over another sees the other's templates too and does not change it. */
export interface TemplateSet {
  readonly options: ParseOptions
  readonly templates: Map<string, ParsedTemplate>
  readonly parent: TemplateSet | undefined
}

/** A set without templates. */
export function createTemplateSet(options: ParseOptions): TemplateSet {
  return { options, templates: new Map(), parent: undefined }
}

/** A new set over this one: what is added to it is not seen below (Go's Clone). */
export function overlayTemplateSet(set: TemplateSet): TemplateSet {
  return { options: set.options, templates: new Map(), parent: set }
}

/** A set with the templates of one text. Throws a TemplateError where it cannot be parsed. */
export function parseTemplate(name: string, text: string, options: ParseOptions): TemplateSet {
  const set = createTemplateSet(options)
  addTemplates(set, parseFile(name, text, options))
  return set
}

/** Parses a text into the set, as Go's `set.New(name).Parse(text)`. Later definitions replace earlier ones. */
export function parseInto(set: TemplateSet, name: string, text: string): void {
  addTemplates(set, parseFile(name, text, set.options))
}

/** Adds parsed templates (which may come from a cache); a blank one replaces no other. */
export function addTemplates(set: TemplateSet, templates: readonly ParsedTemplate[]): void {
  for (const template of templates) {
    if (isBlankTree(template.root) && findTemplate(set, template.name) !== undefined) continue
    set.templates.set(template.name, template)
  }
}

export function findTemplate(set: TemplateSet, name: string): ParsedTemplate | undefined {
  for (let current: TemplateSet | undefined = set; current !== undefined; current = current.parent) {
    const found = current.templates.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** The tree of a template, for tools that look at it. */
export function templateRoot(set: TemplateSet, name: string): ListNode | undefined {
  return findTemplate(set, name)?.root
}
