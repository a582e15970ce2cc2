// Registries of images with the real argocd command: registered by their host alone, tried before they are kept, never shown.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { argocdLoggedIn, type Argocd } from '../support/argocd.ts'
import { ADMIN_PASSWORD } from '../support/control-plane.ts'
import { type DockerRegistry, startHtpasswdRegistry, startTokenRegistry } from '../support/docker-registry.ts'
import { temporaryFolder } from '../support/git.ts'
import { kubectlFor } from '../support/kubectl.ts'
import { startCapstan } from '../support/processes.ts'

const READY = /Capstan is ready at http:\/\/(?<host>\S+)/
const PASSWORD = 'pä:ss hunter2'

interface StoredSecret {
  readonly metadata: { readonly name: string }
  readonly data: Readonly<Record<string, string>>
}

interface Scene {
  readonly command: Argocd
  /** The Secrets of repositories. */
  readonly secrets: () => Promise<readonly StoredSecret[]>
  readonly output: () => string
}

async function scene(t: TestContext): Promise<Scene> {
  const dataDir = join(temporaryFolder(t), 'data')
  const env = { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD }
  const up = await startCapstan(t, ['up', '--data-dir', dataDir, '--port', '0'], READY, { env })
  const command = await argocdLoggedIn(t, up.found.groups?.['host'] ?? '', '--insecure')
  const kubectl = kubectlFor(t, join(dataDir, 'kubeconfig'), '')
  return {
    command,
    output: up.output,
    async secrets() {
      const label = 'argocd.argoproj.io/secret-type=repository'
      const { stdout } = await kubectl.run(`get secrets -n argocd -l ${label} -o json`)
      // kubectl's list of Secrets.
      return (JSON.parse(stdout) as { readonly items: readonly StoredSecret[] }).items
    },
  }
}

const kinds: readonly (readonly [string, (t: TestContext) => Promise<DockerRegistry>])[] = [
  ['Basic', startHtpasswdRegistry],
  ['token', startTokenRegistry],
]

describe('argocd repo, for a registry of images', { timeout: 280_000 }, () => {
  for (const [name, start] of kinds) {
    test(`[000-01][000-03][000-04] one behind ${name} login is added by its host alone, listed, changed and removed`, async (t) => {
      const registry = await start(t)
      registry.setPassword('my-user', PASSWORD)
      const { command, secrets, output } = await scene(t)
      const { host } = registry

      const wrong = await command.fails(`repo add ${host} --username my-user --password wrong`)
      assert.match(wrong, /the registry 127\.0\.0\.1:\d+ refuses the login: .*401 Unauthorized/)
      assert.deepEqual(await secrets(), [])

      const added = await command.ok(`repo add ${host} --username my-user --password`, PASSWORD)
      assert.match(added, /Repository '127\.0\.0\.1:\d+' added/)
      await command.ok(`repo add ${host} --username my-user --password`, PASSWORD)
      const list = await command.ok('repo list')
      assert.match(list, new RegExp(`^registry +${host} +false +false +false +true +Successful`, 'm'))
      assert.match(await command.ok(`repo get ${host}`), /^registry /m)
      const json = await command.ok('repo list -o json')
      assert.doesNotMatch(json + list + added, /hunter2/)

      const [stored] = await secrets()
      assert.match(stored?.metadata.name ?? '', /^repo-\d+$/)
      assert.equal(Buffer.from(stored?.data['password'] ?? '', 'base64').toString(), PASSWORD)

      registry.setPassword('my-user', 'another')
      // What was found is told again for a minute.
      assert.match(
        await command.ok('repo list --refresh hard'),
        /Failed +Unable to connect to repository: .*refuses the login/,
      )
      const differs = await command.fails(`repo add ${host} --username my-user --password another`)
      assert.match(
        differs,
        /existing repository spec is different; use upsert flag to force update; difference in keys \\?"Password\\?"/,
      )
      await command.ok(`repo add ${host} --username my-user --password another --upsert`)
      assert.match(await command.ok('repo list'), /Successful/)

      const app = `app create web --repo ${host} --path . --dest-namespace default --dest-server https://kubernetes.default.svc`
      await command.fails(app)
      await command.ok(`repo rm ${host}`)
      assert.doesNotMatch(await command.ok('repo list'), /registry/)
      assert.doesNotMatch(output(), /hunter2/)
    })
  }

  test('what is no registry is said to be none, and a project keeps its own login', async (t) => {
    const registry = await startHtpasswdRegistry(t)
    registry.setPassword('u', 'p')
    const { command } = await scene(t)

    assert.match(
      await command.fails('repo add 127.0.0.1:1 --username u --password p'),
      /does not answer: .*connection refused/,
    )
    assert.match(await command.fails(`repo add ${registry.host}`), /has no password/)
    assert.match(
      await command.fails('repo add https://127.0.0.1:1/x.git --username u --password p'),
      /error testing repository/,
    )
    await command.ok('proj create team')
    await command.ok(`repo add ${registry.host} --username u --password p --project team`)
    assert.match(await command.ok('repo list'), /^registry .* team$/m)
    const ambient = await command.fails('repo add 123456789012.dkr.ecr.eu-central-1.amazonaws.com --project team')
    assert.match(ambient, /would use the control plane's own identity/)
    await command.ok(`repo rm ${registry.host} --project team`)
  })
})
