// Pull requests as each forge's API gives them, over several pages, become parameters.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Page, startForge, TOKEN_REF } from '../../../test/support/forge-scene.ts'

const SHA = '0123456789abcdef0123456789abcdef01234567'
const GO = { spec: { goTemplate: true } }

/** The parameters that differ between forges. */
function brief(parameters: unknown): unknown {
  assert.ok(Array.isArray(parameters))
  return parameters.map((one) => {
    const { number, title, branch, target_branch: target, head_sha: sha, labels, author } = Object(one)
    return [number, title, branch, target, sha, labels, author]
  })
}

function githubPull(number: number, ref: string, more: object = {}): object {
  return {
    number,
    title: `Change ${number}`,
    head: { ref, sha: SHA },
    base: { ref: 'main' },
    labels: [{ name: 'preview' }, { name: 'web' }],
    user: { login: 'ada' },
    ...more,
  }
}

describe('GitHub', () => {
  test('gives all parameters of those with the labels, page by page', async (t) => {
    const path = '/api/v3/repos/acme/shop/pulls?per_page=100'
    const forge = await startForge(t, ({ path: asked, headers }) => {
      if (headers.authorization !== 'Bearer s3cret') return { status: 401 }
      const next = { link: `<${forge.url}${path}&page=2>; rel="next", <${forge.url}${path}&page=2>; rel="last"` }
      return asked === path
        ? { body: [githubPull(1, 'Feature/Add_Cart')], headers: next }
        : { body: [githubPull(2, 'x', { labels: [{ name: 'web' }] })] }
    })
    const github = { owner: 'acme', repo: 'shop', api: forge.url, tokenRef: TOKEN_REF, labels: ['preview'] }

    const given = await forge.generate({ pullRequest: { github, values: { name: 'pr-{{ .number }}' } } }, GO)

    assert.deepEqual(given, [
      {
        number: '1',
        title: 'Change 1',
        branch: 'Feature/Add_Cart',
        branch_slug: 'feature-add-cart',
        target_branch: 'main',
        target_branch_slug: 'main',
        head_sha: SHA,
        head_short_sha: '01234567',
        head_short_sha_7: '0123456',
        author: 'ada',
        labels: ['preview', 'web'],
        values: { name: 'pr-1' },
      },
    ])
  })

  test('gives no labels as flat texts', async (t) => {
    const forge = await startForge(t, { '/api/v3/repos/acme/shop/pulls?per_page=100': [githubPull(1, 'x')] })
    const given = await forge.generate({ pullRequest: { github: { owner: 'acme', repo: 'shop', api: forge.url } } })
    assert.equal(Object.hasOwn(Object(given)[0], 'labels'), false)
    assert.equal(Object(given)[0].number, '1')
  })
})

describe('filters', () => {
  const pulls = [
    githubPull(1, 'feature/a'),
    githubPull(2, 'fix/b', { base: { ref: 'release' } }),
    githubPull(3, 'feature/c', { title: '[skip] Change', base: { ref: 'release' } }),
  ]
  const cases: readonly (readonly [string, readonly object[], string])[] = [
    ['none', [], '1 2 3'],
    ['a branch', [{ branchMatch: '^feature' }], '1 3'],
    ['a target branch', [{ targetBranchMatch: '^release$' }], '2 3'],
    ['a title', [{ titleMatch: 'Change [0-9]' }], '1 2'],
    ['all of one filter', [{ branchMatch: 'feature', targetBranchMatch: 'release' }], '3'],
    ['any of several', [{ branchMatch: 'fix' }, { titleMatch: 'skip' }], '2 3'],
    ['an empty one', [{}], '1 2 3'],
  ]
  for (const [name, filters, expected] of cases) {
    test(name, async (t) => {
      const forge = await startForge(t, { '/api/v3/repos/acme/shop/pulls?per_page=100': pulls })
      const github = { owner: 'acme', repo: 'shop', api: forge.url }
      const given = await forge.generate({ pullRequest: { github, filters } })
      assert.equal(Array.from(Object(given), (one) => Object(one).number).join(' '), expected)
    })
  }
})

test('GitLab gives merge requests by labels and state', async (t) => {
  const list = '/api/v4/projects/acme%2Fshop/merge_requests?per_page=100&labels=preview%2Cweb&state=opened'
  const request = { iid: 7, title: 'T', source_branch: 'feature', target_branch: 'main', sha: SHA, labels: ['preview', 'web'], author: { username: 'ada' } } // prettier-ignore
  const forge = await startForge(t, {
    [list]: new Page([request], { 'x-next-page': '2' }),
    [`${list}&page=2`]: new Page([{ ...request, iid: 8 }], { 'x-next-page': '' }),
  })
  const gitlab = { project: 'acme/shop', api: `${forge.url}/`, tokenRef: TOKEN_REF, labels: ['preview', 'web'], pullRequestState: 'opened' } // prettier-ignore

  const given = await forge.generate({ pullRequest: { gitlab } }, GO)

  assert.deepEqual(brief(given), [
    ['7', 'T', 'feature', 'main', SHA, ['preview', 'web'], 'ada'],
    ['8', 'T', 'feature', 'main', SHA, ['preview', 'web'], 'ada'],
  ])
})

test('Gitea gives open pull requests with the labels', async (t) => {
  const forge = await startForge(t, {
    '/api/v1/repos/acme/shop/pulls?limit=50&state=open': [githubPull(1, 'a'), githubPull(2, 'b', { labels: [] })],
  })
  const gitea = { owner: 'acme', repo: 'shop', api: forge.url, labels: ['preview'] }
  const given = await forge.generate({ pullRequest: { gitea } }, GO)
  assert.deepEqual(brief(given), [['1', 'Change 1', 'a', 'main', SHA, ['preview', 'web'], 'ada']])
})

