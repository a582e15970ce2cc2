// Tokens, passwords and certificates that generators name: Secrets and ConfigMaps beside the ApplicationSet.
import { CapstanError } from '../../base/errors.ts'
import type { Secret } from '../../base/secret.ts'
import type { Message } from '../../crds/message-type.ts'
import type { GithubApp } from '../../source/tokens/github-app.ts'
import type { GeneratorContext, SecretContent } from '../contract.ts'

type SecretRef = Message<'SecretRef'>
type ConfigMapKeyRef = Message<'ConfigMapKeyRef'>

const SECRET_TYPE = 'argocd.argoproj.io/secret-type'
/** The control plane's own: the key that signs sessions, the first password, credentials of clusters and repositories. */
const OWN_NAMES: ReadonlySet<string> = new Set(['argocd-secret', 'argocd-initial-admin-secret'])
const OWN_TYPES: ReadonlySet<string> = new Set([
  'cluster',
  'repository',
  'repository-write',
  'repo-creds',
  'repo-write-creds',
  'registry',
])

/**
 * The value a reference names; undefined without one. In strict mode the Secret must be labelled `scm-creds`, so that nobody
 * who may write ApplicationSets can send other Secrets to a server of their own (argo-cd v3.5.1 `utils.GetSecretRef`). Those of
 * the control plane itself are refused in any mode, unlike upstream.
 */
export async function secretAt(ref: SecretRef | undefined, context: GeneratorContext): Promise<Secret | undefined> {
  if (ref === undefined) return undefined
  const { applicationSet, services, signal } = context
  const namespace = applicationSet.metadata.namespace ?? ''
  const { secretName, key } = ref
  const place = `${namespace}/${secretName}`
  const isControlNamespace = namespace === services.controlNamespace
  if (isControlNamespace && OWN_NAMES.has(secretName)) throw notAllowed(place)
  const secret = await readSecret(namespace, secretName, context)
  if (isControlNamespace && OWN_TYPES.has(secret.labels[SECRET_TYPE] ?? '')) throw notAllowed(place)
  if (services.scm.isTokenRefStrict && secret.labels[SECRET_TYPE] !== 'scm-creds') {
    const text = `secret ${place} is not a valid SCM creds secret: secret is not allowed to be accessed: label it ${SECRET_TYPE}: scm-creds`
    throw new CapstanError('forbidden', text)
  }
  signal.throwIfAborted()
  const value = secret.data.get(key)
  if (value !== undefined) return value
  throw new CapstanError('not-found', `key ${JSON.stringify(key)} in secret ${place} not found`)
}

function notAllowed(place: string): CapstanError {
  return new CapstanError(
    'forbidden',
    `secret ${place} belongs to the control plane: secret is not allowed to be accessed`,
  )
}

/** PEM certificates of a ConfigMap; undefined without a reference. */
export async function certificatesAt(
  ref: ConfigMapKeyRef | undefined,
  { applicationSet, services, signal }: GeneratorContext,
): Promise<string | undefined> {
  if (ref === undefined) return undefined
  const { configMapName, key } = ref
  const data = await services.readConfigMap(applicationSet.metadata.namespace ?? '', configMapName, signal)
  const doing = 'error fetching CA certificates from ConfigMap'
  if (data === undefined) throw new CapstanError('not-found', `${doing}: configmaps "${configMapName}" not found`)
  const text = data[key]
  if (text === undefined)
    throw new CapstanError('not-found', `${doing}: key ${key} not found in ConfigMap ${configMapName}`)
  return text
}

/** The GitHub App of a credential template's Secret in the control plane's namespace (upstream's GetAuthSecret). */
export async function githubAppAt(name: string, context: GeneratorContext): Promise<GithubApp> {
  const secret = await readSecret(context.services.controlNamespace, name, context)
  const text = (key: string): string => secret.data.get(key)?.reveal().trim() ?? ''
  const id = Number(text('githubAppID'))
  const privateKey = secret.data.get('githubAppPrivateKey')
  if (!Number.isSafeInteger(id) || id <= 0 || privateKey === undefined) {
    throw new CapstanError(
      'bad-input',
      `no github app found in secret ${name}: write githubAppID and githubAppPrivateKey`,
    )
  }
  const installationId = Number(text('githubAppInstallationID') || '0')
  if (!Number.isSafeInteger(installationId)) {
    throw new CapstanError('bad-input', `secret ${name}: githubAppInstallationID is no number`)
  }
  const baseUrl = text('githubAppEnterpriseBaseUrl')
  return {
    id,
    privateKey,
    ...(installationId === 0 ? {} : { installationId }),
    ...(baseUrl === '' ? {} : { baseUrl }),
  }
}

async function readSecret(
  namespace: string,
  name: string,
  { services, signal }: GeneratorContext,
): Promise<SecretContent> {
  const secret = await services.readSecret(namespace, name, signal)
  if (secret !== undefined) return secret
  throw new CapstanError('not-found', `error fetching secret ${namespace}/${name}: secrets "${name}" not found`)
}
