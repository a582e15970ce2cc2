// The messages of project.ProjectService: names, numbers and types of their fields.

export const projectMessages = {
  DetailedProjectsResponse: {
    globalProjects: { number: 1, type: 'v1alpha1.AppProject', list: true },
    project: { number: 2, type: 'v1alpha1.AppProject' },
    repositories: { number: 3, type: 'v1alpha1.Repository', list: true },
    clusters: { number: 4, type: 'v1alpha1.Cluster', list: true },
  },
  EmptyResponse: {},
  GlobalProjectsResponse: {
    items: { number: 1, type: 'v1alpha1.AppProject', list: true },
  },
  ListProjectLinksRequest: {
    name: { number: 1, type: 'string' },
  },
  ProjectCreateRequest: {
    project: { number: 1, type: 'v1alpha1.AppProject' },
    upsert: { number: 2, type: 'bool' },
  },
  ProjectQuery: {
    name: { number: 1, type: 'string' },
  },
  ProjectTokenCreateRequest: {
    project: { number: 1, type: 'string' },
    description: { number: 2, type: 'string' },
    role: { number: 3, type: 'string' },
    expiresIn: { number: 4, type: 'int64' },
    id: { number: 5, type: 'string' },
  },
  ProjectTokenDeleteRequest: {
    project: { number: 1, type: 'string' },
    role: { number: 2, type: 'string' },
    iat: { number: 3, type: 'int64' },
    id: { number: 4, type: 'string' },
  },
  ProjectTokenResponse: {
    token: { number: 1, type: 'string' },
  },
  ProjectUpdateRequest: {
    project: { number: 1, type: 'v1alpha1.AppProject' },
  },
  SyncWindowsQuery: {
    name: { number: 1, type: 'string' },
  },
  SyncWindowsResponse: {
    windows: { number: 1, type: 'v1alpha1.SyncWindow', list: true },
  },
} as const
