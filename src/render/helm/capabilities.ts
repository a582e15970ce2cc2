// What `.Capabilities` tells a chart: Kubernetes' version, the API versions there are, helm's version.
import { CapstanError } from '../../base/errors.ts'
import { quoteText } from '../../lang/go/quote.ts'
import { BOOL, GoStruct, GoTyped, pointerTo, sliceOf, STRING } from '../../lang/go/values.ts'
import type { GoType, GoValue } from '../../lang/go/values.ts'
import type { HelmVersion } from '../renderer.ts'
import type { HelmRules } from './rules.ts'

export interface Capabilities {
  /** As it was given, `v1.34.4-gke.1`. */
  readonly kubeVersion: string
  /** Its numbers, `v1.34.4`: what constraints are held against. */
  readonly plainVersion: string
  readonly major: string
  readonly minor: string
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

/** What helm v3.22.0 assumes. */
const HELM_3_KUBE_VERSION = 'v1.37.0'

/** What helm v3.22.0, made with a newer Kubernetes, knows instead. */
const HELM_3_API_VERSIONS: readonly string[] = DEFAULT_API_VERSIONS.flatMap((name) => {
  switch (name) {
    case 'networking.k8s.io/v1':
      return ['lifecycle.k8s.io/v1alpha1', name]
    case 'scheduling.k8s.io/v1alpha2':
      return ['scheduling.k8s.io/v1alpha3']
    case 'storagemigration.k8s.io/v1beta1':
      return ['storagemigration.k8s.io/v1', name]
    default:
      return [name]
  }
})

/** Capabilities for `--kube-version` and `--api-versions`, which are added to those helm knows. Throws `bad-input` for what is no version. */
export function capabilitiesOf(kubeVersion: string, apiVersions: readonly string[], rules: HelmRules): Capabilities {
  const isHelm3 = rules.version === '3'
  const assumed = isHelm3 ? HELM_3_KUBE_VERSION : DEFAULT_KUBE_VERSION
  const given = kubeVersion === '' ? assumed : kubeVersion
  const components = parseKubeVersion(given)
  const plainVersion = `v${components.join('.')}`
  return {
    kubeVersion: isHelm3 ? plainVersion : given.startsWith('v') ? given : `v${given}`,
    plainVersion,
    major: String(components[0]),
    minor: String(components[1]),
    apiVersions: [...(isHelm3 ? HELM_3_API_VERSIONS : DEFAULT_API_VERSIONS), ...apiVersions],
  }
}

/** Go's `\s` and `.`, which know fewer characters than JavaScript's. */
const KUBE_VERSION_TEXT = /^[\t\n\f\r ]*v?(?<numbers>[0-9]+(?:\.[0-9]+)*)[^\n]*$/

/** Two numbers or more, whatever stands behind them (apimachinery v0.36 version.ParseGeneric). */
function parseKubeVersion(text: string): readonly bigint[] {
  const quoted = quoteText(text)
  const numbers = KUBE_VERSION_TEXT.exec(text)?.groups?.['numbers']?.split('.')
  if (numbers === undefined) throw badVersion(text, `could not parse ${quoted} as version`)
  const [major = ''] = numbers
  if (numbers.length < 2) throw badVersion(text, `illegal version string ${quoted}`)
  if (major.startsWith('0') && major !== '0') {
    throw badVersion(text, `illegal zero-prefixed version component ${quoteText(major)} in ${quoted}`)
  }
  return numbers.map((number) => BigInt(number))
}

function badVersion(text: string, reason: string): CapstanError {
  return new CapstanError('bad-input', `invalid kube version '${text}': ${reason}`)
}

const STRING_FIELD = (name: string): { name: string; type: GoType } => ({ name, type: STRING })

interface CapabilityTypes {
  readonly kubeVersion: GoType
  readonly versionSet: GoType
  readonly capabilities: GoType
  /** What helm says of itself. */
  readonly helmVersion: GoStruct
}

function createTypes(typePackage: HelmRules['typePackage'], helmVersion: GoStruct): CapabilityTypes {
  const kubeVersion: GoType = {
    name: `${typePackage}.KubeVersion`,
    kind: 'struct',
    fields: ['Version', 'Major', 'Minor'].map(STRING_FIELD),
    methods: {
      GitVersion: { params: [], result: STRING, call: versionField },
      String: { params: [], result: STRING, call: plainText },
    },
    text: plainText,
    hasFieldsInJson: true,
  }
  const versionSet: GoType = {
    ...sliceOf(STRING),
    name: `${typePackage}.VersionSet`,
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
  const capabilities: GoType = {
    name: `${typePackage}.Capabilities`,
    kind: 'struct',
    fields: [
      { name: 'KubeVersion', type: kubeVersion },
      { name: 'APIVersions', type: versionSet },
      { name: 'HelmVersion', type: helmVersion.type },
    ],
  }
  return { kubeVersion, versionSet, capabilities, helmVersion }
}

/** What it prints as: its numbers alone. */
function plainText(value: GoValue): string {
  return value instanceof GoStruct && typeof value.payload === 'string' ? value.payload : ''
}

function versionField(value: GoValue): GoValue {
  return value instanceof GoStruct ? (value.fields.get('Version') ?? '') : ''
}

function buildInfo(entries: Readonly<Record<string, string>>): GoStruct {
  const fields = Object.keys(entries).map((name) => ({
    name,
    type: STRING,
    json: { name: JSON_NAMES[name] ?? name, omitEmpty: true },
  }))
  return new GoStruct({ name: 'version.BuildInfo', kind: 'struct', fields }, new Map(Object.entries(entries)))
}

const JSON_NAMES: Readonly<Record<string, string>> = {
  Version: 'version',
  GitCommit: 'git_commit',
  GitTreeState: 'git_tree_state',
  GoVersion: 'go_version',
  KubeClientVersion: 'kube_client_version',
}

const NO_COMMIT = { GitCommit: '', GitTreeState: '' } as const

const TYPES: Readonly<Record<HelmVersion, CapabilityTypes>> = {
  '4.2': createTypes(
    'common',
    buildInfo({ Version: 'v4.2.1', ...NO_COMMIT, GoVersion: 'go1.26.8', KubeClientVersion: 'v1.36' }),
  ),
  '3': createTypes('chartutil', buildInfo({ Version: 'v3.22.0', ...NO_COMMIT, GoVersion: 'go1.26.8' })),
}

/** The value of `.Capabilities`. */
export function capabilitiesValue(capabilities: Capabilities, rules: HelmRules): GoValue {
  const types = TYPES[rules.version]
  const kubeVersion = new GoStruct(
    types.kubeVersion,
    new Map<string, GoValue>([
      ['Version', capabilities.kubeVersion],
      ['Major', capabilities.major],
      ['Minor', capabilities.minor],
    ]),
    capabilities.plainVersion,
  )
  const fields = new Map<string, GoValue>([
    ['KubeVersion', kubeVersion],
    ['APIVersions', new GoTyped(types.versionSet, [...capabilities.apiVersions])],
    ['HelmVersion', types.helmVersion],
  ])
  const struct = new GoStruct(types.capabilities, fields)
  return new GoTyped(pointerTo(types.capabilities), struct)
}
