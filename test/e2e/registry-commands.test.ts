// `capstan registry` against `capstan up`, Debian's docker-registry and an ECR whose signatures botocore checks.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { ADMIN_PASSWORD } from '../support/control-plane.ts'
import { startHtpasswdRegistry } from '../support/docker-registry.ts'
import { startEcr } from '../support/ecr.ts'
import { createRepository, temporaryFolder } from '../support/git.ts'
import { capstan, startCapstan, type Finished } from '../support/processes.ts'
import { startSignatureJudge } from '../support/sigv4-verifier.ts'
import { until } from '../support/until.ts'

const READY = /Capstan is ready at http:\/\/(?<host>\S+)/
const PASSWORD = 'pä:ss hunter2'
const KEY = 'AKIAIOSFODNN7EXAMPLE'
const SECRET = 'wJalrXUtnFEMI/K7MDENG/hunter2'
const PATIENCE_MS = 120_000

interface Scene {
  /** Runs a command, whatever comes of it; `input` is typed. */
  readonly run: (words: string, input?: string) => Promise<Finished>
  /** One that has to end well; what it printed. */
  readonly ok: (words: string, input?: string) => Promise<string>
  readonly folder: string
  /** All that the server and the commands have printed. */
  readonly printed: () => string
}

async function scene(t: TestContext, more: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const folder = temporaryFolder(t)
  const dataDir = join(folder, 'data')
  const up = await startCapstan(t, ['up', '--data-dir', dataDir, '--port', '0'], READY, {
    env: { CAPSTAN_ADMIN_PASSWORD: ADMIN_PASSWORD, ...more },
  })
  const env = { HOME: folder, KUBECONFIG: join(dataDir, 'kubeconfig') }
  let printed = ''
  const run = async (words: string, input?: string): Promise<Finished> => {
    const done = await capstan(words.split(' '), { env, ...(input === undefined ? {} : { input }) })
    printed += done.stdout + done.stderr
    return done
  }
  const ok = async (words: string, input?: string): Promise<string> => {
    const { code, stdout, stderr } = await run(words, input)
    assert.equal(code, 0, `capstan ${words}: ${stdout}${stderr}`)
    return stdout
  }
  await ok(`login ${up.found.groups?.['host'] ?? ''} --plaintext --username admin`, `${ADMIN_PASSWORD}\n`)
  return { run, ok, folder, printed: () => up.output() + printed }
}

describe('capstan registry', { timeout: 280_000 }, () => {
  test('[000-01][000-06][000-10] adds a credential, shows who uses it, says what an image is pulled with, and forgets it', async (t) => {
    const registry = await startHtpasswdRegistry(t)
    registry.setPassword('u', PASSWORD)
    await registry.push({ user: 'u', password: PASSWORD }, 'team/app', '1')
    const { host } = registry
    const { run, ok, folder, printed } = await scene(t)

    const wrong = await run(`registry add ${host} --username u --password-stdin`, 'wrong\n')
    assert.equal(wrong.code, 20)
    assert.match(wrong.stderr, /refuses the login: .*401 Unauthorized/)
    const dry = await ok(`registry add ${host} --username u --password-stdin --dry-run`, `${PASSWORD}\n`)
    assert.match(dry, /password: '\*\*\*'/)
    await ok(`registry add ${host} --username u --name main`, `${PASSWORD}\n`)
    assert.match(await ok('registry list --test'), new RegExp(`^${host} +static +password +u +- +Successful`, 'm'))
    assert.match(await ok(`registry test ${host}`), /takes the login/)

    const container = { name: 'c', image: `${host}/team/app:1` }
    const labels = { app: 'web' }
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    }
    const repository = createRepository(join(folder, 'repository'))
    repository.commit({
      'web.yaml': JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec }),
    })
    const destination =
      '--dest-server https://kubernetes.default.svc --dest-namespace shop --sync-option CreateNamespace=true'
    await ok(`app create web --repo ${repository.url} --path . ${destination}`)
    await ok('app sync web')
    const active = new RegExp(`^${host} .*Active +1 +1 `, 'm')
    await until(
      'its use',
      () => ok('registry list'),
      (text) => active.test(text),
      PATIENCE_MS,
    )
    assert.match(await ok(`registry get ${host}`), /Applications: +argocd\/web\n[^]*CLUSTER +NAMESPACE\n\S+ +shop/)

    const byServer = await ok(`registry check ${host}/team/app:1 --app web`)
    assert.match(byServer, /Pulled: the registry takes the login of Secret argocd-image-pull-secret-[0-9a-f]+/)
    const checked = JSON.parse(await ok(`registry check ${host}/team/app:1 -n shop -o json`)) as object
    assert.partialDeepStrictEqual(checked, { result: 'Pulled', secrets: [{ state: 'Used', registries: [host] }] })
    const other = await run(`registry check ${host}/team/app:1 -n default`)
    assert.deepEqual([other.code, /^Refused: no pull secret is for/m.test(other.stdout)], [1, true], other.stdout)

    await ok(`registry rm ${host}`)
    assert.doesNotMatch(await ok('registry list'), /static/)
    assert.doesNotMatch(printed(), /hunter2/)
  })

  test('[003-06] logs in to ECR with keys of its own or those of the control plane, and tells AWS’ refusal', async (t) => {
    const judge = await startSignatureJudge(t)
    const ecr = await startEcr(t, { ttlSeconds: 3600, judge, hasRegistry: false })
    ecr.setKey(KEY, SECRET)
    ecr.setKey('AKIAOWNOWNOWNOWNOWN0', SECRET)
    const own = { AWS_ACCESS_KEY_ID: 'AKIAOWNOWNOWNOWNOWN0', AWS_SECRET_ACCESS_KEY: SECRET }
    const { run, ok, printed } = await scene(t, { ...ecr.env, ...own })
    const place = `${ecr.host} --aws-region ${ecr.region}`

    await ok(`registry add ${place} --aws-access-key-id ${KEY}`, `${SECRET}\n`)
    assert.match(await ok('registry list'), new RegExp(`^${ecr.host} +ecr +access-key +${KEY}`, 'm'))
    await ok(`registry add ${place} --upsert`)
    assert.match(await ok('registry list'), new RegExp(`^${ecr.host} +ecr +control-plane +-`, 'm'))
    const wrong = await run(`registry add ${place} --aws-access-key-id ${KEY} --upsert`, 'hunter2\n')
    assert.match(wrong.stderr, /InvalidSignatureException: The request signature we calculated does not match/)
    const lent = await run(`registry add ${place} --project default`)
    assert.match(lent.stderr, /would use the control plane's own identity/)

    assert.deepEqual(
      ecr.calls.map(({ accessKeyId, result }) => [accessKeyId, result]),
      [
        [KEY, '200'],
        ['AKIAOWNOWNOWNOWNOWN0', '200'],
        [KEY, 'InvalidSignatureException'],
      ],
    )
    assert.doesNotMatch(printed(), /hunter2/)
  })
})
