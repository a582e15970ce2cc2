// What argocd-cm says of single kinds, as clients of the settings get it.
import { stringifyYaml } from '../../lang/yaml/write.ts'
import type { IgnoredFields, ResourceCustomization } from '../../settings/resource-customizations.ts'

/** The message as gRPC has it, with the form that REST writes: the keys of argocd-cm, and lists of fields as YAML (upstream's rawResourceOverride). */
export function overrideOf(one: ResourceCustomization): object {
  const { healthLua, useOpenLibs, actions, ignoreDifferences, ignoreResourceUpdates, knownTypeFields } = one
  const message = {
    ...(healthLua === undefined ? {} : { healthLua }),
    ...(useOpenLibs === undefined ? {} : { useOpenLibs }),
    ...(actions === undefined ? {} : { actions }),
    ...(ignoreDifferences === undefined ? {} : { ignoreDifferences }),
    ...(ignoreResourceUpdates === undefined ? {} : { ignoreResourceUpdates }),
    ...(knownTypeFields === undefined ? {} : { knownTypeFields }),
  }
  return Object.defineProperty(message, 'toJSON', { value: () => plainOverride(one) })
}

function plainOverride(one: ResourceCustomization): object {
  const { healthLua = '', useOpenLibs = false, actions = '', knownTypeFields = [] } = one
  return {
    ...(healthLua === '' ? {} : { 'health.lua': healthLua }),
    ...(useOpenLibs ? { 'health.lua.useOpenLibs': true } : {}),
    ...(actions === '' ? {} : { actions }),
    ignoreDifferences: ignoredText(one.ignoreDifferences),
    ignoreResourceUpdates: ignoredText(one.ignoreResourceUpdates),
    ...(knownTypeFields.length === 0 ? {} : { knownTypeFields }),
  }
}

function ignoredText(ignored: IgnoredFields | undefined): string {
  const { jqPathExpressions = [], jsonPointers = [], managedFieldsManagers = [] } = ignored ?? {}
  const all = { jqPathExpressions, jsonPointers, managedFieldsManagers }
  // Go writes a list that was never set as null.
  const entries = Object.entries(all).map(([name, list]) => [name, list.length === 0 ? null : list])
  return stringifyYaml(Object.fromEntries(entries))
}
