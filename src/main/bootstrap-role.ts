// Puts what the control plane needs into its cluster where a role may do so, several at the same time.
import { KubeError } from '../kube/client/client.ts'
import { bootstrapControlPlane } from './bootstrap.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

/** Roles that start together make the same things: who comes second looks again. */
const ATTEMPTS = 5

/** An install whose roles have no right to make resource types brings them with its manifests: that is told, and no fault. */
export async function bootstrapRole(options: ControlPlaneOptions): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await bootstrapControlPlane(options)
      return
    } catch (error) {
      if (!(error instanceof KubeError)) throw error
      if (error.status === 403) {
        options.log.info('what the install brings is taken as it is', { error })
        return
      }
      if (error.status !== 409 || attempt === ATTEMPTS) throw error
    }
  }
}
