// The messages of repocreds.RepoCredsService: names, numbers and types of their fields.

export const repoCredsMessages = {
  RepoCredsCreateRequest: {
    creds: { number: 1, type: 'v1alpha1.RepoCreds' },
    upsert: { number: 2, type: 'bool' },
  },
  RepoCredsDeleteRequest: {
    url: { number: 1, type: 'string' },
  },
  RepoCredsQuery: {
    url: { number: 1, type: 'string' },
  },
  RepoCredsResponse: {},
  RepoCredsUpdateRequest: {
    creds: { number: 1, type: 'v1alpha1.RepoCreds' },
  },
} as const
