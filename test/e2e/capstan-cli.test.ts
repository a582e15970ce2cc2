// The same words to the real `argocd` and to `capstan`, at one server: what they print and how they end is compared.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { argocd } from '../support/argocd.ts'
import { commandLine } from '../support/command-line.ts'
import { ADMIN_PASSWORD } from '../support/control-plane.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { startCapstan, type Finished } from '../support/processes.ts'

const TIMEOUT_MS = 580_000
const READY = /Capstan is ready at http:\/\/(?<host>\S+)/
const IN_CLUSTER = 'https://kubernetes.default.svc'

interface Two {
  readonly repository: string
  readonly folder: string
  /** Gives both the same words and compares; `NAME` is a name of each program's own. */
  same(words: string, ...more: readonly string[]): Promise<void>
  /** The same, where both have to fail with this code. */
  fails(code: number, words: string, ...more: readonly string[]): Promise<void>
  /** Gives both the words, whatever they print: what makes the state that is compared afterwards. */
  both(words: string, ...more: readonly string[]): Promise<void>
}

async function scene(t: TestContext): Promise<Two> {
  const folder = temporaryFolder(t)
  const repository = createRepository(join(folder, 'repository'))
  repository.commit({
    'web/map.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: colors}\ndata: {color: red}\n',
  })
  const up = await startCapstan(t, ['up', '--data-dir', join(folder, 'data'), '--port', '0'], READY, {
    env: { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD },
  })
  const host = up.found.groups?.['host'] ?? ''
  const [theirs, ours] = [argocd(t), commandLine(t)]
  await theirs.ok(`login ${host} --insecure --username admin --password`, ADMIN_PASSWORD)
  await ours.ok(`login ${host} --insecure --username admin --password`, ADMIN_PASSWORD)
  const run = async (words: readonly string[]): Promise<readonly [Finished, Finished]> => [
    await theirs.run(words.map((word) => word.replaceAll('NAME', 'name-a'))),
    await ours.run(words.map((word) => word.replaceAll('NAME', 'name-b'))),
  ]
  return {
    repository: repository.url,
    folder,
    async same(words, ...more) {
      const [a, b] = await run([...words.split(' '), ...more])
      assert.deepEqual([b.code, normal(b.stdout)], [a.code, normal(a.stdout)], `${words}: ${a.stderr}${b.stderr}`)
      assert.equal(a.code, 0, `${words}: ${a.stderr}`)
    },
    async fails(code, words, ...more) {
      const [a, b] = await run([...words.split(' '), ...more])
      assert.deepEqual([a.code, b.code], [code, code], `${words}: ${a.stderr}${b.stderr}`)
      // argocd writes a line of JSON with the gRPC code before the text.
      const { msg = '' } = JSON.parse(a.stderr.trim().split('\n').at(-1) ?? '{}') as { readonly msg?: string }
      assert.equal(normal(b.stderr), normal(`capstan: ${msg.replace(/^rpc error: code = \w+ desc = /, '')}\n`))
    },
    async both(words, ...more) {
      for (const { code, stderr } of await run([...words.split(' '), ...more]))
        assert.equal(code, 0, `${words}: ${stderr}`)
    },
  }
}

/** Names, times, ids and tokens are each program's own, and so is how wide a column of them is. */
function normal(text: string): string {
  return text
    .replaceAll(/name-[ab]/g, 'name')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d| \+\d{4} \S+)/g, 'TIME')
    .replaceAll(/\((?:now|\d+ (?:second|minute|hour)s? (?:ago|from now))\)/g, '(AGO)')
    .replaceAll(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\b1[78]\d{8}\b/g, 'SECONDS')
    .replaceAll(/eyJ[\w.-]+/g, 'TOKEN')
    .replaceAll(/(?<=resourceVersion"?: ")\d+/g, 'N')
    .replaceAll(/(?<=\S) {2,}/g, '  ')
}

/** What is printed as JSON means the same in any order, and whether the kind is told. */
function plainJson(text: string): unknown {
  const withoutHead = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(withoutHead)
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.entries(value).filter(([name]) => !['kind', 'apiVersion', 'status', 'uid'].includes(name))
    return Object.fromEntries(fields)
  }
  return withoutHead(JSON.parse(normal(text)))
}

