// The claims of a StatefulSet, which carry its name instead of an owner reference.
import type { KubeObject } from '../kube/object.ts'
import { listAt, textAt } from '../kube/field.ts'

/** Names of the volumeClaimTemplates; empty for other kinds. */
export function claimTemplatesOf(object: KubeObject): readonly string[] {
  if (object.kind !== 'StatefulSet') return []
  return listAt(object, 'spec', 'volumeClaimTemplates')
    .map((template) => textAt(template, 'metadata', 'name'))
    .filter((name) => name !== '')
}

/** True for a claim named `<template>-<set>-<ordinal>`. */
export function isClaimOf(claim: string, set: string, templates: readonly string[]): boolean {
  return templates.some((template) => {
    const prefix = `${template}-${set}-`
    return claim.startsWith(prefix) && /^\d+$/.test(claim.slice(prefix.length))
  })
}
