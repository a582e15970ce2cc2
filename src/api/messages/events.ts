// The messages of the event lists: names, numbers and types of their fields.

export const eventsMessages = {
  Event: {
    metadata: { number: 1, type: 'ObjectMeta' },
    involvedObject: { number: 2, type: 'ObjectReference' },
    reason: { number: 3, type: 'string' },
    message: { number: 4, type: 'string' },
    source: { number: 5, type: 'EventSource' },
    firstTimestamp: { number: 6, type: 'Time' },
    lastTimestamp: { number: 7, type: 'Time' },
    count: { number: 8, type: 'int32' },
    type: { number: 9, type: 'string' },
    eventTime: { number: 10, type: 'MicroTime' },
    series: { number: 11, type: 'EventSeries' },
    action: { number: 12, type: 'string' },
    related: { number: 13, type: 'ObjectReference' },
    reportingComponent: { number: 14, type: 'string' },
    reportingInstance: { number: 15, type: 'string' },
  },
  EventList: {
    metadata: { number: 1, type: 'ListMeta' },
    items: { number: 2, type: 'Event', list: true },
  },
  EventSeries: {
    count: { number: 1, type: 'int32' },
    lastObservedTime: { number: 2, type: 'MicroTime' },
  },
  EventSource: {
    component: { number: 1, type: 'string' },
    host: { number: 2, type: 'string' },
  },
  ObjectReference: {
    kind: { number: 1, type: 'string' },
    namespace: { number: 2, type: 'string' },
    name: { number: 3, type: 'string' },
    uid: { number: 4, type: 'string' },
    apiVersion: { number: 5, type: 'string' },
    resourceVersion: { number: 6, type: 'string' },
    fieldPath: { number: 7, type: 'string' },
  },
} as const
