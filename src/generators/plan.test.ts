// Tests of plans: what is created, changed, kept and deleted under each policy, and what survives a change.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applicationSetOf } from '../../test/support/application-sets.ts'
import { type Application, parseApplication } from '../crds/application.ts'
import { createJqDeletion } from '../lang/jq/delete.ts'
import { type ChangePlan, planChanges } from './plan.ts'
import { type ApplicationsSyncPolicy, allowedBy, parsePolicy } from './policy.ts'
import { clusterOf, faultText, validateApplications } from './validate.ts'

const OWNER = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  name: 'set',
  uid: 'set-uid',
  controller: true,
  blockOwnerDeletion: true,
}

interface Parts {
  readonly metadata?: object
  readonly spec?: object
  readonly status?: object
}

function application(name: string, { metadata = {}, spec = {}, ...rest }: Parts = {}): Application {
  return parseApplication({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', ...metadata },
    spec: { project: 'default', destination: { name: 'in-cluster' }, source: { repoURL: 'r', path: name }, ...spec },
    ...rest,
  })
}

function owned(name: string, { metadata = {}, ...rest }: Parts = {}): Application {
  return application(name, {
    metadata: { ownerReferences: [OWNER], uid: name, resourceVersion: '7', ...metadata },
    ...rest,
  })
}

interface Scene {
  readonly spec?: object
  readonly policy?: ApplicationsSyncPolicy
  readonly preserved?: { readonly annotations: readonly string[]; readonly labels: readonly string[] }
}

function plan(generated: readonly Application[], live: readonly Application[], scene: Scene = {}): ChangePlan {
  const { spec = {}, policy = 'sync', preserved = { annotations: [], labels: [] } } = scene
  const applicationSet = applicationSetOf([], spec)
  return planChanges({
    applicationSet,
    generated,
    valid: generated,
    owned: live.filter(({ metadata }) => metadata.ownerReferences !== undefined),
    find: (name) => live.find(({ metadata }) => metadata.name === name),
    allowed: allowedBy(applicationSet.spec, { policy, isOverridable: true }),
    preserved,
    deleteByJq: createJqDeletion(),
  })
}

function summary({ create, update, unchanged, delete: gone }: ChangePlan): string {
  const names = (list: readonly Application[]): string => list.map(({ metadata }) => metadata.name).join()
  return `+${names(create)} ~${names(update.map(({ live }) => live))} =${names(unchanged)} -${names(gone)}`
}

const CHANGED = { spec: { source: { repoURL: 'r', path: 'elsewhere' } } }

test('the policy decides what may be done', () => {
  const generated = [application('new'), application('same'), application('changed', CHANGED)]
  const live = [owned('same'), owned('changed'), owned('gone')]
  const expected: readonly (readonly [ApplicationsSyncPolicy, string])[] = [
    ['sync', '+new ~changed =same -gone'],
    ['create-only', '+new ~ =changed,same -'],
    ['create-update', '+new ~changed =same -'],
    ['create-delete', '+new ~ =changed,same -gone'],
  ]
  for (const [policy, changes] of expected) {
    assert.equal(summary(plan(generated, live, { policy })), changes, policy)
    assert.equal(summary(plan(generated, live, { spec: { syncPolicy: { applicationsSync: policy } } })), changes)
  }
})

test('an own policy counts only where it may override the controller’s', () => {
  const { spec } = applicationSetOf([], { syncPolicy: { applicationsSync: 'create-only' } })

  assert.deepEqual(allowedBy(spec, { policy: 'sync', isOverridable: false }), { updates: true, deletes: true })
  assert.deepEqual(allowedBy(spec, { policy: 'sync', isOverridable: true }), { updates: false, deletes: false })
  assert.equal(parsePolicy(''), 'sync')
  assert.equal(parsePolicy('delete-all'), undefined)
})

test('creates Applications that the set owns', () => {
  const [created] = plan([application('new', { spec: { syncPolicy: {}, project: '' } })], []).create

  assert.deepEqual(created?.metadata.ownerReferences, [OWNER])
  assert.equal(created?.spec.project, 'default')
  assert.equal(created?.spec.syncPolicy, undefined)
})

test('empty blocks that controllers leave out are no change', () => {
  const source = {
    repoURL: 'r',
    path: 'a',
    helm: {},
    kustomize: { images: [] },
    directory: { recurse: false },
    targetRevision: '',
  }

  assert.equal(
    summary(plan([application('a', { spec: { source, syncPolicy: { syncOptions: [] } } })], [owned('a')])),
    '+ ~ =a -',
  )
  assert.equal(summary(plan([application('a', { spec: { syncPolicy: { automated: {} } } })], [owned('a')])), '+ ~a = -')
})

