// Applications and projects as the cluster has them, followed once for the engine and for the API server.
import { messageOf } from '../../base/errors.ts'
import { LaterReads } from '../../base/later-reads.ts'
import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import { type AppProject, parseAppProject } from '../../crds/app-project.ts'
import { type Application, parseApplication } from '../../crds/application.ts'
import type { KubeClient } from '../../kube/client/client.ts'
import { Informer, withoutManagedFields } from '../../kube/client/informer.ts'
import type { KubeObject } from '../../kube/object.ts'
import { applicationRef } from './application-ref.ts'

export interface FollowOptions {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** Namespace of the control plane, where the projects are. */
  readonly namespace: string
  /** True for other namespaces that may hold Applications; without it only that of the control plane is read. */
  readonly allowsNamespace?: (namespace: string) => boolean
}

export interface FollowedObjects {
  readonly applications: Informer<Application>
  readonly projects: Informer<AppProject>
  /** Reads an Application that came another way, without its managed fields; never throws, see `faultOf`. */
  readApplication(object: KubeObject): Application
  /** A project as the cluster has it now; undefined where there is none. Many who ask at once cost two requests. */
  readProject(name: string): Promise<AppProject | undefined>
  /** Why an object that was read here is no valid Application. */
  faultOf(application: Application): string | undefined
  stop(): Promise<void>
}

/** Resolves when both are read. Throws `unavailable` where the cluster does not serve the kinds. */
export async function followObjects(options: FollowOptions): Promise<FollowedObjects> {
  const { client, namespace, allowsNamespace, clock, log } = options
  const faults = new WeakMap<Application, string>()
  const readApplication = (object: KubeObject): Application => {
    const plain = withoutManagedFields(object)
    try {
      return parseApplication(plain)
    } catch (error) {
      const shown = asItIs(plain)
      faults.set(shown, messageOf(error))
      return shown
    }
  }
  const typeOf = async (kind: string): Promise<Informer['type']> =>
    (await applicationRef(client, { namespace: '', name: '' }, undefined, kind)).type
  const common = { client, clock, log }
  const place =
    allowsNamespace === undefined
      ? { namespace }
      : {
          keeps: ({ metadata }: KubeObject): boolean =>
            metadata.namespace === namespace || allowsNamespace(metadata.namespace ?? ''),
        }
  const applications = new Informer({
    ...common,
    ...place,
    type: await typeOf('Application'),
    transform: readApplication,
  })
  const projectType = await typeOf('AppProject')
  const projects = new Informer({ ...common, namespace, type: projectType, transform: readProject })
  const reads = new LaterReads(async (name) => {
    const found = await client.get({ type: projectType, namespace, name })
    return found === undefined ? undefined : parseAppProject(found)
  })
  const stop = async (): Promise<void> => {
    await Promise.all([applications.stop(), projects.stop()])
  }
  applications.start()
  projects.start()
  await Promise.all([applications.hasSynced, projects.hasSynced])
  return {
    applications,
    projects,
    readApplication,
    readProject: (name) => reads.read(name),
    faultOf: (application) => faults.get(application),
    stop,
  }
}

/** An application that was stored in a form of its own is shown as it is; the controller says what is wrong with it. */
function asItIs(object: KubeObject): Application {
  const spec = { destination: {}, project: '' }
  return { ...object, spec: 'spec' in object ? Object(object.spec) : spec }
}

/** A project that cannot be read permits nothing. */
function readProject(object: KubeObject): AppProject {
  const plain = withoutManagedFields(object)
  try {
    return parseAppProject(plain)
  } catch {
    return { ...plain, spec: {} }
  }
}
