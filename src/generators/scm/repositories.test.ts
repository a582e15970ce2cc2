// Repositories as each forge's API gives them, over several pages, become parameters.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Page, startForge, TOKEN_REF } from '../../../test/support/forge-scene.ts'

const SHA = '0123456789abcdef0123456789abcdef01234567'
const GO = { spec: { goTemplate: true } }

/** The parameters that differ between forges. */
function brief(parameters: unknown): unknown {
  assert.ok(Array.isArray(parameters))
  return parameters.map((one) => {
    const { organization, repository, repository_id: id, url, branch, sha, labels } = Object(one)
    return [organization, repository, id, url, branch, sha, labels]
  })
}

const githubRepository = (name: string, more: object = {}): object => ({
  id: 42,
  name,
  owner: { login: 'acme' },
  ssh_url: `git@github.com:acme/${name}.git`,
  clone_url: `https://github.com/acme/${name}.git`,
  default_branch: 'main',
  topics: ['web', 'prod'],
  ...more,
})

describe('GitHub', () => {
  test('gives all parameters of the default branch of each repository, page by page', async (t) => {
    const forge = await startForge(t, ({ path, headers }) => {
      if (headers.authorization !== 'Bearer s3cret') return { status: 401, body: { message: 'Bad credentials' } }
      const next = { link: `<${forge.url}/api/v3/orgs/acme/repos?per_page=100&page=2>; rel="next"` }
      switch (path) {
        case '/api/v3/orgs/acme/repos?per_page=100':
          return { body: [githubRepository('shop')], headers: next }
        case '/api/v3/orgs/acme/repos?per_page=100&page=2':
          return { body: [githubRepository('empty'), githubRepository('cart', { default_branch: 'rel/1.x' })] }
        case '/api/v3/repos/acme/shop/branches/main':
        case '/api/v3/repos/acme/cart/branches/rel%2F1.x':
          return { body: { name: decodeURIComponent(path.slice(path.lastIndexOf('/') + 1)), commit: { sha: SHA } } }
        default:
          return { status: 404, body: { message: 'Branch not found' } }
      }
    })
    const github = { organization: 'acme', api: forge.url, tokenRef: TOKEN_REF }

    const given = await forge.generate(
      { scmProvider: { github, values: { dir: '{{ .repository }}-{{ .short_sha }}' } } },
      GO,
    )

    assert.ok(Array.isArray(given))
    assert.deepEqual(given[0], {
      organization: 'acme',
      repository: 'shop',
      repository_id: 42,
      url: 'git@github.com:acme/shop.git',
      branch: 'main',
      sha: SHA,
      short_sha: '01234567',
      short_sha_7: '0123456',
      labels: 'web,prod',
      branchNormalized: 'main',
      values: { dir: 'shop-01234567' },
    })
    assert.deepEqual(
      given.map((one) => Object(one).branchNormalized),
      ['main', 'rel-1.x'],
    )
  })

  test('gives all branches, without archived repositories, cloned by https, as flat texts', async (t) => {
    const forge = await startForge(t, {
      '/api/v3/orgs/acme/repos?per_page=100': [githubRepository('shop'), githubRepository('old', { archived: true })],
      '/api/v3/repos/acme/shop/branches?per_page=100': [
        { name: 'main', commit: { sha: SHA } },
        { name: 'dev', commit: { sha: SHA } },
      ],
    })
    const github = { organization: 'acme', api: `${forge.url}/`, allBranches: true, excludeArchivedRepos: true }

    const given = await forge.generate({
      scmProvider: { github, cloneProtocol: 'https', values: { id: 'x{{repository_id}}' } },
    })

    assert.deepEqual(brief(given), [
      ['acme', 'shop', '42', 'https://github.com/acme/shop.git', 'main', SHA, 'web,prod'],
      ['acme', 'shop', '42', 'https://github.com/acme/shop.git', 'dev', SHA, 'web,prod'],
    ])
    assert.equal(Object(given)[0]['values.id'], 'x42')
  })

  test('is asked with the token of an app for the organization', async (t) => {
    const forge = await startForge(t, ({ headers }) => {
      const isOurs = headers.authorization === 'Bearer installation of acme by 7'
      return isOurs ? { body: [] } : { status: 401 }
    })
    const { Secret } = await import('../../base/secret.ts')
    const app = { githubAppID: '7', githubAppPrivateKey: 'PEM', githubAppEnterpriseBaseUrl: forge.url }
    const data = new Map(Object.entries(app).map(([key, text]) => [key, new Secret(text)]))

    const given = await forge.generate(
      { scmProvider: { github: { organization: 'acme', appSecretName: 'app' } } },
      {
        services: { readSecret: async (namespace, name) => (`${namespace}/${name}` === 'argocd/app' ? { labels: {}, data } : undefined) }, // prettier-ignore
        forges: { githubTokens: async ({ id }, owner) => new Secret(`installation of ${owner} by ${id}`) },
      },
    )

    assert.deepEqual(given, [])
    assert.deepEqual(
      forge.asked.map(({ path }) => path),
      ['/api/v3/orgs/acme/repos?per_page=100'],
    )
  })
})

