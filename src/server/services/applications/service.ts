// application.ApplicationService: which function answers which call.
import type { ServiceHandlers } from '../../context.ts'
import { listApplicationLinks, listResourceLinks } from '../links.ts'
import { listResourceActions, runResourceAction } from './actions.ts'
import { listResourceEvents } from './events.ts'
import { getApplication } from './get.ts'
import { listApplications, watchApplications } from './list.ts'
import { getManifestsWithFiles } from './local-manifests.ts'
import { podLogs } from './logs.ts'
import { getManifests } from './manifests.ts'
import { ociMetadata, revisionChartDetails, revisionMetadata } from './revisions.ts'
import { rollbackApplication, syncApplication, terminateOperation } from './operate.ts'
import {
  deleteResource,
  getResource,
  managedResources,
  patchResource,
  resourceTree,
  watchResourceTree,
} from './resources.ts'
import { serverSideDiff } from './server-side-diff.ts'
import { applicationSyncWindows } from './windows.ts'
import {
  createApplication,
  deleteApplication,
  patchApplication,
  updateApplication,
  updateApplicationSpec,
} from './write.ts'

export const applicationService: ServiceHandlers = {
  List: listApplications,
  ListResourceEvents: listResourceEvents,
  GetApplicationSyncWindows: applicationSyncWindows,
  PodLogs: podLogs,
  Watch: watchApplications,
  Create: createApplication,
  Get: getApplication,
  RevisionMetadata: revisionMetadata,
  RevisionChartDetails: revisionChartDetails,
  GetOCIMetadata: ociMetadata,
  GetManifests: getManifests,
  GetManifestsWithFiles: getManifestsWithFiles,
  ServerSideDiff: serverSideDiff,
  Update: updateApplication,
  UpdateSpec: updateApplicationSpec,
  Patch: patchApplication,
  Delete: deleteApplication,
  Sync: syncApplication,
  ManagedResources: managedResources,
  ResourceTree: resourceTree,
  WatchResourceTree: watchResourceTree,
  Rollback: rollbackApplication,
  TerminateOperation: terminateOperation,
  GetResource: getResource,
  PatchResource: patchResource,
  DeleteResource: deleteResource,
  ListResourceActions: listResourceActions,
  RunResourceAction: runResourceAction,
  RunResourceActionV2: runResourceAction,
  ListLinks: listApplicationLinks,
  ListResourceLinks: listResourceLinks,
}
