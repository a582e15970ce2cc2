// Messages that describe the live resources of an application, their differences and actions: names, numbers and types of their fields.

export const resourceTreeMessages = {
  ApplicationSetTree: {
    nodes: { number: 1, type: 'ResourceNode', list: true },
  },
  ApplicationTree: {
    nodes: { number: 1, type: 'ResourceNode', list: true },
    orphanedNodes: { number: 2, type: 'ResourceNode', list: true },
    hosts: { number: 3, type: 'HostInfo', list: true },
    shardsCount: { number: 4, type: 'int64' },
  },
  HostInfo: {
    name: { number: 1, type: 'string' },
    resourcesInfo: { number: 2, type: 'HostResourceInfo', list: true },
    systemInfo: { number: 3, type: 'NodeSystemInfo' },
    labels: { number: 4, type: 'string', map: true },
  },
  HostResourceInfo: {
    resourceName: { number: 1, type: 'string' },
    requestedByApp: { number: 2, type: 'int64' },
    requestedByNeighbors: { number: 3, type: 'int64' },
    capacity: { number: 4, type: 'int64' },
  },
  InfoItem: {
    name: { number: 1, type: 'string' },
    value: { number: 2, type: 'string' },
  },
  ResourceAction: {
    name: { number: 1, type: 'string', required: true },
    params: { number: 2, type: 'ResourceActionParam', list: true },
    disabled: { number: 3, type: 'bool' },
    iconClass: { number: 4, type: 'string' },
    displayName: { number: 5, type: 'string' },
  },
  ResourceActionParam: {
    name: { number: 1, type: 'string', required: true },
  },
  /** A field in which the live object differs, and who wrote it last. */
  DifferingField: {
    /** JSON pointer, or jq for an element of a list. */
    path: { number: 1, type: 'string', required: true },
    manager: { number: 2, type: 'string' },
    operation: { number: 3, type: 'string' },
    subresource: { number: 4, type: 'string' },
    /** When that manager last wrote something of the object. */
    time: { number: 5, type: 'string' },
  },
  ResourceDiff: {
    group: { number: 1, type: 'string' },
    kind: { number: 2, type: 'string' },
    namespace: { number: 3, type: 'string' },
    name: { number: 4, type: 'string' },
    targetState: { number: 5, type: 'string' },
    liveState: { number: 6, type: 'string' },
    diff: { number: 7, type: 'string' },
    hook: { number: 8, type: 'bool' },
    normalizedLiveState: { number: 9, type: 'string' },
    predictedLiveState: { number: 10, type: 'string' },
    resourceVersion: { number: 11, type: 'string' },
    modified: { number: 12, type: 'bool' },
    // Ours: numbers that upstream will not come to.
    differingFields: { number: 1001, type: 'DifferingField', list: true },
  },
  ResourceNetworkingInfo: {
    targetLabels: { number: 1, type: 'string', map: true },
    targetRefs: { number: 2, type: 'ResourceRef', list: true },
    labels: { number: 3, type: 'string', map: true },
    ingress: { number: 4, type: 'LoadBalancerIngress', list: true },
    externalURLs: { number: 5, type: 'string', list: true },
  },
  ResourceNode: {
    resourceRef: { number: 1, type: 'ResourceRef', inline: true },
    parentRefs: { number: 2, type: 'ResourceRef', list: true },
    info: { number: 3, type: 'InfoItem', list: true },
    networkingInfo: { number: 4, type: 'ResourceNetworkingInfo' },
    resourceVersion: { number: 5, type: 'string' },
    images: { number: 6, type: 'string', list: true },
    health: { number: 7, type: 'HealthStatus' },
    createdAt: { number: 8, type: 'Time' },
  },
  ResourceRef: {
    group: { number: 1, type: 'string' },
    version: { number: 2, type: 'string' },
    kind: { number: 3, type: 'string' },
    namespace: { number: 4, type: 'string' },
    name: { number: 5, type: 'string' },
    uid: { number: 6, type: 'string' },
  },
} as const
