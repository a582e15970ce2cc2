// Every service by its name on the wire; a call that is in no table here is answered as not built yet.
import { CapstanError } from '../../base/errors.ts'
import type { Handler, ServiceHandlers } from '../context.ts'
import { accountService } from './account.ts'
import { applicationSetService } from './application-sets/service.ts'
import { applicationService } from './applications/service.ts'
import { certificateService } from './certificates/service.ts'
import { clusterService } from './clusters/service.ts'
import { gpgKeyService } from './gpg-keys.ts'
import { notificationService } from './notifications.ts'
import { pageService } from './page/service.ts'
import { projectService } from './projects/service.ts'
import { registryService } from './registries/service.ts'
import { repositoryCredentialsService } from './repositories/credentials.ts'
import { repositoryService } from './repositories/service.ts'
import { sessionService, versionService } from './session.ts'
import { settingsService } from './settings.ts'

const services: Readonly<Record<string, ServiceHandlers>> = {
  'account.AccountService': accountService,
  'application.ApplicationService': applicationService,
  'applicationset.ApplicationSetService': applicationSetService,
  'capstan.PageService': pageService,
  'certificate.CertificateService': certificateService,
  'cluster.ClusterService': clusterService,
  'cluster.SettingsService': settingsService,
  'gpgkey.GPGKeyService': gpgKeyService,
  'notification.NotificationService': notificationService,
  'project.ProjectService': projectService,
  'registry.RegistryService': registryService,
  'repocreds.RepoCredsService': repositoryCredentialsService,
  'repository.RepositoryService': repositoryService,
  'session.SessionService': sessionService,
  'version.VersionService': versionService,
}

/** Calls that need no login, as upstream's server has them. */
const OPEN_CALLS = new Set([
  'version.VersionService/Version',
  'session.SessionService/Create',
  'session.SessionService/GetUserInfo',
  'session.SessionService/Delete',
  'cluster.SettingsService/Get',
])

/** The handler of a call. Throws `unsupported` for one that this version does not serve. */
export function handlerOf(service: string, method: string): Handler {
  const handler = services[service]?.[method]
  if (handler !== undefined) return handler
  throw new CapstanError('unsupported', `${service}/${method} is not served by this version of Capstan`)
}

export function isOpenCall(service: string, method: string): boolean {
  return OPEN_CALLS.has(`${service}/${method}`)
}
