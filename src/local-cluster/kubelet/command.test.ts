// What commands come to, without running them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_SCRIPT_LENGTH, planOf, type Plan } from './command.ts'

/** `print:…`, `sleep:ms`, then the exit code or `on`. */
function summary(plan: Plan): string {
  const steps = plan.steps.map((step) => (step.kind === 'print' ? `print:${step.text}` : `sleep:${step.ms}`))
  return [...steps, plan.exitCode ?? 'on'].join(' ')
}

const cases: readonly [readonly string[], string][] = [
  [['true'], '0'],
  [['/bin/false'], '1'],
  [['fail'], '127'],
  [['sleep', '10'], 'sleep:10000 0'],
  [['sleep', '1m', '0.5s'], 'sleep:60500 0'],
  [['sleep', 'infinity'], 'on'],
  [['sleep', 'x'], "print:sleep: invalid time interval 'x' 1"],
  [['echo', 'a', 'b'], 'print:a b 0'],
  [['sh', '-c', 'echo a; sleep 2 && echo b'], 'print:a sleep:2000 print:b 0'],
  [['sh', '-c', 'false && echo no || echo yes'], 'print:yes 0'],
  [['sh', '-c', 'true || echo no'], '0'],
  [['sh', '-c', 'echo "it\'s $NAME"; exit 7; echo never'], "print:it's World 7"],
  [['sh', '-c', 'exit 256'], '0'],
  [['bash', '-ec', '# a comment\necho ${NAME} # more\n'], 'print:World 0'],
  [['sh', '-c', 'echo oops >&2; exit 1'], 'print:oops 1'],
  [['sh', '-c', 'X=1 exec sleep 3'], 'sleep:3000 0'],
  [['sh', '-c', 'while true; do echo tick; sleep 1; done'], 'print:tick on'],
  [['echo', '$(NAME)', '$$(NAME)'], 'print:World $(NAME) 0'],
]
for (const [command, expected] of cases) {
  test(`${JSON.stringify(command)} comes to ${expected}`, () => {
    const container = { name: 'c', command, env: [{ name: 'NAME', value: 'World' }] }

    assert.equal(summary(planOf(container, true)), expected)
  })
}

test('an unknown program is a server, or ends well where pods are meant to end', () => {
  const unknown: readonly (readonly string[])[] = [
    ['nginx', '-g', 'daemon off;'],
    ['sh', '-c', 'echo `date`'],
    ['sh', '-c', 'if true; then exit 1; fi'],
    ['sh', '-c', 'echo "open'],
    ['sh', '-c', `${'true;'.repeat(MAX_SCRIPT_LENGTH / 5 + 1)}exit 1`],
  ]
  for (const command of unknown) {
    assert.equal(planOf({ name: 'c', command }, false).exitCode, undefined)
    assert.equal(planOf({ name: 'c', command }, true).exitCode, 0)
  }
  assert.equal(planOf({ name: 'c', image: 'nginx' }, false).exitCode, undefined)
  assert.equal(planOf({ name: 'c', args: ['sh', '-c', 'exit 4'] }, false).exitCode, 4)
})
