// The Application resource and its parts as TypeScript types, by upstream's names.
import type { KubeObject } from '../kube/object.ts'
import type { Message } from './message-type.ts'
import { parseMessage } from './parse-message.ts'

export const API_GROUP = 'argoproj.io'
export const API_VERSION = 'argoproj.io/v1alpha1'

export type Application = KubeObject & Message<'Application'>
export type ApplicationSpec = Message<'ApplicationSpec'>
export type ApplicationSource = Message<'ApplicationSource'>
export type ApplicationSourceHelm = Message<'ApplicationSourceHelm'>
export type ApplicationSourceKustomize = Message<'ApplicationSourceKustomize'>
export type ApplicationSourceDirectory = Message<'ApplicationSourceDirectory'>
export type ApplicationSourceJsonnet = Message<'ApplicationSourceJsonnet'>
export type ApplicationSourcePlugin = Message<'ApplicationSourcePlugin'>
export type HelmParameter = Message<'HelmParameter'>
export type HelmFileParameter = Message<'HelmFileParameter'>
export type KustomizePatch = Message<'KustomizePatch'>
export type KustomizeReplica = Message<'KustomizeReplica'>
export type ApplicationDestination = Message<'ApplicationDestination'>
export type ResourceIgnoreDifferences = Message<'ResourceIgnoreDifferences'>
export type SourceHydrator = Message<'SourceHydrator'>
export type Info = Message<'Info'>

export type SyncPolicy = Message<'SyncPolicy'>
export type SyncPolicyAutomated = Message<'SyncPolicyAutomated'>
export type RetryStrategy = Message<'RetryStrategy'>
export type Backoff = Message<'Backoff'>
export type ManagedNamespaceMetadata = Message<'ManagedNamespaceMetadata'>

export type Operation = Message<'Operation'>
export type OperationInitiator = Message<'OperationInitiator'>
export type SyncOperation = Message<'SyncOperation'>
export type SyncOperationResource = Message<'SyncOperationResource'>
export type SyncStrategy = Message<'SyncStrategy'>
export type OperationState = Message<'OperationState'>
export type OperationPhase = OperationState['phase']
export type SyncOperationResult = Message<'SyncOperationResult'>
export type ResourceResult = Message<'ResourceResult'>
export type ResultCode = NonNullable<ResourceResult['status']>
export type HookType = NonNullable<ResourceResult['hookType']>
export type SyncPhase = NonNullable<ResourceResult['syncPhase']>

export type ApplicationStatus = Message<'ApplicationStatus'>
export type SyncStatus = Message<'SyncStatus'>
export type SyncStatusCode = SyncStatus['status']
export type ComparedTo = Message<'ComparedTo'>
export type HealthStatus = Message<'HealthStatus'>
export type AppHealthStatus = Message<'AppHealthStatus'>
export type HealthStatusCode = NonNullable<HealthStatus['status']>
export type ResourceStatus = Message<'ResourceStatus'>
export type ApplicationCondition = Message<'ApplicationCondition'>
export type RevisionHistory = Message<'RevisionHistory'>
export type ApplicationSummary = Message<'ApplicationSummary'>

/**
 * Reads an Application of unknown origin. Unknown fields survive; a null where a field is optional counts as absent.
 * Throws a CapstanError `bad-input` that names every wrong field.
 */
export function parseApplication(value: unknown): Application {
  return parseMessage<Application>(value, { kind: 'Application', message: 'Application' })
}
