// The NEW APP form: its fields, what they must hold, and the Application they make (001-36).

export interface NewApplicationForm {
  readonly name: string
  readonly project: string
  readonly labels: string
  readonly policy: 'manual' | 'automatic'
  readonly prune: boolean
  readonly selfHeal: boolean
  readonly syncOptions: readonly string[]
  readonly repoURL: string
  readonly revision: string
  readonly path: string
  readonly server: string
  readonly namespace: string
  readonly valueFiles: readonly string[]
}

export const IN_CLUSTER = 'https://kubernetes.default.svc'

/** The options the form offers, by upstream's names. */
export const SYNC_OPTIONS = ['CreateNamespace', 'PruneLast', 'ApplyOutOfSyncOnly', 'ServerSideApply'] as const

export const emptyForm: NewApplicationForm = {
  name: '',
  project: 'default',
  labels: '',
  policy: 'manual',
  prune: false,
  selfHeal: false,
  syncOptions: [],
  repoURL: '',
  revision: 'HEAD',
  path: '',
  server: IN_CLUSTER,
  namespace: '',
  valueFiles: [],
}

export type FormFault = 'required' | 'name' | 'labels'
export type FormFaults = Readonly<Partial<Record<keyof NewApplicationForm, FormFault>>>

/** Kubernetes' rule for names of resources (RFC 1123 subdomain). */
const NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const MAX_NAME_LENGTH = 253

/** What is wrong with the fields before the server is asked; the server has the last word. */
export function faultsOf(form: NewApplicationForm): FormFaults {
  const required = (['name', 'project', 'repoURL', 'path', 'server'] as const).filter(
    (field) => form[field].trim() === '',
  )
  const name = form.name.trim()
  const isNameWrong = name !== '' && (!NAME.test(name) || name.length > MAX_NAME_LENGTH)
  return {
    ...Object.fromEntries(required.map((field) => [field, 'required'])),
    ...(isNameWrong ? { name: 'name' } : {}),
    ...(labelsOf(form.labels) === undefined ? { labels: 'labels' } : {}),
  }
}

/** `a=b, c=d` as labels; undefined where it cannot be read. */
export function labelsOf(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((pair) => /^(?<name>[^=]+)=(?<value>[^=]*)$/.exec(pair)?.groups)
  if (pairs.includes(undefined)) return undefined
  return Object.fromEntries(pairs.map((pair) => [pair?.['name'] ?? '', pair?.['value'] ?? '']))
}

/** The Application to create. Fields that are empty are left out, so that the server's defaults hold. */
export function toApplication(form: NewApplicationForm): object {
  const labels = labelsOf(form.labels) ?? {}
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: form.name.trim(), ...(Object.keys(labels).length === 0 ? {} : { labels }) },
    spec: {
      project: form.project.trim(),
      source: {
        repoURL: form.repoURL.trim(),
        path: form.path.trim(),
        targetRevision: form.revision.trim() || 'HEAD',
        ...(form.valueFiles.length === 0 ? {} : { helm: { valueFiles: form.valueFiles } }),
      },
      destination: { ...clusterOf(form.server.trim()), namespace: form.namespace.trim() },
      ...policyOf(form),
    },
  }
}

/** The field takes an address or a cluster's name. */
function clusterOf(text: string): object {
  return text.includes('://') ? { server: text } : { name: text }
}

function policyOf({ policy, prune, selfHeal, syncOptions }: NewApplicationForm): object {
  if (policy === 'manual' && syncOptions.length === 0) return {}
  return {
    syncPolicy: {
      ...(policy === 'automatic' ? { automated: { prune, selfHeal } } : {}),
      ...(syncOptions.length === 0 ? {} : { syncOptions: syncOptions.map((option) => `${option}=true`) }),
    },
  }
}

/** Adds what was typed into a list field: several at once where separated by commas, none twice. */
export function addToList(list: readonly string[], typed: string): readonly string[] {
  const added = typed
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  return [...new Set([...list, ...added])]
}