describe('filters', () => {
  const repositories = ['shop', 'cart', 'docs'].map((name) =>
    githubRepository(name, name === 'docs' ? { topics: [] } : {}),
  )
  const answers: Record<string, unknown> = { '/api/v3/orgs/acme/repos?per_page=100': repositories }
  for (const name of ['shop', 'cart', 'docs']) {
    const path = `/api/v3/repos/acme/${name}`
    answers[`${path}/branches?per_page=100`] = ['main', 'env/prod'].map((branch) => ({ name: branch, commit: { sha: SHA } })) // prettier-ignore
    answers[`${path}/contents/deploy/chart?ref=main`] = [{ name: 'Chart.yaml' }]
  }
  answers['/api/v3/repos/acme/cart/contents/skip.txt?ref=main'] = { name: 'skip.txt' }
  const cases: readonly (readonly [string, readonly object[], readonly string[]])[] = [
    ['none', [], ['shop main', 'shop env/prod', 'cart main', 'cart env/prod', 'docs main', 'docs env/prod']],
    ['a name, not anchored', [{ repositoryMatch: 'o' }], ['shop main', 'shop env/prod', 'docs main', 'docs env/prod']],
    ['a label', [{ labelMatch: '^prod$' }], ['shop main', 'shop env/prod', 'cart main', 'cart env/prod']],
    ['a branch', [{ branchMatch: '^env/' }], ['shop env/prod', 'cart env/prod', 'docs env/prod']],
    ['paths, a slash at the end', [{ pathsExist: ['deploy/chart/'] }], ['shop main', 'cart main', 'docs main']],
    ['paths that must not be', [{ pathsExist: ['deploy/chart'], pathsDoNotExist: ['skip.txt'] }], ['shop main', 'docs main']], // prettier-ignore
    ['either of two', [{ repositoryMatch: '^cart$' }, { repositoryMatch: '^docs$' }, { branchMatch: 'main' }], ['cart main', 'docs main']], // prettier-ignore
    ['a name and a branch at once', [{ repositoryMatch: '^cart$', branchMatch: 'main' }], ['cart main']],
    ['an empty list of paths, which is a filter that all branches fit', [{ pathsExist: [] }, { branchMatch: 'x' }], ['shop main', 'shop env/prod', 'cart main', 'cart env/prod', 'docs main', 'docs env/prod']], // prettier-ignore
    ['an empty filter, which is none', [{}], ['shop main', 'shop env/prod', 'cart main', 'cart env/prod', 'docs main', 'docs env/prod']], // prettier-ignore
  ]
  for (const [name, filters, expected] of cases) {
    test(name, async (t) => {
      const forge = await startForge(t, answers)
      const github = { organization: 'acme', api: forge.url, allBranches: true }
      const given = await forge.generate({ scmProvider: { github, filters } })
      assert.ok(Array.isArray(given))
      assert.deepEqual(
        given.map((one) => `${Object(one).repository} ${Object(one).branch}`),
        expected,
      )
    })
  }
})

