// Answers of package repository that upstream's repository server gives and its API server passes on.

export const repositoryAnswerMessages = {
  DirectoryAppSpec: {},
  HelmAppSpec: {
    name: { number: 1, type: 'string' },
    valueFiles: { number: 3, type: 'string', list: true },
    parameters: { number: 4, type: 'v1alpha1.HelmParameter', list: true },
    values: { number: 5, type: 'string' },
    fileParameters: { number: 6, type: 'v1alpha1.HelmFileParameter', list: true },
  },
  HelmChart: {
    name: { number: 1, type: 'string' },
    versions: { number: 2, type: 'string', list: true },
  },
  HelmChartsResponse: {
    items: { number: 1, type: 'HelmChart', list: true },
  },
  KustomizeAppSpec: {
    images: { number: 3, type: 'string', list: true },
  },
  ManifestResponse: {
    manifests: { number: 1, type: 'string', list: true },
    namespace: { number: 2, type: 'string' },
    server: { number: 3, type: 'string' },
    revision: { number: 4, type: 'string' },
    sourceType: { number: 6, type: 'string' },
    verifyResult: { number: 7, type: 'string' },
    commands: { number: 8, type: 'string', list: true },
    sourceIntegrityResult: { number: 9, type: 'v1alpha1.SourceIntegrityCheckResult' },
  },
  ParameterAnnouncement: {
    name: { number: 1, type: 'string' },
    title: { number: 2, type: 'string' },
    tooltip: { number: 3, type: 'string' },
    required: { number: 4, type: 'bool' },
    itemType: { number: 5, type: 'string' },
    collectionType: { number: 6, type: 'string' },
    string: { number: 7, type: 'string' },
    array: { number: 8, type: 'string', list: true },
    map: { number: 9, type: 'string', map: true },
  },
  PluginAppSpec: {
    parametersAnnouncement: { number: 1, type: 'ParameterAnnouncement', list: true },
  },
  Refs: {
    branches: { number: 1, type: 'string', list: true },
    tags: { number: 2, type: 'string', list: true },
  },
  RepoAppDetailsResponse: {
    type: { number: 1, type: 'string' },
    helm: { number: 3, type: 'HelmAppSpec' },
    kustomize: { number: 4, type: 'KustomizeAppSpec' },
    directory: { number: 5, type: 'DirectoryAppSpec' },
    plugin: { number: 6, type: 'PluginAppSpec' },
  },
} as const