describe('capstan beside argocd', { timeout: TIMEOUT_MS }, () => {
  test('says and does the same', async (t) => {
    const two = await scene(t)

    await t.test('about projects', async () => {
      await two.same('proj create NAME -d s1,n1 -d s2,n2 -s https://git.example/a.git --description shop')
      await two.same('proj set NAME --orphaned-resources-warn=false --signature-keys 4AEE18F83AFDEB23,4AEE18F83AFDEB24')
      await two.same('proj add-source NAME https://git.example/a')
      await two.same('proj add-source NAME https://git.example/b')
      await two.same('proj remove-source NAME https://git.example/none')
      await two.same('proj add-destination NAME c1 n3 --name')
      await two.fails(1, 'proj add-destination NAME c1 n3 --name')
      await two.fails(1, 'proj remove-destination NAME s9 n9')
      await two.both('proj allow-cluster-resource NAME apps Thing')
      await two.both('proj deny-namespace-resource NAME apps Deployment')
      await two.same('proj add-orphaned-ignore NAME', '', 'Secret', '--name', 'x*')
      await two.same('proj add-source-namespace NAME team')
      await two.same('proj add-destination-service-account NAME s1 n1 deployer --service-account-namespace q')
      await two.same('proj role create NAME ci --description robots')
      await two.same('proj role create NAME ci')
      await two.same('proj role add-policy NAME ci -a sync -o web*')
      await two.same('proj role add-group NAME ci team')
      await two.same('proj role create-token NAME ci -e 1h')
      await two.same('proj role list NAME')
      await two.same('proj role get NAME ci')
      await two.same('proj role list-tokens NAME ci')
      await two.fails(20, 'proj role get NAME none')
      await two.fails(20, 'proj role create-token NAME none')
      await two.same('proj windows add NAME -k allow --duration 1h --applications a,b --schedule', '0 22 * * *')
      await two.same('proj windows update NAME 0 --description night')
      await two.same('proj windows enable-manual-sync NAME 0')
      await two.fails(20, 'proj windows add NAME')
      await two.fails(20, 'proj windows delete NAME 7')
      await two.same('proj get NAME')
      await two.same('proj windows list NAME -o yaml')
      await two.same('proj role delete NAME ci')
      await two.same('proj list -o name')
      await two.same('proj list')
      await two.fails(20, 'proj get nobody')
    })

    await t.test('about repositories, certificates and keys', async () => {
      const hosts = join(two.folder, 'hosts')
      writeFileSync(hosts, `git.example,other.example ssh-ed25519 ${ED25519}\n`)
      await two.same(`repo add ${two.repository} --name here --upsert`)
      await two.same('repo list')
      await two.same(`repo get ${two.repository} -o yaml`)
      await two.same('repo list -o url')
      await two.fails(20, `repo add ${two.repository} --ssh-private-key-path ${hosts}`)
      await two.same('repocreds add https://NAME.example/ --username u --password p')
      await two.same('repocreds list')
      await two.same('repocreds rm https://NAME.example/')
      await two.both(`cert add-ssh --batch --from ${hosts}`)
      await two.same('cert list --cert-type ssh --hostname-pattern *.example')
      await two.same('cert list --sort type')
      await two.same('cert rm nobody.example')
      await two.same('gpg list')
      await two.fails(20, 'gpg get 4AEE18F83AFDEB23')
    })

    await t.test('about clusters and accounts', async () => {
      await two.same('cluster list -o server')
      await two.same('cluster get in-cluster -o wide')
      await two.fails(20, 'cluster get nobody')
      await two.same('account list')
      await two.same('account get')
      await two.same('account get-user-info')
      await two.same('account can-i sync applications *')
      await two.fails(20, 'account generate-token')
    })

    await t.test('about applications', async () => {
      const place = `--repo ${two.repository} --path web --dest-server ${IN_CLUSTER} --dest-namespace NAME`
      await two.same(`app create NAME ${place} --sync-option CreateNamespace=true --sync-retry-limit 2`)
      await two.same('app diff NAME --exit-code=false')
      await two.both('app sync NAME')
      await two.both('app wait NAME --timeout 60')
      await two.same('app get NAME')
      await two.same('app history NAME')
      await two.same('app manifests NAME')
      await two.same('app resources NAME')
      await two.both('app patch NAME --type merge --patch', '{"spec":{"revisionHistoryLimit":5}}')
      await two.same('app set NAME --directory-recurse')
      await two.both('app patch-resource NAME --kind ConfigMap --resource-name colors --patch', '{"data":{"b":"1"}}')
      await two.fails(20, 'app delete-resource NAME --kind ConfigMap --resource-name nothing')
      await two.same('app get-resource NAME --kind ConfigMap --filter-fields data.color')
      await two.fails(20, 'app terminate-op NAME')
      await two.fails(20, 'app remove-source NAME --source-position 1')
      await two.same('app list -o name -l a=b')
      await two.same('app confirm-deletion NAME')
      await two.both('app delete NAME --yes --wait')
      await two.fails(20, 'app get NAME')
    })
  })

  test('a login of either program is one of the other', async (t) => {
    const folder = temporaryFolder(t)
    const up = await startCapstan(t, ['up', '--data-dir', join(folder, 'data'), '--port', '0'], READY, {
      env: { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD },
    })
    const host = up.found.groups?.['host'] ?? ''
    const [theirs, ours] = [argocd(t), commandLine(t)]
    const env = { ARGOCD_CONFIG_DIR: join(folder, 'config') }
    const login = ['login', host, '--insecure', '--username', 'admin', '--password', ADMIN_PASSWORD]

    assert.equal((await ours.run([...login, '--name', 'here'], { env })).code, 0)
    assert.match((await theirs.run(['account', 'get-user-info'], { env })).stdout, /Username: admin/)
    assert.equal((await theirs.run([...login, '--name', 'there'], { env })).code, 0)
    assert.match((await ours.run(['account', 'get-user-info'], { env })).stdout, /Username: admin/)
    assert.equal((await ours.run(['context', '-'], { env })).code, 20)
    assert.match((await ours.run(['context', 'here'], { env })).stdout, /Switched to context 'here'/)
    assert.match((await ours.run(['context', '-'], { env })).stdout, /Switched to context 'there'/)
    const token = (await ours.run(['account', 'session-token'], { env })).stdout.trim()
    assert.equal((await ours.run(['logout', 'there'], { env })).stdout, "Logged out from 'there'\n")
    assert.match((await theirs.run(['context'], { env })).stdout, /\* +there/)
    // The session ended on the server too.
    const after = await ours.run(['app', 'list', '--server', host, '--insecure', '--auth-token', token], { env })
    assert.equal(after.code, 20)
    assert.match(after.stderr, /token is revoked/)
    assert.match((await ours.run(['relogin', '--argocd-context', 'here'], { env })).stderr, /nobody was logged in/)
    assert.equal((await theirs.run(['context', 'here', '--delete'], { env })).code, 0)
    assert.doesNotMatch((await ours.run(['context'], { env })).stdout, /here/)
  })

  test('--core works on the cluster of the kubeconfig without a server or a password', async (t) => {
    const folder = temporaryFolder(t)
    const data = join(folder, 'data')
    await startCapstan(t, ['up', '--data-dir', data, '--port', '0'], READY)
    const ours = commandLine(t)
    const env = { KUBECONFIG: join(data, 'kubeconfig') }
    const core = async (words: string): Promise<string> => {
      const { code, stdout, stderr } = await ours.run([...words.split(' '), '--core'], { env })
      assert.equal(code, 0, `${words}: ${stderr}`)
      return stdout
    }

    assert.match(await core('proj list -o name'), /^default$/m)
    await core('proj create web')
    assert.match(await core('proj list -o name'), /^web$/m)
    assert.match(await core('account get-user-info'), /Username: admin/)
    assert.match(await core('login'), /Context 'kubernetes' updated/)
    assert.match((await ours.run(['proj', 'list', '-o', 'name'], { env })).stdout, /^web$/m)
  })
})

const ED25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl'

test('answers as JSON carry what argocd prints', { timeout: TIMEOUT_MS }, async (t) => {
  const folder = temporaryFolder(t)
  const up = await startCapstan(t, ['up', '--data-dir', join(folder, 'data'), '--port', '0'], READY, {
    env: { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD },
  })
  const host = up.found.groups?.['host'] ?? ''
  const [theirs, ours] = [argocd(t), commandLine(t)]
  for (const one of [theirs, ours]) await one.ok(`login ${host} --insecure --username admin --password`, ADMIN_PASSWORD)

  for (const words of ['proj get default -o json', 'proj list -o json', 'cert list -o json', 'repo list -o json']) {
    assert.deepEqual(plainJson(await ours.ok(words)), plainJson(await theirs.ok(words)), words)
  }
})
