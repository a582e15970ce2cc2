// Texts in English of the sync dialog. `{name}` stands for a value.

export const sync = {
  'sync.title': 'Sync {name}',
  'sync.revision': 'Revision',
  'sync.revisionHint': 'Branch, tag or commit',
  'sync.prune': 'PRUNE',
  'sync.pruneHint': 'Delete from the cluster what is no longer in Git',
  'sync.dryRun': 'DRY RUN',
  'sync.dryRunHint': 'Only try; change nothing',
  'sync.force': 'FORCE',
  'sync.forceHint': 'Delete and create anew what cannot be changed; pods are interrupted',
  'sync.applyOnly': 'APPLY ONLY',
  'sync.applyOnlyHint': 'Run no hooks',
  'sync.resources': 'Resources',
  'sync.all': 'All',
  'sync.outOfSync': 'Out of sync',
  'sync.none': 'None',
  'sync.submit': 'SYNCHRONIZE',
} as const
