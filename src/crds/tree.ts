// What the API shows of an application's live resources, repositories and clusters, by upstream's names.
import type { Message } from './message-type.ts'

export type ApplicationTree = Message<'ApplicationTree'>
export type ResourceNode = Message<'ResourceNode'>
export type ResourceRef = Message<'ResourceRef'>
export type ResourceNetworkingInfo = Message<'ResourceNetworkingInfo'>
export type InfoItem = Message<'InfoItem'>
export type HostInfo = Message<'HostInfo'>
export type ResourceDiff = Message<'ResourceDiff'>
export type ResourceAction = Message<'ResourceAction'>
export type RevisionMetadata = Message<'RevisionMetadata'>
