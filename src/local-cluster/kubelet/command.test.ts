// What commands of containers come to, and what exec can run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContainerFiles } from './container-files.ts'
import { containerProgram, execProgram, type MachineFacts } from './command.ts'
import { ShellSyntaxError } from './shell/syntax.ts'
import type { Running } from './shell/machine.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)

function facts(over: Partial<MachineFacts> = {}): MachineFacts {
  const files = new ContainerFiles()
  files.mount(new Map([['/etc/config/color', 'red']]), ['/etc/config'])
  return {
    env: { NAME: 'World', EMPTY: '' },
    files,
    hostname: 'web',
    workingDir: '/',
    hasTerminal: false,
    now: () => NOW,
    unknownPrograms: 'succeed',
    ...over,
  }
}

/** `print:…`, `err:…`, `sleep:ms`, then the exit code or `on`; stops after twenty effects. */
function summary(program: Running<number>, lines: readonly string[] = []): string {
  const steps: string[] = []
  const input = [...lines]
  let next = program.next()
  for (let count = 0; next.done !== true; count++) {
    if (next.value.kind === 'forever') return [...steps, 'on'].join(' ')
    if (next.value.kind === 'print') steps.push(`${next.value.to === 1 ? 'print' : 'err'}:${next.value.text.trimEnd()}`)
    if (next.value.kind === 'sleep') steps.push(`sleep:${next.value.ms}`)
    if (count === 20) return [...steps, '…'].join(' ')
    next = program.next(next.value.kind === 'read' ? input.shift() : undefined)
  }
  return [...steps, next.value].join(' ')
}

const cases: readonly [readonly string[], string][] = [
  [['true'], '0'],
  [['/bin/false'], '1'],
  [['fail'], '127'],
  [['sleep', '10'], 'sleep:10000 0'],
  [['sleep', '1m', '0.5s'], 'sleep:60500 0'],
  [['sleep', 'infinity'], 'on'],
  [['sleep', 'x'], "err:sleep: invalid time interval 'x' 1"],
  [['echo', 'a', 'b'], 'print:a b 0'],
  [['sh', '-c', 'echo a; sleep 2 && echo b'], 'print:a sleep:2000 print:b 0'],
  [['sh', '-c', 'false && echo no || echo yes'], 'print:yes 0'],
  [['sh', '-c', 'true || echo no'], '0'],
  [['sh', '-c', '--', 'echo ends flags'], 'print:ends flags 0'],
  [['sh', '-ce', 'false; echo never'], '1'],
  [['sh', '-c', 'echo "it\'s $NAME"; exit 7; echo never'], "print:it's World 7"],
  [['sh', '-c', 'exit 256'], '0'],
  [['bash', '-ec', '# a comment\necho ${NAME} # more\n'], 'print:World 0'],
  [['sh', '-c', 'echo oops >&2; exit 1'], 'err:oops 1'],
  [['sh', '-c', 'echo both 2>&1 1>&2'], 'print:both 0'],
  [['sh', '-c', 'X=1 exec sleep 3'], 'sleep:3000 0'],
  [['sh', '-ec', 'false; echo never'], '1'],
  [['sh', '-ec', 'if false; then echo no; fi; false || true; echo yes'], 'print:yes 0'],
  [['sh', '-c', 'set -e; ! true; echo on; (exit 4)'], 'print:on 4'],
  [['echo', '$(NAME)', '$$(NAME)'], 'print:World $(NAME) 0'],
  [['sh', '-c', 'echo `date +%F` $(date +%H:%M)'], 'print:2026-01-02 03:04 0'],
  [['sh', '-c', 'for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done'], 'print:1 print:3 0'],
  [
    ['sh', '-c', 'i=0; while [ $i -lt 3 ]; do i=$((i+1)); sleep 1; done; exit $i'],
    'sleep:1000 sleep:1000 sleep:1000 3',
  ],
  [['sh', '-c', 'until false; do break; done; echo out'], 'print:out 0'],
  [['sh', '-c', 'case $NAME in W*|x) echo w;; *) echo other;; esac'], 'print:w 0'],
  [['sh', '-c', 'f() { echo "$1-$#"; return 3; }; f "a b" c; exit $?'], 'print:a b-2 3'],
  [
    ['sh', '-c', 'echo ${NONE:-none} ${EMPTY:-empty} ${EMPTY-kept} ${#NAME} ${NAME%ld} ${NAME#Wo}'],
    'print:none empty 5 Wor rld 0',
  ],
  [['sh', '-c', 'echo "$@" "$0"', 'me', 'x  y', 'z'], 'print:x  y z me 0'],
  [['sh', '-c', 'printf "%s=%d\\n" a 1 b 2'], 'print:a=1 print:b=2 0'],
  [
    ['sh', '-c', 'cat /etc/config/color; echo; cat /none'],
    "print:red print: err:cat: can't open '/none': No such file or directory 1",
  ],
  [['sh', '-c', 'echo x > /tmp/f && cat /tmp/f && rm /tmp/f && ls /tmp'], 'print:x 0'],
  [['sh', '-c', 'echo x > /etc/config/new'], "err:sh: can't create /etc/config/new: Read-only file system 1"],
  [['sh', '-c', 'echo /etc/config/*; seq 3 | tail -n 1 | cat'], 'print:/etc/config/color print:3 0'],
  [['sh', '-c', 'if test -f /etc/config/color; then hostname; else false; fi'], 'print:web 0'],
  [
    ['sh', '-c', 'mkdir -p /a/b /a && mkdir /a; mkdir /etc/config/new; ls /a'],
    "err:mkdir: can't create directory '/a': File exists err:mkdir: can't create directory '/etc/config/new': Read-only file system print:b 0",
  ],
  [['env', '-i', 'A=1', 'printenv', 'A'], 'print:1 0'],
  [['sh', '-c', 'read a b; echo "$b,$a"'], 'print:, 0'],
]
for (const [command, expected] of cases) {
  test(`${JSON.stringify(command)} comes to ${expected}`, () => {
    const container = { name: 'c', command, env: [{ name: 'NAME', value: 'World' }] }

    assert.equal(summary(containerProgram(container, facts())), expected)
  })
}

