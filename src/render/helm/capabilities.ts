// What `.Capabilities` tells a chart: Kubernetes' version, the API versions there are, helm's version.
import { CapstanError } from '../../base/errors.ts'
import { tryParseVersion } from '../../lang/semver/version.ts'
import { BOOL, GoStruct, GoTyped, pointerTo, sliceOf, STRING, stringOf, typeOf } from '../../lang/go/values.ts'
import type { GoType, GoValue } from '../../lang/go/values.ts'

export interface Capabilities {
  /** `v1.34.0` */
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
}

/** The version helm v4.2.1 assumes without a cluster. */
const DEFAULT_KUBE_VERSION = 'v1.36.0'

/** The API versions that helm v4.2.1 knows without a cluster (Kubernetes' scheme and apiextensions, in its order). */
const DEFAULT_API_VERSIONS: readonly string[] = (
  'v1 admissionregistration.k8s.io/v1 admissionregistration.k8s.io/v1alpha1 admissionregistration.k8s.io/v1beta1 ' +
  'internal.apiserver.k8s.io/v1alpha1 apps/v1 apps/v1beta1 apps/v1beta2 authentication.k8s.io/v1 ' +
  'authentication.k8s.io/v1alpha1 authentication.k8s.io/v1beta1 authorization.k8s.io/v1 authorization.k8s.io/v1beta1 ' +
  'autoscaling/v1 autoscaling/v2 batch/v1 batch/v1beta1 certificates.k8s.io/v1 certificates.k8s.io/v1beta1 ' +
  'certificates.k8s.io/v1alpha1 coordination.k8s.io/v1alpha2 coordination.k8s.io/v1beta1 coordination.k8s.io/v1 ' +
  'discovery.k8s.io/v1 discovery.k8s.io/v1beta1 events.k8s.io/v1 events.k8s.io/v1beta1 extensions/v1beta1 ' +
  'flowcontrol.apiserver.k8s.io/v1 flowcontrol.apiserver.k8s.io/v1beta1 flowcontrol.apiserver.k8s.io/v1beta2 ' +
  'flowcontrol.apiserver.k8s.io/v1beta3 networking.k8s.io/v1 networking.k8s.io/v1beta1 node.k8s.io/v1 ' +
  'node.k8s.io/v1alpha1 node.k8s.io/v1beta1 policy/v1 policy/v1beta1 rbac.authorization.k8s.io/v1 ' +
  'rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1alpha1 resource.k8s.io/v1 resource.k8s.io/v1beta2 ' +
  'resource.k8s.io/v1beta1 resource.k8s.io/v1alpha3 scheduling.k8s.io/v1alpha2 scheduling.k8s.io/v1beta1 ' +
  'scheduling.k8s.io/v1 storage.k8s.io/v1beta1 storage.k8s.io/v1 storage.k8s.io/v1alpha1 ' +
  'storagemigration.k8s.io/v1beta1 apiextensions.k8s.io/v1beta1 apiextensions.k8s.io/v1'
).split(' ')

/** Capabilities for `--kube-version` and `--api-versions`, which are added to those helm knows. Throws `bad-input` for what is no version. */
export function capabilitiesOf(kubeVersion: string, apiVersions: readonly string[]): Capabilities {
  const version = tryParseVersion(kubeVersion === '' ? DEFAULT_KUBE_VERSION : kubeVersion)
  if (version === undefined)
    throw new CapstanError('bad-input', `invalid kube version '${kubeVersion}': Invalid Semantic Version`)
  const { major, minor, patch, prerelease, metadata } = version
  const suffix = (prerelease === '' ? '' : `-${prerelease}`) + (metadata === '' ? '' : `+${metadata}`)
  return {
    kubeVersion: `v${major}.${minor}.${patch}${suffix}`,
    apiVersions: [...DEFAULT_API_VERSIONS, ...apiVersions],
  }
}

const STRING_FIELD = (name: string): { name: string; type: GoType } => ({ name, type: STRING })

const KUBE_VERSION: GoType = {
  name: 'common.KubeVersion',
  kind: 'struct',
  fields: ['Version', 'Major', 'Minor'].map(STRING_FIELD),
  methods: {
    GitVersion: { params: [], result: STRING, call: versionField },
    String: { params: [], result: STRING, call: versionField },
  },
  text: (value) => stringOf(versionField(value)) ?? '',
}

function versionField(value: GoValue): GoValue {
  return value instanceof GoStruct ? (value.fields.get('Version') ?? '') : ''
}

const VERSION_SET: GoType = {
  ...sliceOf(STRING),
  name: 'common.VersionSet',
  isNamed: true,
  methods: {
    Has: {
      params: [STRING],
      result: BOOL,
      call: (self, [wanted]) =>
        self instanceof GoTyped && Array.isArray(self.value) && self.value.includes(wanted ?? null),
    },
  },
}

const BUILD_INFO: GoType = {
  name: 'version.BuildInfo',
  kind: 'struct',
  fields: ['Version', 'GitCommit', 'GitTreeState', 'GoVersion', 'KubeClientVersion'].map(STRING_FIELD),
}

/** What helm v4.2.1 says of itself. */
const HELM_VERSION: GoStruct = new GoStruct(
  BUILD_INFO,
  new Map<string, GoValue>([
    ['Version', 'v4.2.1'],
    ['GitCommit', ''],
    ['GitTreeState', ''],
    ['GoVersion', 'go1.26.8'],
    ['KubeClientVersion', 'v1.36'],
  ]),
)

const CAPABILITIES: GoType = {
  name: 'common.Capabilities',
  kind: 'struct',
  fields: [
    { name: 'KubeVersion', type: KUBE_VERSION },
    { name: 'APIVersions', type: VERSION_SET },
    { name: 'HelmVersion', type: BUILD_INFO },
  ],
}

/** The value of `.Capabilities`. */
export function capabilitiesValue(capabilities: Capabilities): GoValue {
  const version = tryParseVersion(capabilities.kubeVersion)
  const kubeVersion = new GoStruct(
    KUBE_VERSION,
    new Map<string, GoValue>([
      ['Version', capabilities.kubeVersion],
      ['Major', String(version?.major ?? '')],
      ['Minor', String(version?.minor ?? '')],
    ]),
  )
  const fields = new Map<string, GoValue>([
    ['KubeVersion', kubeVersion],
    ['APIVersions', new GoTyped(VERSION_SET, [...capabilities.apiVersions])],
    ['HelmVersion', HELM_VERSION],
  ])
  const struct = new GoStruct(CAPABILITIES, fields)
  return new GoTyped(pointerTo(typeOf(struct) ?? CAPABILITIES), struct)
}
