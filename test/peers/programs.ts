// The real programs used for comparison: which module, which version, which main package.

export interface Program {
  /** Name of the binary in .peers/bin. */
  readonly name: string
  readonly module: string
  readonly version: string
  /** The main package to build. */
  readonly package: string
  /** Version of the `k8s.io` modules that upstream's go.mod names at v0.0.0, because they live in its own tree. */
  readonly siblingVersion?: string
  readonly linkerFlags?: readonly string[]
  /** A folder beside this file with a program of ours and its own go.mod; `module` and `version` say what it tries. */
  readonly folder?: string
}

const KUBERNETES = {
  module: 'k8s.io/kubernetes',
  version: 'v1.36.3',
  siblingVersion: 'v0.36.3',
  linkerFlags: [
    '-X k8s.io/component-base/version.gitVersion=v1.36.3',
    '-X k8s.io/component-base/version.gitMajor=1',
    '-X k8s.io/component-base/version.gitMinor=36',
  ],
} as const

export const programs: readonly Program[] = [
  { name: 'kubectl', package: 'k8s.io/kubernetes/cmd/kubectl', ...KUBERNETES },
  { name: 'kube-apiserver', package: 'k8s.io/kubernetes/cmd/kube-apiserver', ...KUBERNETES },
  { name: 'kube-controller-manager', package: 'k8s.io/kubernetes/cmd/kube-controller-manager', ...KUBERNETES },
  { name: 'kube-scheduler', package: 'k8s.io/kubernetes/cmd/kube-scheduler', ...KUBERNETES },
  {
    name: 'keyring',
    module: 'k8s.io/kubernetes',
    version: 'v1.36.3',
    package: '.',
    folder: 'keyring',
  },
  { name: 'informer', module: 'k8s.io/client-go', version: 'v0.36.3', package: '.', folder: 'informer' },
  { name: 'etcd', module: 'go.etcd.io/etcd/server/v3', version: 'v3.6.5', package: 'go.etcd.io/etcd/server/v3' },
  { name: 'helm', module: 'helm.sh/helm/v4', version: 'v4.2.1', package: 'helm.sh/helm/v4/cmd/helm' },
  {
    name: 'helm3',
    module: 'helm.sh/helm/v3',
    version: 'v3.19.5',
    package: 'helm.sh/helm/v3/cmd/helm',
    // What upstream's Makefile sets: the version it tells, and the Kubernetes it assumes without a cluster.
    linkerFlags: [
      '-X helm.sh/helm/v3/internal/version.version=v3.19.5',
      '-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1',
      '-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34',
      '-X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMajor=1',
      '-X helm.sh/helm/v3/pkg/lint/rules.k8sVersionMinor=34',
    ],
  },
  {
    name: 'kustomize',
    module: 'sigs.k8s.io/kustomize/kustomize/v5',
    version: 'v5.8.1',
    package: 'sigs.k8s.io/kustomize/kustomize/v5',
    linkerFlags: ['-X sigs.k8s.io/kustomize/api/provenance.version=v5.8.1'],
  },
  // The release that Argo CD 3.6 is built with (its go.mod); it tells its version by itself.
  {
    name: 'jsonnet',
    module: 'github.com/google/go-jsonnet',
    version: 'v0.22.0',
    package: 'github.com/google/go-jsonnet/cmd/jsonnet',
  },
  // The newest command whose dependencies agree with each other; the version it tells is set as its Makefile does.
  {
    name: 'argocd',
    module: 'github.com/argoproj/argo-cd/v3',
    version: 'v3.2.6',
    package: 'github.com/argoproj/argo-cd/v3/cmd',
    linkerFlags: ['-X github.com/argoproj/argo-cd/v3/common.version=3.2.6'],
  },
  { name: 'wire', module: 'github.com/argoproj/argo-cd/v3', version: 'v3.2.6', package: '.', folder: 'wire' },
]
