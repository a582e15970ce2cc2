// The messages of applicationset.ApplicationSetService: names, numbers and types of their fields.

export const applicationSetMessages = {
  ApplicationSetCreateRequest: {
    applicationset: { number: 1, type: 'v1alpha1.ApplicationSet' },
    upsert: { number: 2, type: 'bool' },
    dryRun: { number: 3, type: 'bool' },
  },
  ApplicationSetDeleteRequest: {
    name: { number: 1, type: 'string' },
    appsetNamespace: { number: 2, type: 'string' },
  },
  ApplicationSetGenerateRequest: {
    applicationSet: { number: 1, type: 'v1alpha1.ApplicationSet' },
  },
  ApplicationSetGenerateResponse: {
    applications: { number: 1, type: 'v1alpha1.Application', list: true },
  },
  ApplicationSetGetQuery: {
    name: { number: 1, type: 'string' },
    appsetNamespace: { number: 2, type: 'string' },
  },
  ApplicationSetListQuery: {
    projects: { number: 1, type: 'string', list: true },
    selector: { number: 2, type: 'string' },
    appsetNamespace: { number: 3, type: 'string' },
  },
  ApplicationSetResponse: {
    project: { number: 1, type: 'string' },
    applicationset: { number: 2, type: 'v1alpha1.ApplicationSet' },
  },
  ApplicationSetTreeQuery: {
    name: { number: 1, type: 'string' },
    appsetNamespace: { number: 2, type: 'string' },
  },
  ApplicationSetWatchQuery: {
    name: { number: 1, type: 'string' },
    projects: { number: 2, type: 'string', list: true },
    selector: { number: 3, type: 'string' },
    appSetNamespace: { number: 4, type: 'string' },
    resourceVersion: { number: 5, type: 'string' },
  },
} as const
