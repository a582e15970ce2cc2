// The AppProject resource and its parts as TypeScript types, by upstream's names.
import type { KubeObject } from '../kube/object.ts'
import type { Message } from './message-type.ts'
import { parseMessage } from './parse-message.ts'

export type AppProject = KubeObject & Message<'AppProject'>
export type AppProjectSpec = Message<'AppProjectSpec'>
export type AppProjectStatus = Message<'AppProjectStatus'>
export type ProjectRole = Message<'ProjectRole'>
export type JWTToken = Message<'JWTToken'>
export type SyncWindow = Message<'SyncWindow'>
export type OrphanedResourcesMonitorSettings = Message<'OrphanedResourcesMonitorSettings'>
export type SourceIntegrity = Message<'SourceIntegrity'>
export type SourceIntegrityGitPolicy = Message<'SourceIntegrityGitPolicy'>
export type ClusterResourceRestrictionItem = Message<'ClusterResourceRestrictionItem'>
export type ApplicationDestinationServiceAccount = Message<'ApplicationDestinationServiceAccount'>

/**
 * Reads an AppProject of unknown origin. Unknown fields survive; a null where a field is optional counts as absent.
 * Throws a CapstanError `bad-input` that names every wrong field.
 */
export function parseAppProject(value: unknown): AppProject {
  return parseMessage<AppProject>(value, { kind: 'AppProject', message: 'AppProject' })
}