test('GitLab gives the projects of a group, by its path, with those of subgroups', async (t) => {
  const project = (id: number, path: string, more: object = {}): object => ({
    id,
    path,
    namespace: { full_path: 'acme/web' },
    ssh_url_to_repo: `git@gitlab.com:acme/web/${path}.git`,
    http_url_to_repo: `https://gitlab.com/acme/web/${path}.git`,
    default_branch: 'main',
    topics: ['a'],
    ...more,
  })
  const list = '/api/v4/groups/acme%2Fweb/projects?per_page=100&include_subgroups=true&with_shared=false&topic=prod'
  const branch = { name: 'main', commit: { id: SHA } }
  const forge = await startForge(t, {
    [list]: new Page([project(1, 'shop')], { 'x-next-page': '2' }),
    [`${list}&page=2`]: new Page([project(2, 'old', { topics: [], tag_list: ['b'] }), project(3, 'empty'), project(4, 'dir')], { 'x-next-page': '' }), // prettier-ignore
    '/api/v4/projects/1/repository/branches/main': branch,
    '/api/v4/projects/2/repository/branches/main': branch,
    '/api/v4/projects/4/repository/branches/main': branch,
    '/api/v4/projects/1/repository/files/deploy%2Fapp.yaml?ref=main': { file_name: 'app.yaml' },
    '/api/v4/projects/2/repository/tree?path=deploy%2Fapp.yaml&ref=main&per_page=1': [],
    '/api/v4/projects/4/repository/tree?path=deploy%2Fapp.yaml&ref=main&per_page=1': [{ name: 'x' }],
  })
  const gitlab = { group: 'acme/web', api: forge.url, tokenRef: TOKEN_REF, includeSubgroups: true, includeSharedProjects: false, topic: 'prod' } // prettier-ignore

  const given = await forge.generate({ scmProvider: { gitlab } })
  const filtered = await forge.generate({ scmProvider: { gitlab, filters: [{ pathsExist: ['deploy/app.yaml'] }] } })

  assert.deepEqual(brief(given), [
    ['acme/web', 'shop', '1', 'git@gitlab.com:acme/web/shop.git', 'main', SHA, 'a'],
    ['acme/web', 'old', '2', 'git@gitlab.com:acme/web/old.git', 'main', SHA, 'b'],
    ['acme/web', 'dir', '4', 'git@gitlab.com:acme/web/dir.git', 'main', SHA, 'a'],
  ])
  assert.deepEqual(
    Array.from(Object(filtered), (one) => Object(one).repository),
    ['shop', 'dir'],
  )
  assert.equal(forge.asked[0]?.headers['private-token'], 's3cret')
})

test('Gitea gives the repositories of an organization with their labels', async (t) => {
  const repository = { id: 9, name: 'shop', default_branch: 'main', ssh_url: 'git@gitea:acme/shop.git', html_url: 'https://gitea/acme/shop' } // prettier-ignore
  const forge = await startForge(t, {
    '/api/v1/orgs/acme/repos?limit=50': [repository, { ...repository, name: 'old', archived: true }],
    '/api/v1/repos/acme/shop/labels?limit=50': [{ name: 'web' }, { name: 'prod' }],
    '/api/v1/repos/acme/shop/branches/main': { name: 'main', commit: { id: SHA } },
    '/api/v1/repos/acme/shop/contents/deploy?ref=main': [{ name: 'x' }],
  })
  const gitea = { owner: 'acme', api: `${forge.url}/`, tokenRef: TOKEN_REF, excludeArchivedRepos: true }

  const given = await forge.generate({
    scmProvider: { gitea, cloneProtocol: 'https', filters: [{ pathsExist: ['deploy'] }] },
  })

  assert.deepEqual(brief(given), [['acme', 'shop', '9', 'https://gitea/acme/shop', 'main', SHA, 'web,prod']])
  assert.equal(forge.asked[0]?.headers.authorization, 'token s3cret')
})