test('Bitbucket Server gives pull requests of a repository', async (t) => {
  const place = '/rest/api/1.0/projects/AC/repos/shop/pull-requests?limit=100'
  const request = { id: 3, title: 'T', fromRef: { displayId: 'feature', latestCommit: SHA }, toRef: { displayId: 'main' }, author: { user: { name: 'ada' } } } // prettier-ignore
  const forge = await startForge(t, {
    [place]: { values: [request], isLastPage: false, nextPageStart: 50 },
    [`${place}&start=50`]: { values: [{ ...request, id: 4 }], isLastPage: true },
  })
  const basicAuth = { username: 'bot', passwordRef: TOKEN_REF }
  const bitbucketServer = { project: 'AC', repo: 'shop', api: `${forge.url}/rest`, basicAuth }

  const given = await forge.generate({ pullRequest: { bitbucketServer } }, GO)

  assert.deepEqual(brief(given), [
    ['3', 'T', 'feature', 'main', SHA, [], 'ada'],
    ['4', 'T', 'feature', 'main', SHA, [], 'ada'],
  ])
  assert.equal(forge.asked[0]?.headers.authorization, `Basic ${Buffer.from('bot:s3cret').toString('base64')}`)
})

test('Bitbucket Cloud gives pull requests of a repository', async (t) => {
  const place = '/2.0/repositories/acme/shop/pullrequests?pagelen=50'
  const request = { id: 3, title: 'T', source: { branch: { name: 'feature' }, commit: { hash: SHA } }, destination: { branch: { name: 'main' } }, author: { nickname: 'ada' } } // prettier-ignore
  const forge = await startForge(t, ({ path }) => {
    if (path === place) return { body: { values: [request], next: `${forge.url}${place}&page=2` } }
    return { body: { values: [{ ...request, id: 4 }] } }
  })
  const bitbucket = { owner: 'acme', repo: 'shop', api: `${forge.url}/2.0`, bearerToken: { tokenRef: TOKEN_REF } }

  const given = await forge.generate({ pullRequest: { bitbucket } }, GO)

  assert.deepEqual(brief(given), [
    ['3', 'T', 'feature', 'main', SHA, [], 'ada'],
    ['4', 'T', 'feature', 'main', SHA, [], 'ada'],
  ])
  assert.equal(forge.asked[0]?.headers.authorization, 'Bearer s3cret')
})

test('Azure DevOps gives pull requests of one repository of the project', async (t) => {
  const request = {
    pullRequestId: 3,
    title: 'T',
    repository: { name: 'shop' },
    sourceRefName: 'refs/heads/feature/x',
    targetRefName: 'refs/heads/main',
    lastMergeSourceCommit: { commitId: SHA },
    labels: [{ name: 'preview' }],
    createdBy: { uniqueName: 'ada@example.com' },
  }
  const value = [request, { ...request, repository: { name: 'other' } }, { ...request, labels: undefined }, { ...request, lastMergeSourceCommit: undefined }] // prettier-ignore
  const forge = await startForge(t, { '/acme/web/_apis/git/pullrequests?api-version=7.1&%24top=1000': { value } })
  const azuredevops = { organization: 'acme', project: 'web', repo: 'shop', api: forge.url, labels: ['preview'] }

  const given = await forge.generate({ pullRequest: { azuredevops } }, GO)

  assert.deepEqual(brief(given), [['3', 'T', 'feature/x', 'main', SHA, ['preview'], 'ada']])
})

describe('a repository that is not there', () => {
  const missing: readonly (readonly [string, (url: string) => object, unknown, number])[] = [
    ['GitHub', (api) => ({ github: { owner: 'a', repo: 'b', api } }), { message: 'Not Found' }, 404],
    ['GitLab', (api) => ({ gitlab: { project: 'a/b', api } }), { message: '404 Project Not Found' }, 404],
    ['Gitea', (api) => ({ gitea: { owner: 'a', repo: 'b', api } }), { message: 'not there' }, 404],
    ['Bitbucket Server', (api) => ({ bitbucketServer: { project: 'a', repo: 'b', api } }), { errors: [{ message: 'Repository a/b does not exist.' }] }, 404], // prettier-ignore
    [
      'Bitbucket Cloud',
      (api) => ({ bitbucket: { owner: 'a', repo: 'b', api } }),
      { error: { message: 'not there' } },
      404,
    ],
    ['Azure DevOps', (api) => ({ azuredevops: { organization: 'o', project: 'a', repo: 'b', api } }), { message: 'TF200016: The following project does not exist: a.' }, 400], // prettier-ignore
  ]
  for (const [name, spec, body, status] of missing) {
    test(`${name}: is an error, or none where the spec goes on without it`, async (t) => {
      const forge = await startForge(t, () => ({ status, body }))
      const pullRequest = spec(forge.url)
      await assert.rejects(forge.generate({ pullRequest }), /^CapstanError: error listing repos: GET http/)
      const given = await forge.generate({ pullRequest: { ...pullRequest, continueOnRepoNotFoundError: true } })
      assert.deepEqual(given, [])
    })
  }

  test('other errors are errors even so', async (t) => {
    const forge = await startForge(t, () => ({ status: 500, body: {} }))
    const github = { owner: 'a', repo: 'b', api: forge.url }
    await assert.rejects(forge.generate({ pullRequest: { github, continueOnRepoNotFoundError: true } }), /: 500/)
  })
})
