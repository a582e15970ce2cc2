// The messages of all services by package and name, and the form they take in JSON.
import { fieldsOf, type MessageField } from '../crds/message-table.ts'
import { accountMessages } from './messages/account.ts'
import { applicationSetMessages } from './messages/application-set.ts'
import { applicationMessages } from './messages/application.ts'
import { certificateMessages } from './messages/certificate.ts'
import { clusterMessages } from './messages/cluster.ts'
import { eventsMessages } from './messages/events.ts'
import { gpgKeyMessages } from './messages/gpg-key.ts'
import { notificationMessages } from './messages/notification.ts'
import { pageMessages } from './messages/page.ts'
import { projectMessages } from './messages/project.ts'
import { registryMessages } from './messages/registry.ts'
import { repoCredsMessages } from './messages/repo-creds.ts'
import { repositoryAnswerMessages } from './messages/repository-answers.ts'
import { repositoryMessages } from './messages/repository.ts'
import { sessionMessages } from './messages/session.ts'
import { settingsMessages } from './messages/settings.ts'
import { versionMessages } from './messages/version.ts'

type Fields = Readonly<Record<string, MessageField>>
type Table = Readonly<Record<string, Fields>>

/** settings.proto has package `cluster` upstream, so that both tables stand under it. */
const packages: Readonly<Record<string, Table>> = {
  account: accountMessages,
  application: applicationMessages,
  applicationset: applicationSetMessages,
  capstan: pageMessages,
  certificate: certificateMessages,
  cluster: { ...clusterMessages, ...settingsMessages },
  events: eventsMessages,
  gpgkey: gpgKeyMessages,
  notification: notificationMessages,
  project: projectMessages,
  registry: registryMessages,
  repocreds: repoCredsMessages,
  repository: { ...repositoryMessages, ...repositoryAnswerMessages },
  session: sessionMessages,
  version: versionMessages,
}

/** The fields of a message as it is named in `packageName`: local, `package.Name`, or `v1alpha1.Name`; undefined for a scalar. */
export function messageFields(packageName: string, name: string): Fields | undefined {
  if (name === 'Empty') return {}
  const local = packages[packageName]
  if (local !== undefined && Object.hasOwn(local, name)) return local[name]
  const dot = name.indexOf('.')
  const qualifier = name.slice(0, Math.max(dot, 0))
  const rest = name.slice(dot + 1)
  if (qualifier === 'v1alpha1') return fieldsOf(rest)
  const other = packages[qualifier]
  return other !== undefined && Object.hasOwn(other, rest) ? other[rest] : undefined
}

/** Says whether a route's input message has a field of this name. */
export function isRequestField(route: { readonly service: string; readonly input: string }, field: string): boolean {
  const fields = messageFields(route.service.split('.')[0] ?? '', route.input)
  return fields !== undefined && Object.hasOwn(fields, field)
}
