// The requests of capstan.PageService: names, numbers and types of their fields.

export const pageMessages = {
  FindApplicationsQuery: {
    /** Words that must all be there; `health:Degraded`, `label:team=web`, `!word` … narrow it. */
    q: { number: 1, type: 'string' },
    sync: { number: 2, type: 'string', list: true },
    health: { number: 3, type: 'string', list: true },
    operation: { number: 4, type: 'string', list: true },
    autoSync: { number: 5, type: 'string', list: true },
    project: { number: 6, type: 'string', list: true },
    cluster: { number: 7, type: 'string', list: true },
    namespace: { number: 8, type: 'string', list: true },
    label: { number: 9, type: 'string', list: true },
    repo: { number: 10, type: 'string', list: true },
    /** `namespace/name` of those that stand first. */
    favourite: { number: 11, type: 'string', list: true },
    onlyFavourites: { number: 12, type: 'bool' },
    order: { number: 13, type: 'string' },
    offset: { number: 14, type: 'int32' },
    limit: { number: 15, type: 'int32' },
  },
  FollowQuery: {
    /** Tells when anything in the list has changed. */
    list: { number: 1, type: 'bool' },
    /** The application to follow. */
    name: { number: 2, type: 'string' },
    appNamespace: { number: 3, type: 'string' },
    /** Follows its tree as well. */
    tree: { number: 4, type: 'bool' },
  },
} as const
