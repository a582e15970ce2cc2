// What rules allow, cover and look like, one line a case.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compactRules, ruleAllows, ruleText, uncovered, type Action, type PolicyRule } from './policy-rule.ts'

const rule = (
  apiGroup: string,
  resources: string,
  verbs: string,
  resourceNames: readonly string[] = [],
): PolicyRule => ({
  apiGroups: [apiGroup],
  resources: resources.split(','),
  verbs: verbs.split(','),
  resourceNames,
})
const urls = (nonResourceURLs: string, verbs: string): PolicyRule => ({
  nonResourceURLs: nonResourceURLs.split(','),
  verbs: verbs.split(','),
})

/** `get pods/log x`: verb, resource of the core group, name. */
function action(text: string, group = ''): Action {
  const [verb = '', what = '', name = ''] = text.split(' ')
  if (what.startsWith('/')) return { kind: 'path', verb, path: what }
  const [resource = '', subresource = ''] = what.split('/')
  return { kind: 'resource', verb, group, resource, subresource, name, namespace: 'ns' }
}

const ALLOWED: readonly [string, PolicyRule, string, boolean][] = [
  ['the same', rule('', 'pods', 'get'), 'get pods', true],
  ['another verb', rule('', 'pods', 'get'), 'list pods', false],
  ['every verb', rule('', 'pods', '*'), 'list pods', true],
  ['another group', rule('apps', 'pods', 'get'), 'get pods', false],
  ['every group', rule('*', 'pods', 'get'), 'get pods', true],
  ['a part of a resource', rule('', 'pods', 'get'), 'get pods/log', false],
  ['a named part', rule('', 'pods/log', 'get'), 'get pods/log', true],
  ['that part of everything', rule('', '*/scale', 'get'), 'get pods/scale', true],
  ['everything and its parts', rule('', '*', 'get'), 'get pods/log', true],
  ['a resource by a rule for its part', rule('', '*/log', 'get'), 'get pods', false],
  ['a named object', rule('', 'pods', 'get', ['a']), 'get pods a', true],
  ['another object', rule('', 'pods', 'get', ['a']), 'get pods b', false],
  ['all where one is named', rule('', 'pods', 'list', ['a']), 'list pods', false],
  ['a path', urls('/healthz', 'get'), 'get /healthz', true],
  ['a path below', urls('/healthz/*', 'get'), 'get /healthz/etcd', true],
  ['the path above', urls('/healthz/*', 'get'), 'get /healthz', false],
  ['every path', urls('*', 'get'), 'get /metrics', true],
  ['a path by a rule for resources', rule('*', '*', '*'), 'get /metrics', false],
  ['a resource by a rule for paths', urls('*', '*'), 'get pods', false],
]

test('a rule allows what it names and nothing else', () => {
  const found = ALLOWED.map(([name, one, text]) => [name, ruleAllows(one, action(text))])

  assert.deepEqual(
    found,
    ALLOWED.map(([name, , , allowed]) => [name, allowed]),
  )
})

const COVERED: readonly [string, PolicyRule[], PolicyRule[], string[]][] = [
  ['the same', [rule('', 'pods', 'get')], [rule('', 'pods', 'get')], []],
  ['one verb more', [rule('', 'pods', 'get')], [rule('', 'pods', 'get,list')], ['{APIGroups:[""], Resources:["pods"], Verbs:["list"]}']],
  ['by two rules', [rule('', 'pods', 'get'), rule('', 'nodes', 'get')], [rule('', 'pods,nodes', 'get')], []],
  ['every verb by all of them', [rule('', 'pods', 'get,list')], [rule('', 'pods', '*')], ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}']],
  ['a name by all names', [rule('', 'pods', 'get')], [rule('', 'pods', 'get', ['a'])], []],
  ['all names by one', [rule('', 'pods', 'get', ['a'])], [rule('', 'pods', 'get')], ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}']],
  ['a part by that part of everything', [rule('', '*/scale', 'get')], [rule('', 'pods/scale', 'get')], []],
  ['a path below', [urls('/api/*', 'get')], [urls('/api/v1', 'get')], []],
  ['a wider path', [urls('/api/v1', 'get')], [urls('/api/*', 'get')], ['{NonResourceURLs:["/api/*"], Verbs:["get"]}']],
  ['two names apart', [], [rule('', 'pods', 'get', ['a', 'b'])], ['{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get"]}', '{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}']],
  ['verbs of one resource together', [], [rule('', 'pods', 'get,list'), rule('', 'pods', 'list,watch')], ['{APIGroups:[""], Resources:["pods"], Verbs:["get" "list" "watch"]}']],
] // prettier-ignore

test('rules cover others part by part, and what is missing is told compactly', () => {
  const found = COVERED.map(([name, owned, wanted]) => [name, compactRules(uncovered(owned, wanted)).map(ruleText)])

  assert.deepEqual(
    found,
    COVERED.map(([name, , , texts]) => [name, texts]),
  )
})
