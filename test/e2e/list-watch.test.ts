// Lists, watches and deletions of collections: the embedded API server answers as a real kube-apiserver does.
import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'
import { embeddedServer, Interview, realServer, type AskedServer } from '../support/two-servers.ts'
import { DELETIONS, FIELD_SELECTORS, LISTS, WATCHES, WRITES, type Step } from './list-watch-steps.ts'

/** Answers by step, of one server. */
type Told = ReadonlyMap<string, unknown>

async function tellAll(interview: Interview, steps: readonly Step[], told: Map<string, unknown>): Promise<void> {
  for (const [name, ask] of steps) told.set(name, await interview.tell(name, ask))
}

/** Watches last a second each, so they are asked together; nothing is written meanwhile. */
async function tellTogether(interview: Interview, steps: readonly Step[], told: Map<string, unknown>): Promise<void> {
  await Promise.all(steps.map(async ([name, ask]) => told.set(`watch ${name}`, await interview.tell(name, ask))))
}

async function interviewed(t: TestContext, server: AskedServer): Promise<Told> {
  t.after(() => server.stop())
  const interview = new Interview(server)
  const told = new Map<string, unknown>()
  await tellAll(interview, WRITES, told)
  await tellAll(interview, LISTS, told)
  await tellAll(interview, FIELD_SELECTORS, told)
  await tellTogether(interview, WATCHES, told)
  await tellAll(interview, DELETIONS, told)
  return told
}

describe('lists and watches', { timeout: 240_000 }, () => {
  test('both servers answer every combination of options alike', async (t) => {
    const theirs = await interviewed(t, await realServer())
    const ours = await interviewed(t, await embeddedServer())

    assert.ok(theirs.size > 150, `${theirs.size} steps`)
    const different = [...theirs].filter(([step, answer]) => JSON.stringify(answer) !== JSON.stringify(ours.get(step)))
    t.diagnostic(`${theirs.size - different.length} of ${theirs.size} steps alike`)
    for (const [step, answer] of different) {
      await t.test(step, () => assert.deepEqual(ours.get(step), answer))
    }
  })
})
