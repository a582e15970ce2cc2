// Parsed templates by the content they came from, shared by the renderings of one thread.
import { LruCache } from '../../base/lru.ts'
import { addTemplates } from '../../lang/go-template/template-set.ts'
import type { TemplateSet } from '../../lang/go-template/template-set.ts'
import { parseFile } from '../../lang/go-template/parser.ts'
import type { ParsedTemplate } from '../../lang/go-template/parser.ts'
import { textOfBytes } from '../../lang/go/text.ts'
import type { ChartFile } from './chart.ts'
import { MAX_CACHED_TEMPLATE_LENGTH } from './limits.ts'

interface Parsed {
  readonly templates: readonly ParsedTemplate[]
  readonly length: number
}

/** What a parsed template takes besides its text, in characters of text. */
const ENTRY_LENGTH = 500

/** Parses each template once: a template is known by its name, which its errors show, and its content id. */
export class TemplateCache {
  readonly #parsed: LruCache<Parsed>
  #parses = 0

  constructor(maxLength: number = MAX_CACHED_TEMPLATE_LENGTH) {
    this.#parsed = new LruCache<Parsed>({ maxSize: maxLength, sizeOf: ({ length }) => length + ENTRY_LENGTH })
  }

  get count(): number {
    return this.#parsed.count
  }

  /** How many texts were parsed because they were not known. */
  get parses(): number {
    return this.#parses
  }

  /** Adds a file's templates to a set. Throws the TemplateError of a file that cannot be parsed. */
  addFile(set: TemplateSet, name: string, file: ChartFile): void {
    const key = `${name}\0${file.id}`
    const known = this.#parsed.get(key)
    if (known !== undefined) return addTemplates(set, known.templates)
    const text = textOfBytes(file.bytes)
    this.addText(set, name, { key, text })
  }

  /** Adds the templates of a text that is its own content id. */
  addText(set: TemplateSet, name: string, content: { readonly key: string; readonly text: string }): void {
    const { key, text } = content
    const known = this.#parsed.get(key)
    if (known !== undefined) return addTemplates(set, known.templates)
    this.#parses += 1
    const templates = parseFile(name, text, set.options)
    this.#parsed.set(key, { templates, length: text.length + key.length })
    addTemplates(set, templates)
  }
}
