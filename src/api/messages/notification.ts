// The messages of notification.NotificationService: names, numbers and types of their fields.

export const notificationMessages = {
  Service: {
    name: { number: 1, type: 'string', required: true },
  },
  ServiceList: {
    items: { number: 1, type: 'Service', list: true },
  },
  ServicesListRequest: {},
  Template: {
    name: { number: 1, type: 'string', required: true },
  },
  TemplateList: {
    items: { number: 1, type: 'Template', list: true },
  },
  TemplatesListRequest: {},
  Trigger: {
    name: { number: 1, type: 'string', required: true },
  },
  TriggerList: {
    items: { number: 1, type: 'Trigger', list: true },
  },
  TriggersListRequest: {},
} as const
