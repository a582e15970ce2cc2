// How many questions of "may they?" are answered in a second: a policy of a thousand teams, and what a list of applications asks.
import { createAccessPolicy, parseRbacSettings } from '../../src/policy/rbac/access.ts'
import type { BenchOptions, Figure } from './measurement.ts'

const TEAMS = 1_000
/** A list asks for every application whether the caller may see it. */
const APPLICATIONS = 5_000
/** The requirement: more than a million checks a second. */
const CHECKS_PER_SECOND = 1_000_000

/** CPU time of checks by a member of one team of a thousand, half of which are refused. */
export async function measureRbac({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  const lines = Array.from({ length: TEAMS }, (_, team) =>
    [
      `p, role:team-${team}, applications, get, team-${team}/*, allow`,
      `p, role:team-${team}, applications, sync, team-${team}/*, allow`,
      `p, role:team-${team}, applications, delete, team-${team}/production-*, deny`,
      `g, group-${team}, role:team-${team}`,
    ].join('\n'),
  )
  const data = { 'policy.csv': lines.join('\n') }
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-rbac-cm' }, data }
  const policy = createAccessPolicy(parseRbacSettings(configMap), () => undefined)
  const who = { subject: 'jane', groups: ['group-7', 'everybody'] }
  const objects = Array.from({ length: APPLICATIONS }, (_, index) => `team-${7 + (index % 2)}/application-${index}`)
  const rounds = isQuick ? 20 : 200
  const ask = (): number => {
    let allowed = 0
    for (const object of objects) {
      if (policy.isAllowed(who, { resource: 'applications', action: 'get', object })) allowed++
    }
    return allowed
  }
  for (let round = 0; round < 5; round++) ask()
  const before = process.cpuUsage()
  let allowed = 0
  for (let round = 0; round < rounds; round++) allowed += ask()
  const { user, system } = process.cpuUsage(before)
  if (allowed !== (rounds * APPLICATIONS) / 2) throw new Error(`${allowed} were allowed, not half of them`)
  const perSecond = (rounds * APPLICATIONS) / ((user + system) / 1e6)
  return [
    {
      name: 'checks a second of CPU, 1,000 teams',
      value: perSecond,
      unit: '1/s',
      note: `more than ${CHECKS_PER_SECOND}`,
    },
    { name: 'CPU for a list of 5,000', value: ((user + system) / 1e3 / rounds), unit: 'ms', budget: (APPLICATIONS / CHECKS_PER_SECOND) * 1000 }, // prettier-ignore
  ]
}
