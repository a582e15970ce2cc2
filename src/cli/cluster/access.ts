// What commands about clusters need of the kubeconfig and of the clusters in it; passed in by main.
import type { Secret } from '../../base/secret.ts'
import type { CheckedImage } from '../registry/checked-image.ts'

/** How a cluster of the kubeconfig is reached, as the API stores it. */
export interface KubeDestination {
  readonly server: string
  readonly insecure: boolean
  readonly serverName?: string
  /** PEM. */
  readonly ca?: string
  readonly certificate?: string
  readonly key?: Secret
  readonly proxyUrl?: string
}

export interface KubeContextRow {
  readonly isCurrent: boolean
  readonly name: string
  readonly cluster: string
  readonly server: string
}

export interface KubeFlags {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly proxyUrl?: string | undefined
}

/** Of which pull secret an image would be pulled with. */
export interface ImageQuestion {
  readonly image: string
  /** Empty: the kubeconfig says which cluster it is. */
  readonly server: string
  readonly namespace: string
  readonly serviceAccount: string
}

export interface KubeAccess {
  /** Reads ServiceAccount and pull secrets and asks the registry. */
  readonly checkImage: (flags: KubeFlags, question: ImageQuestion) => Promise<CheckedImage>
  /** By name. */
  readonly contexts: (flags: KubeFlags) => Promise<readonly KubeContextRow[]>
  readonly destination: (flags: KubeFlags) => Promise<KubeDestination>
  /** Makes the service account that Argo CD acts as, with its rights, and gives its token (util/clusterauth, v3.5.1). */
  readonly installManager: (flags: KubeFlags, options: ManagerOptions) => Promise<Secret>
  /** The token of an account there is. */
  readonly accountToken: (flags: KubeFlags, options: ManagerOptions & { readonly account: string }) => Promise<Secret>
  readonly uninstallManager: (flags: KubeFlags) => Promise<void>
  /** What the cluster says of itself in kube-public. */
  readonly publicEndpoint: (flags: KubeFlags) => Promise<{ readonly server: string; readonly ca?: string } | undefined>
  /** The first admin's password (Secret argocd-initial-admin-secret); undefined where there is none. */
  readonly initialPassword: (flags: KubeFlags & { readonly namespace: string }) => Promise<Secret | undefined>
}

export interface ManagerOptions {
  readonly systemNamespace: string
  /** Rights in these alone; everywhere where there are none. */
  readonly namespaces: readonly string[]
  /** Told of each step. */
  readonly tell: (text: string) => void
}
