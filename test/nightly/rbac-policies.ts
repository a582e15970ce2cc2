// A hundred thousand random policies decide as casbin decides; `--policies` and `--seed` change which. Ends with 1 where one does not.
import { parseArgs } from 'node:util'
import { compareWithCasbin } from '../support/rbac-policies.ts'

/** Compared between two lines of progress. */
const AT_ONCE = 5_000
const SHOWN = 5

const { values } = parseArgs({
  options: { policies: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
})
const policies = Number(values.policies)
const found: string[] = []
let total = 0
for (let done = 0; done < policies; done += AT_ONCE) {
  const { asked, differences } = await compareWithCasbin(Math.min(AT_ONCE, policies - done), Number(values.seed) + done)
  total += asked
  found.push(...differences)
  process.stderr.write(`${Math.min(done + AT_ONCE, policies)} of ${policies} policies, ${found.length} differences\n`)
}
process.stdout.write(`${policies} policies, ${total} questions, ${found.length} answers other than casbin's\n`)
for (const difference of found.slice(0, SHOWN)) process.stdout.write(`\n${difference}\n`)
process.exitCode = found.length === 0 ? 0 : 1
