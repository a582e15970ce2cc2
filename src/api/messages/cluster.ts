// The messages of cluster.ClusterService: names, numbers and types of their fields.

export const clusterMessages = {
  ClusterCreateRequest: {
    cluster: { number: 1, type: 'v1alpha1.Cluster' },
    upsert: { number: 2, type: 'bool' },
  },
  ClusterID: {
    type: { number: 1, type: 'string' },
    value: { number: 2, type: 'string' },
  },
  ClusterQuery: {
    server: { number: 1, type: 'string' },
    name: { number: 2, type: 'string' },
    id: { number: 3, type: 'ClusterID' },
  },
  ClusterResponse: {},
  ClusterUpdateRequest: {
    cluster: { number: 1, type: 'v1alpha1.Cluster' },
    updatedFields: { number: 2, type: 'string', list: true },
    id: { number: 3, type: 'ClusterID' },
  },
} as const
