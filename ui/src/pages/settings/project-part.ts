// What each part of a project's page is given.
import type { AppProject } from '../../../../src/crds/app-project.ts'

export interface ProjectPartProps {
  /** As edited. */
  readonly project: AppProject
  readonly change: (project: AppProject) => void
  /** Whether what is shown is not what the server has. */
  readonly isChanged: boolean
  /** Reads the project again, after a call that has changed it. */
  readonly reread: () => void
}