test('Bitbucket Cloud gives the repositories of a workspace, page by page', async (t) => {
  const clone = [
    { name: 'https', href: 'https://bitbucket.org/acme/shop.git' },
    { name: 'ssh', href: 'git@bitbucket.org:acme/shop.git' },
  ]
  const repository = { slug: 'shop', uuid: '{u}', mainbranch: { name: 'main' }, links: { clone } }
  const first = '/repositories/acme?role=member&pagelen=100'
  const forge = await startForge(t, ({ path }) => {
    switch (path) {
      case first:
        return {
          body: { values: [{ slug: 'empty', mainbranch: null, links: {} }], next: `${forge.url}${first}&page=2` },
        }
      case `${first}&page=2`:
        return { body: { values: [repository] } }
      case '/repositories/acme/shop/refs/branches/main':
        return { body: { name: 'main', target: { hash: SHA } } }
      case `/repositories/acme/shop/src/${SHA}/deploy/a%20b?format=meta`:
        return { body: {} }
      default:
        return { status: 404, body: { error: { message: 'Not there' } } }
    }
  })
  const bitbucket = { owner: 'acme', user: 'bot', appPasswordRef: TOKEN_REF }
  const env = { BITBUCKET_API_BASE_URL: forge.url }
  const aws = { env, now: Date.now, credentials: () => Promise.reject(new Error('unused')) }

  const given = await forge.generate(
    { scmProvider: { bitbucket, filters: [{ pathsExist: ['deploy/a b'], pathsDoNotExist: ['other'] }] } },
    { forges: { aws } },
  )

  assert.deepEqual(brief(given), [['acme', 'shop', '{u}', 'git@bitbucket.org:acme/shop.git', 'main', SHA, '']])
  assert.equal(forge.asked[0]?.headers.authorization, `Basic ${Buffer.from('bot:s3cret').toString('base64')}`)
})

test('Bitbucket Server gives the repositories of a project, by their slugs, and all branches', async (t) => {
  const clone = [
    { name: 'http', href: 'https://git/scm/ac/big-shop.git' },
    { name: 'ssh', href: 'ssh://git@git/ac/big-shop.git' },
  ]
  const repository = (name: string, slug: string): object => ({ id: 5, name, slug, project: { key: 'AC' }, links: { clone } }) // prettier-ignore
  const repos = '/rest/api/1.0/projects/AC/repos'
  const forge = await startForge(t, {
    [`${repos}?limit=100`]: { values: [repository('empty', 'empty')], isLastPage: false, nextPageStart: 100 },
    [`${repos}?limit=100&start=100`]: { values: [repository('Big Shop', 'big-shop')], isLastPage: true },
    [`${repos}/big-shop/branches/default`]: { displayId: 'main', latestCommit: SHA },
    [`${repos}/big-shop/branches?limit=100`]: { values: [{ displayId: 'main', latestCommit: SHA }, { displayId: 'dev', latestCommit: SHA }], isLastPage: true }, // prettier-ignore
    [`${repos}/big-shop/browse/deploy?at=dev&type=true&limit=100`]: { type: 'DIRECTORY' },
  })
  const bitbucketServer = { project: 'AC', api: forge.url, allBranches: true, bearerToken: { tokenRef: TOKEN_REF } }

  const given = await forge.generate({ scmProvider: { bitbucketServer, cloneProtocol: 'https', filters: [{ pathsExist: ['deploy'] }] } }) // prettier-ignore

  assert.deepEqual(brief(given), [['AC', 'Big Shop', '5', 'https://git/scm/ac/big-shop.git', 'dev', SHA, '']])
  assert.equal(forge.asked[0]?.headers.authorization, 'Bearer s3cret')
  assert.equal(forge.asked[0]?.headers['x-atlassian-token'], 'no-check')
})