test('a loop without a sleep leaves time for others, one with a sleep goes on', () => {
  const busy = containerProgram({ name: 'c', command: ['sh', '-c', 'while :; do :; done'] }, facts())
  const ticking = containerProgram(
    { name: 'c', command: ['sh', '-c', 'while true; do echo t; sleep 1; done'] },
    facts(),
  )

  assert.match(summary(busy), /^sleep:50 sleep:50 .*…$/)
  assert.match(summary(ticking), /^print:t sleep:1000 print:t sleep:1000 .*…$/)
})

test('an unknown program is a server, or ends well where pods are meant to end', () => {
  const unknown: readonly (readonly string[])[] = [
    ['nginx', '-g', 'daemon off;'],
    ['sh', '-c', 'mkdir -p /data && exec nginx'],
    ['sh', '-c', 'if true; then nginx; fi'],
  ]
  for (const command of unknown) {
    const container = { name: 'c', command }
    assert.equal(summary(containerProgram(container, facts({ unknownPrograms: 'forever' }))), 'on')
    assert.equal(summary(containerProgram(container, facts())), '0')
  }
  assert.equal(summary(containerProgram({ name: 'c', image: 'nginx' }, facts({ unknownPrograms: 'forever' }))), 'on')
  assert.equal(summary(containerProgram({ name: 'c', args: ['sh', '-c', 'exit 4'] }, facts())), '4')
  assert.equal(summary(containerProgram({ name: 'c', command: ['sh', '-c', 'init-db; exit 4'] }, facts())), '4')
})

test('what the reader does not know of the language is told as such', () => {
  const unread = ['echo "open', 'cat <<X\na\nX\n', 'sleep 1 &\nwait', `${'('.repeat(60)}true${')'.repeat(60)}`]
  for (const script of unread) {
    const program = containerProgram({ name: 'c', command: ['sh', '-c', script] }, facts())
    assert.throws(() => summary(program), ShellSyntaxError, script)
  }
})

test('exec knows what a container has, and a shell says what it has not', () => {
  const strict = facts({ unknownPrograms: undefined })

  assert.equal(execProgram(['nginx'], strict), undefined)
  assert.equal(execProgram([], strict), undefined)
  assert.equal(execProgram(['exit'], strict), undefined)
  const inShell = execProgram(['sh', '-c', 'nginx -v; echo $?'], strict)
  assert.ok(inShell)
  assert.equal(summary(inShell), 'err:sh: nginx: not found print:127 0')
})

test('a shell reads its input, asks where there is a terminal, and goes on after mistakes', () => {
  const strict = facts({ unknownPrograms: undefined })
  const script = ['echo a\n', 'if true\n', 'then echo b\n', 'fi\n', ')\n', 'exit 3\n', 'echo never\n']
  const piped = execProgram(['sh'], strict)
  const asked = execProgram(['sh'], { ...strict, hasTerminal: true })
  assert.ok(piped)
  assert.ok(asked)

  assert.equal(summary(piped, script), 'print:a print:b err:sh: syntax error: unexpected ")" 3')
  assert.equal(summary(asked, ['pwd\n', 'exit\n']), 'err:/ # print:/ err:/ # 0')
})

test('text, words and calls are bounded', () => {
  const strict = facts({ unknownPrograms: undefined })
  const scripts: readonly [string, RegExp][] = [
    ['x=aaaaaaaa; while :; do x=$x$x; done', /out of memory/],
    ['f() { f; }; f', /nested too deeply/],
    ['echo /*/../*/../*/../*/../*/../*', /too many words/],
    ['x=aaaaaaaa; while [ ${#x} -lt 100000 ]; do x=$x$x; done; case $x in *$x*b) ;; esac', /pattern too long/],
    ['x=aaaaaaaa; while [ ${#x} -lt 10000 ]; do x=$x$x; done; echo ${x%*a*b}', /pattern too long/],
    [
      'eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval eval true',
      /nested too deeply/,
    ],
  ]
  for (const [script, why] of scripts) {
    const program = execProgram(['sh', '-c', script], strict)
    assert.ok(program)
    assert.throws(() => summary(program), why)
  }
})
