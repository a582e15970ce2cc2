// The messages of version.VersionService: names, numbers and types of their fields.

export const versionMessages = {
  VersionMessage: {
    Version: { number: 1, type: 'string' },
    BuildDate: { number: 2, type: 'string' },
    GitCommit: { number: 3, type: 'string' },
    GitTag: { number: 4, type: 'string' },
    GitTreeState: { number: 5, type: 'string' },
    GoVersion: { number: 6, type: 'string' },
    Compiler: { number: 7, type: 'string' },
    Platform: { number: 8, type: 'string' },
    KustomizeVersion: { number: 10, type: 'string' },
    HelmVersion: { number: 11, type: 'string' },
    KubectlVersion: { number: 12, type: 'string' },
    JsonnetVersion: { number: 13, type: 'string' },
    ExtraBuildInfo: { number: 14, type: 'string' },
  },
} as const
