// Secrets of type kubernetes.io/service-account-token: they are filled with a token, and go with their account (pkg/controller/serviceaccount/tokens_controller.go, v1.36).
import type { Informer } from '../../../kube/client/informer.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Controller } from '../../../reconcile/controller.ts'
import { enqueueOnChange } from '../../../reconcile/enqueue.ts'
import type { ReconcileResult } from '../../../reconcile/outcome.ts'
import { requestFor, type Request } from '../../../reconcile/request.ts'
import { refOf, workloadController, type WorkloadContext } from '../kit/context.ts'

const TYPE = 'kubernetes.io/service-account-token'
const ACCOUNT_NAME = 'kubernetes.io/service-account.name'
const ACCOUNT_UID = 'kubernetes.io/service-account.uid'
/** The longest a token may be asked for (2^32 s, 136 years): these have no end upstream. They are void without their Secret. */
const TOKEN_SECONDS = 2 ** 32

interface Secret extends KubeObject {
  readonly type?: string
  readonly data?: Readonly<Record<string, string>>
}

interface Room {
  readonly context: WorkloadContext
  readonly secrets: Informer<Secret>
  readonly accounts: Informer
}

/** Fills token Secrets and deletes those whose account is gone. */
export async function createTokenSecretController(context: WorkloadContext): Promise<Controller> {
  const [secrets, accounts] = await Promise.all([
    context.informers.of<Secret>({ group: '', kind: 'Secret' }),
    context.informers.of({ group: '', kind: 'ServiceAccount' }),
  ])
  const room: Room = { context, secrets, accounts }
  const controller = workloadController(context, {
    name: 'service-account-tokens',
    reconcile: (request) => reconcileSecret(room, request),
  })
  enqueueOnChange(secrets, controller, ({ object }) => (object.type === TYPE ? [requestFor(object)] : []))
  accounts.onChange(({ type, object }) => {
    if (type === 'MODIFIED') return
    for (const secret of secrets.list()) {
      if (secret.metadata.namespace === object.metadata.namespace && accountOf(secret) === object.metadata.name) {
        controller.enqueue(requestFor(secret))
      }
    }
  })
  return controller
}

function accountOf({ type, metadata }: Secret): string | undefined {
  return type === TYPE ? metadata.annotations?.[ACCOUNT_NAME] : undefined
}

async function reconcileSecret(room: Room, { namespace, name }: Request): Promise<ReconcileResult> {
  const { context, secrets, accounts } = room
  const secret = secrets.get(namespace, name)
  const accountName = secret === undefined ? undefined : accountOf(secret)
  if (secret === undefined || accountName === undefined || secret.metadata.deletionTimestamp !== undefined)
    return 'done'
  // Asked of the server: a cache that lags must not cost anybody a Secret.
  const account = await context.client.get({ type: accounts.type, namespace, name: accountName })
  const uid = secret.metadata.annotations?.[ACCOUNT_UID] ?? ''
  if (account === undefined || (uid !== '' && uid !== account.metadata.uid)) {
    await context.client.delete(refOf(secrets.type, secret), { preconditions: { uid: secret.metadata.uid ?? '' } })
    return 'done'
  }
  await fill(room, secret, account)
  return 'done'
}

async function fill({ context, secrets, accounts }: Room, secret: Secret, account: KubeObject): Promise<void> {
  const { client, rootCertificate = '' } = context
  const { data = {}, metadata } = secret
  const wanted = {
    'ca.crt': base64(rootCertificate),
    namespace: base64(metadata.namespace ?? ''),
    token: data['token'] ?? '',
  }
  const isNamed = metadata.annotations?.[ACCOUNT_UID] === account.metadata.uid
  const isFull = wanted.token !== '' && data['ca.crt'] === wanted['ca.crt'] && data['namespace'] === wanted.namespace
  if (isNamed && isFull) return
  const token =
    wanted.token === '' ? base64(await issue({ context, secrets, accounts }, secret, account)) : wanted.token
  const annotations = { ...metadata.annotations, [ACCOUNT_UID]: account.metadata.uid ?? '' }
  const filled = { ...secret, metadata: { ...metadata, annotations }, data: { ...data, ...wanted, token } }
  await client.update(refOf(secrets.type, secret), filled as KubeObject)
}

/** A token that holds as long as the Secret does. */
async function issue({ context, accounts }: Room, secret: Secret, account: KubeObject): Promise<string> {
  const { namespace = '', name = '', uid = '' } = secret.metadata
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: { namespace, name: account.metadata.name ?? '' },
    spec: {
      audiences: [],
      expirationSeconds: TOKEN_SECONDS,
      boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name, uid },
    },
  }
  const issued = await context.client.create(accounts.type, request, { subresource: 'token' })
  return (issued as KubeObject & { readonly status?: { readonly token?: string } }).status?.token ?? ''
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