test('Azure DevOps gives the repositories of a team project', async (t) => {
  const place = '/acme/web/_apis/git/repositories'
  const forge = await startForge(t, {
    [`${place}?api-version=7.1`]: {
      value: [
        {
          id: 'guid',
          name: 'shop',
          defaultBranch: 'refs/heads/main',
          remoteUrl: 'https://dev.azure.com/acme/web/_git/shop',
        },
        { id: 'guid-2', name: 'empty', remoteUrl: 'https://dev.azure.com/acme/web/_git/empty' },
      ],
    },
    [`${place}/shop/stats/branches?api-version=7.1&name=main`]: { name: 'main', commit: { commitId: SHA } },
    [`${place}/guid/items?api-version=7.1&path=deploy&versionDescriptor.version=main`]: { path: '/deploy' },
    [`${place}/guid/items?api-version=7.1&path=other&versionDescriptor.version=main`]: new Page({ message: 'TF401174', typeKey: 'GitItemNotFoundException' }, {}, 404), // prettier-ignore
  })
  const azureDevOps = { organization: 'acme', teamProject: 'web', api: forge.url, accessTokenRef: TOKEN_REF }

  const given = await forge.generate({ scmProvider: { azureDevOps, filters: [{ pathsExist: ['deploy'], pathsDoNotExist: ['other'] }] } }) // prettier-ignore

  assert.deepEqual(brief(given), [
    ['acme', 'shop', 'guid', 'https://dev.azure.com/acme/web/_git/shop', 'main', SHA, ''],
  ])
  assert.equal(forge.asked[0]?.headers.authorization, `Basic ${Buffer.from(':s3cret').toString('base64')}`)
})

test('AWS CodeCommit gives repositories by their tags, with signed calls', async (t) => {
  const metadata = (repositoryName: string, more: object = {}): object => ({
    repositoryMetadata: {
      accountId: '1234',
      repositoryId: 'id',
      repositoryName,
      cloneUrlHttp: `https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/${repositoryName}`,
      cloneUrlSsh: `ssh://git-codecommit.eu-west-1.amazonaws.com/v1/repos/${repositoryName}`,
      ...more,
    },
  })
  const forge = await startForge(t, ({ headers, body }) => {
    const input = JSON.parse(body) as Readonly<Record<string, unknown>>
    switch (String(headers['x-amz-target'])) {
      case 'ResourceGroupsTaggingAPI_20170126.GetResources': {
        const arn = (name: string): object => ({ ResourceARN: `arn:aws:codecommit:eu-west-1:1234:${name}` })
        return input['PaginationToken'] === ''
          ? { body: { ResourceTagMappingList: [arn('shop')], PaginationToken: 'more' } }
          : { body: { ResourceTagMappingList: [arn('new')], PaginationToken: '' } }
      }
      case 'CodeCommit_20150413.GetRepository':
        return { body: input['repositoryName'] === 'shop' ? metadata('shop', { defaultBranch: 'main' }) : metadata('new') } // prettier-ignore
      case 'CodeCommit_20150413.GetFolder':
        if (input['folderPath'] === '/') return { body: { subFolders: [{ relativePath: 'deploy' }] } }
        return { status: 400, body: { __type: 'x#FolderDoesNotExistException', message: 'no' } }
      default:
        return { status: 400, body: { __type: 'UnknownOperationException' } }
    }
  })
  const { Secret } = await import('../../base/secret.ts')
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: new Secret('key') }
  const aws = { env: { AWS_ENDPOINT_URL: forge.url }, now: () => 0, credentials: async () => credentials }
  const tagFilters = [{ key: 'team', value: 'a' }, { key: 'team', value: 'b' }, { key: 'deploy' }] // prettier-ignore
  const awsCodeCommit = { region: 'eu-west-1', tagFilters }

  const given = await forge.generate(
    { scmProvider: { awsCodeCommit, cloneProtocol: 'https-fips', filters: [{ pathsExist: ['deploy'], pathsDoNotExist: ['a/b'] }] } }, // prettier-ignore
    { forges: { aws } },
  )

  const url = 'https://git-codecommit-fips.eu-west-1.amazonaws.com/v1/repos/shop'
  assert.deepEqual(brief(given), [['1234', 'shop', 'id', url, 'main', '', '']])
  const { TagFilters: tags } = JSON.parse(forge.asked[0]?.body ?? '') as { TagFilters: unknown }
  assert.deepEqual(tags, [{ Key: 'team', Values: ['a', 'b'] }, { Key: 'deploy' }])
  const signature =
    /^AWS4-HMAC-SHA256 Credential=AKIA\/19700101\/eu-west-1\/tagging\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/
  assert.match(String(forge.asked[0]?.headers.authorization), signature)
})