test('a change is a patch of what differs, and what others wrote survives', () => {
  const live = owned('a', {
    metadata: {
      labels: { mine: 'old', theirs: 'x', kept: 'l' },
      annotations: {
        'argocd.argoproj.io/refresh': 'hard',
        'notified.notifications.argoproj.io': '{}',
        theirs: 'x',
        kept: 'a',
      },
      finalizers: ['resources-finalizer.argocd.argoproj.io', 'post-delete-finalizer.argocd.argoproj.io/cleanup'],
    },
    status: { sync: { status: 'Synced' } },
  })
  const wanted = application('a', {
    ...CHANGED,
    metadata: { labels: { mine: 'new' }, finalizers: ['resources-finalizer.argocd.argoproj.io'] },
  })
  const spec = { preservedFields: { labels: ['kept'] } }

  const [change] = plan([wanted], [live], { spec, preserved: { annotations: ['kept'], labels: [] } }).update

  assert.deepEqual(change?.patch, {
    metadata: { annotations: { theirs: null }, labels: { mine: 'new', theirs: null } },
    spec: { source: { path: 'elsewhere' } },
  })
})

test('an Application without an owner is taken over, other references stay', () => {
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', uid: 'u' }
  const [change] = plan([application('a')], [application('a', { metadata: { ownerReferences: [other] } })]).update

  assert.deepEqual(change?.patch, { metadata: { ownerReferences: [other, OWNER] } })
})

test('ignored differences are left alone, by pointer, by jq and by name', () => {
  const live = [owned('a', CHANGED), owned('b', CHANGED)]
  const generated = [application('a'), application('b')]
  const rules: readonly (readonly [object, string])[] = [
    [{ jsonPointers: ['/spec/source/path'] }, '+ ~ =a,b -'],
    [{ jqPathExpressions: ['.spec.source | select(.repoURL == "r") | .path'] }, '+ ~ =a,b -'],
    [{ name: 'b', jsonPointers: ['/spec/source/path'] }, '+ ~a =b -'],
  ]
  for (const [rule, expected] of rules) {
    assert.equal(summary(plan(generated, live, { spec: { ignoreApplicationDifferences: [rule] } })), expected)
  }
  assert.throws(
    () => plan(generated, live, { spec: { ignoreApplicationDifferences: [{ jqPathExpressions: ['.['] }] } }),
    {
      code: 'bad-input',
    },
  )
})

test('validates names, projects and destinations in the words of upstream', () => {
  const set = applicationSetOf([])
  const clusters = [
    { name: 'in-cluster', server: 'https://kubernetes.default.svc' },
    { name: 'twin', server: 'https://a' },
    { name: 'twin', server: 'https://b' },
  ]
  const generated = [
    application('twice'),
    application('twice'),
    application('lost', { spec: { project: 'none' } }),
    application('far', { spec: { destination: { server: 'https://x' } } }),
    application('both', { spec: { destination: { server: 'https://a', name: 'twin' } } }),
    application('named', { spec: { destination: { name: 'nobody' } } }),
    application('torn', { spec: { destination: { name: 'twin' } } }),
    application('nowhere', { spec: { destination: {} } }),
    application('fine', { spec: { destination: { server: 'https://a/' } } }),
  ]
  const faults = validateApplications(generated, set, {
    hasProject: (name) => name === 'default',
    destinationFault: (destination) => clusterOf(destination, clusters).fault,
  })

  assert.deepEqual(Object.fromEntries(faults), {
    twice: 'ApplicationSet set contains applications with duplicate name: twice',
    lost: 'application references project none which does not exist',
    far: 'application destination spec is invalid: error getting cluster by server "https://x": rpc error: code = NotFound desc = cluster "https://x" not found',
    both: "application destination spec is invalid: application destination can't have both name and server defined: twin https://a",
    named: 'application destination spec is invalid: there are no clusters with this name: nobody',
    torn: 'application destination spec is invalid: there are 2 clusters with the same name: [https://a https://b]',
    nowhere: 'application destination spec is invalid: Destination server missing from app spec',
  })
  assert.equal(
    faultText(
      new Map([
        ['b', 'two'],
        ['a', 'one'],
      ]),
    ),
    'two (and 1 more)',
  )
  assert.equal(faultText(new Map()), undefined)
})
