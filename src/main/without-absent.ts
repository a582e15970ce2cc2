// Leaves out fields that have no value: exact optional properties take no undefined.

type Loose<T> = { readonly [Name in keyof T]: T[Name] | undefined }

export function withoutAbsent<T extends object>(fields: Loose<T>): T {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as T // what is left out is optional in T, or the type does not match
}
