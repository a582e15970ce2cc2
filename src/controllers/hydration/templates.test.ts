import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ManualClock } from '../../base/clock.ts'
import { commitMetadata, metadataText } from './commit-metadata.ts'
import { readReferences } from './commit-references.ts'
import { HydrationTemplates, MAX_TEXT_LENGTH } from './templates.ts'

const TRAILERS = [
  'Argocd-reference-commit-repourl: https://example.com/code',
  'Argocd-reference-commit-author: Bob Coder <bob@example.com>',
  'Argocd-reference-commit-date: 2026-01-02T03:04:05+01:00',
  'Argocd-reference-commit-subject: Fix it',
  'Argocd-reference-commit-body: "why\\nso"',
  'Argocd-reference-commit-sha: abc1234def',
]
const MESSAGE = ['Raise the image', '', 'For the fix.', '', ...TRAILERS, 'Signed-off-by: Ada'].join('\n')
const DRY = { author: 'Ada <ada@example.com>', date: '2026-01-01T00:00:00Z', message: MESSAGE, tags: [] }
const METADATA = commitMetadata('https://example.com/dry', 'f'.repeat(40), DRY)

describe('what is told of a dry commit', () => {
  const templates = new HydrationTemplates(new ManualClock())

  test('subject, body without the trailers that are understood, and the commit they name', () => {
    assert.deepEqual(METADATA, {
      repoURL: 'https://example.com/dry',
      drySha: 'f'.repeat(40),
      author: 'Ada <ada@example.com>',
      date: '2026-01-01T00:00:00Z',
      subject: 'Raise the image',
      body: 'For the fix.\n\nSigned-off-by: Ada\n',
      references: [
        {
          commit: {
            repoUrl: 'https://example.com/code',
            author: '"Bob Coder" <bob@example.com>',
            date: '2026-01-02T03:04:05+01:00',
            subject: 'Fix it',
            body: 'why\nso',
            sha: 'abc1234def',
          },
        },
      ],
    })
    assert.match(metadataText(METADATA), /^\{\n {2}"repoURL": "https:\/\/example\.com\/dry",\n/)
  })

  test('trailers that are malformed stay in the text', () => {
    const broken = [
      'Argocd-reference-commit-sha: ABC1234',
      'Argocd-reference-commit-sha: abc',
      'Argocd-reference-commit-date: yesterday',
      'Argocd-reference-commit-author: nobody',
      'Argocd-reference-commit-body: no json',
      'Argocd-reference-commit-body: 1',
      'Argocd-reference-commit-other: x',
      'Argocd-reference-commit-subject',
      ' Argocd-reference-commit-subject: x',
    ]
    assert.deepEqual(readReferences(broken.join('\n')), {
      references: [],
      rest: broken.map((line) => `${line}\n`).join(''),
    })
    assert.deepEqual(readReferences(''), { references: [], rest: '' })
  })

  test('the message by default has the dry commit, its text, and all authors', () => {
    const expected = [
      'fffffff: Raise the image',
      '',
      'For the fix.',
      '',
      'Signed-off-by: Ada',
      '',
      '',
      'Co-authored-by: "Bob Coder" <bob@example.com>',
      'Co-authored-by: Ada <ada@example.com>',
      '',
    ]
    assert.deepEqual(templates.commitMessage('', METADATA).split('\n'), expected)
    const bare = commitMetadata('r', 'f'.repeat(40), { ...DRY, author: '', message: 'One line' })
    assert.equal(templates.commitMessage('', bare), 'fffffff: One line\n\n')
  })

  test('the README by default says how to render by hand, and names what is referred to', () => {
    const text = templates.readme('', { ...METADATA, commands: ['kustomize build .'] })

    assert.match(
      text,
      /git clone https:\/\/example\.com\/dry\n# cd into the cloned directory\ngit checkout f{40}\nkustomize build \.\n```\n/,
    )
    assert.match(
      text,
      /## References\n\n\* \[abc1234\]\(https:\/\/example\.com\/code\): Fix it \("Bob Coder" <bob@example\.com>\)\n/,
    )
    assert.match(templates.readme('', { repoURL: 'r', drySha: 's' }), /git checkout s\n```\n$/)
  })

  test('own templates have Sprig without the environment, and limits', () => {
    assert.equal(templates.commitMessage('{{ .metadata.subject | upper }}', METADATA), 'RAISE THE IMAGE')
    assert.equal(templates.readme('{{ .Subject }}', METADATA), 'Raise the image')
    for (const [template, text] of [
      ['{{ env "HOME" }}', /failed to get hydrator commit templated message: .*function "env" not defined/],
      ['{{ .metadata.subject | fail }}', /Raise the image/],
      ['{{ nope', /failed to get hydrator commit templated message/],
      [`{{ range until 1000000 }}${'x'.repeat(100)}{{ end }}`, /failed to get hydrator commit templated message/],
    ] as const) {
      assert.throws(() => templates.commitMessage(template, METADATA), text, template)
    }
    assert.throws(() => templates.readme(`{{ repeat ${MAX_TEXT_LENGTH + 1} "x" }}`, METADATA), /failed to write readme/)
  })
})
