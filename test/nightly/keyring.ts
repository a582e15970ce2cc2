// Two hundred thousand images against the kubelet's own keyring, with new ones each night; prints the seed of what differs.
import { fuzzKeyrings } from '../support/keyring-fuzz.ts'

const CASES_PER_ROUND = 50_000
const ROUNDS = 4

const first = Number(process.argv[2] ?? Math.floor(Date.now() / 86_400_000))
let failed = 0
for (let round = 0; round < ROUNDS; round++) {
  const seed = first * ROUNDS + round
  const { cases, matches, differences } = fuzzKeyrings(CASES_PER_ROUND, seed)
  process.stdout.write(`keyring, seed ${seed}: ${cases} cases, ${matches} matches, ${differences.length} differences\n`)
  for (const difference of differences.slice(0, 5)) process.stdout.write(`${difference}\n`)
  failed += differences.length
}
process.exitCode = failed === 0 ? 0 : 1
