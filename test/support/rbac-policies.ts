// Random RBAC policies and what casbin, whose results Argo CD's are, makes of them.
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin'
import { matchesGlob } from '../../src/base/glob.ts'
import { createEnforcer } from '../../src/policy/rbac/enforcer.ts'
import { parsePolicy } from '../../src/policy/rbac/policy-lines.ts'
import { randomFrom } from './generated-values.ts'

/** Argo CD's model (assets/model.conf, v3.5.1), `fits` being its glob. */
const MODEL = `
[request_definition]
r = sub, res, act, obj
[policy_definition]
p = sub, res, act, obj, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && fits(r.res, p.res) && fits(r.act, p.act) && fits(r.obj, p.obj)
`

const SUBJECTS = ['alice', 'bob', 'role:a', 'role:b', 'role:c', 'team']
const RESOURCES = ['applications', 'clusters', '*', 'app*']
const ACTIONS = ['get', 'sync', 'delete', '*', 'action/*']
const OBJECTS = ['p/a', 'p/b', 'q/a', '*', 'p/*', '*/a', 'p/?']
const OBJECTS_ASKED = ['p/a', 'q/b']
const QUESTIONS = SUBJECTS.slice(0, 3).flatMap((subject) =>
  ['applications', 'clusters'].flatMap((resource) =>
    ['get', 'sync', 'action/x/y'].map((action) => ({ subject, resource, action })),
  ),
)

export interface Comparison {
  readonly asked: number
  /** A sentence and the policy for each answer that is another than casbin's. */
  readonly differences: readonly string[]
}

/** Asks both the same questions of so many random policies; the seed names them. */
export async function compareWithCasbin(policies: number, seed: number): Promise<Comparison> {
  const random = randomFrom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const differences: string[] = []
  let asked = 0
  for (let round = 0; round < policies; round++) {
    const policy = randomPolicy(below)
    const oracle = await newEnforcer(newModelFromString(MODEL), new StringAdapter(policy))
    await oracle.addFunction('fits', (text: string, pattern: string) => matchesGlob(pattern, text))
    const own = createEnforcer(parsePolicy(policy))
    for (const { subject, resource, action } of QUESTIONS) {
      const object = OBJECTS_ASKED[below(OBJECTS_ASKED.length)] ?? ''
      const wanted = await oracle.enforce(subject, resource, action, object)
      const got = own.isAllowed(subject, { resource, action, object })
      asked++
      if (got !== wanted) differences.push(`${subject} ${resource} ${action} ${object}: ${wanted}\n${policy}`)
    }
  }
  return { asked, differences }
}

function randomPolicy(below: (limit: number) => number): string {
  const pick = (list: readonly string[]): string => list[below(list.length)] ?? ''
  const rules = Array.from({ length: 1 + below(8) }, () => {
    const effect = below(4) === 0 ? 'deny' : 'allow'
    return `p, ${pick(SUBJECTS)}, ${pick(RESOURCES)}, ${pick(ACTIONS)}, ${pick(OBJECTS)}, ${effect}`
  })
  const grants = Array.from({ length: below(6) }, () => `g, ${pick(SUBJECTS)}, ${pick(SUBJECTS)}`)
  return [...rules, ...grants.filter((line) => line.split(', ')[1] !== line.split(', ')[2])].join('\n')
}
