// Texts in English of the list of applications. `{name}` stands for a value.

export const list = {
  'list.title': 'Applications',
  'list.new': 'NEW APP',
  'list.search': 'Search applications',
  'list.searchHint': 'Name, source, namespace, label=value …',
  'list.count': '{shown} of {all}',
  'list.sync': 'Sync',
  'list.health': 'Health',
  'list.order': 'Sort by',
  'list.order.name': 'Name',
  'list.order.attention': 'Needs attention',
  'list.order.recent': 'Last operation',
  'list.empty': 'There are no applications yet.',
  'list.emptyHint': 'An application takes manifests from a Git repository to a cluster. Make the first one:',
  'list.noMatch': 'No application matches.',
  'list.clear': 'Clear the filter',
  'list.never': 'Never synced',
  'list.keys': 'Keys: / searches, ↑ ↓ walk, Enter opens, n makes a new application',
  'filter.find': 'Find in “{name}”',
} as const
