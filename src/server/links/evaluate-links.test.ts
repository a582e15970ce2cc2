// Which deep links are shown, and where they lead.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DeepLink } from '../../settings/deep-links.ts'
import { evaluateLinks } from './evaluate-links.ts'

const OBJECT = {
  application: { metadata: { name: 'web', labels: { team: 'a' } }, spec: { project: 'default' } },
  resource: { kind: 'Service', metadata: { name: 'shop', namespace: 'apps' }, spec: { ports: [{ port: 30080 }], replicas: 1_000_000 } }, // prettier-ignore
  cluster: { server: 'https://one', name: 'one' },
  managedByURL: undefined,
}
const CONTEXT = { name: 'shop', nowMs: () => 0 }

function evaluate(link: Partial<DeepLink>): string {
  const { items, errors } = evaluateLinks([{ title: 'T', url: 'u', ...link }], OBJECT, CONTEXT)
  return [...items.map(({ url }) => url), ...errors].join('; ')
}

describe('deep links', () => {
  const cases: readonly (readonly [string, Partial<DeepLink>, string])[] = [
    ['lead where their template says', { url: 'https://x/{{.application.metadata.name}}?n={{.resource.metadata.namespace}}' }, 'https://x/web?n=apps'], // prettier-ignore
    ['print whole numbers as such', { url: '{{(index .resource.spec.ports 0).port}}/{{.resource.spec.replicas}}' }, '30080/1000000'], // prettier-ignore
    ['have the functions of Sprig', { url: '{{.application.metadata.name | upper | b64enc}}' }, 'V0VC'],
    ['have no value for what is not there', { url: '{{.application.metadata.other}}' }, '<no value>'],
    ['are shown where their condition holds', { condition: 'resource.kind == "Service" and resource.spec.replicas > 5' }, 'u'], // prettier-ignore
    ['are hidden where it does not', { condition: 'application.metadata.labels["team"] == "b"' }, ''],
    ['may ask for what is not there', { condition: 'project?.metadata?.name == "x"' }, ''],
    ['may ask for names that are not known', { condition: 'managedByURL == nil' }, 'u'],
  ]
  for (const [name, link, expected] of cases) {
    test(name, () => {
      assert.equal(evaluate(link), expected)
    })
  }

  const failures: readonly (readonly [string, Partial<DeepLink>, RegExp])[] = [
    [
      'a condition that is none',
      { condition: 'a ==' },
      /^failed to evaluate link condition 'a ==' with resource shop, error=/,
    ],
    ['a condition that is no yes or no', { condition: '1 + 1' }, /^link condition '1 \+ 1' evaluated to non-boolean value for resource shop$/], // prettier-ignore
    ['a template that is none', { url: '{{' }, /^failed to parse link template '\{\{', error=template: deep-link:/],
    ['a template that fails', { url: '{{index .resource.spec.ports 7}}' }, /^failed to evaluate link template '.*' with resource shop, error=/], // prettier-ignore
    ['a function that tells of the server', { url: '{{getHostByName "x"}}' }, /^failed to parse link template .*function "getHostByName" not defined/], // prettier-ignore
    ['a template that takes for ever', { url: '{{range until 1000}}{{range until 1000}}x{{end}}{{end}}' }, /^failed to evaluate link template/], // prettier-ignore
    ['a condition that takes for ever', { condition: 'all(1..200000, {# > 0})' }, /^failed to evaluate link condition/],
  ]
  for (const [name, link, expected] of failures) {
    test(`${name} hides its link and is told`, () => {
      assert.match(evaluate(link), expected)
    })
  }

  for (const url of [
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    '\u0001javascript:alert(1)',
    'java\nscript:alert(1)',
    '\tdata:text/html,x',
    'vbscript:x',
    'blob:x',
    'file:///etc/passwd',
    'https://[',
  ]) {
    test(`${JSON.stringify(url)} is no link`, () => {
      assert.match(evaluate({ url }), /addresses of programs are not shown$/)
    })
  }

  for (const url of ['https://x.example.com/a?b#c', '/local/page', 'mailto:a@example.com', 'slack://channel?id=1']) {
    test(`${url} is one`, () => {
      assert.doesNotMatch(evaluate({ url }), /not shown/)
    })
  }

  test('have a title, and a description and an icon where those are given', () => {
    const links = [
      { title: 'A', url: 'a' },
      { title: 'B', url: 'b', description: 'd', iconClass: 'fa-x' },
    ]
    assert.deepEqual(evaluateLinks(links, {}, CONTEXT), { items: links, errors: [] })
  })
})
