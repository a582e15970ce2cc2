// Projects that templates of generators name: such a template goes before the ApplicationSet's own.
import { GENERATOR_NAMES } from '../../../generators/generator-names.ts'

/**
 * The first project a generator's template names that is another than `project`, at whatever depth of matrix and merge;
 * undefined where there is none. Rights are checked for the project of `spec.template` alone.
 */
export function foreignProject(generators: readonly unknown[], project: string): string | undefined {
  const waiting: (readonly unknown[])[] = [generators]
  for (let entries = waiting.pop(); entries !== undefined; entries = waiting.pop()) {
    for (const generator of entries.flatMap(kindsOf)) {
      const named = fieldOf(fieldOf(fieldOf(generator, 'template'), 'spec'), 'project')
      if (typeof named === 'string' && named !== '' && named !== project) return named
      // Nested ones stand as plain JSON, which only their readers judge.
      const nested = fieldOf(generator, 'generators')
      if (Array.isArray(nested)) waiting.push(nested as readonly unknown[])
    }
  }
  return undefined
}

/** One entry may name several kinds. */
function kindsOf(entry: unknown): readonly unknown[] {
  return GENERATOR_NAMES.map((name) => fieldOf(entry, name))
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Readonly<Record<string, unknown>>)[name] // an object, see above
}
