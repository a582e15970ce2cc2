// Runs the test programs of google/jsonnet and go-jsonnet with this interpreter, and tells which give something else.
// CAPSTAN_JSONNET names a folder with the checkouts `jsonnet` and `go-jsonnet`; `-- PATTERN` takes only programs whose name holds it.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { CapstanError, messageOf } from '../../src/base/errors.ts'
import { printJsonnet, type ImportedFile, type Variable } from '../../src/lang/jsonnet/evaluate.ts'

interface Suite {
  readonly name: string
  readonly folder: string
  /** What messages of the recorded results put before a program's name. */
  readonly prefix: string
  readonly variables: readonly Variable[]
  /** Of those that are no known difference, how many must be right. */
  readonly share: number
}

const text = (name: string, value: string): Variable => ({ name, value, isCode: false })
const code = (name: string, value: string): Variable => ({ name, value, isCode: true })

const SHARED = [text('var1', 'test'), code('var2', '{x:1,y:2}')]
const OWN = [
  text('stringVar', '2 + 2'),
  code('codeVar', '3 + 3'),
  code('errorVar', "error 'xxx'"),
  code('staticErrorVar', ')'),
  code('UndeclaredX', 'x'),
  code('selfRecursiveVar', '[42, std.extVar("selfRecursiveVar")[0] + 1]'),
  code('mutuallyRecursiveVar1', '[42, std.extVar("mutuallyRecursiveVar2")[0] + 1]'),
  code('mutuallyRecursiveVar2', '[42, std.extVar("mutuallyRecursiveVar1")[0] + 1]'),
]

const SUITES: readonly Suite[] = [
  { name: 'google/jsonnet', folder: 'jsonnet/test_suite', prefix: '', variables: SHARED, share: 0.99 },
  // Native functions and several outputs are the command's, not the language's.
  { name: 'google/go-jsonnet', folder: 'go-jsonnet/testdata', prefix: 'testdata/', variables: OWN, share: 0.98 },
]

process.exitCode = main()

function main(): number {
  const root = process.env['CAPSTAN_JSONNET']
  if (root === undefined || !existsSync(root)) {
    print('Jsonnet suites were not run: CAPSTAN_JSONNET names no folder of checkouts')
    return 0
  }
  const suites = SUITES.filter(({ folder }) => existsSync(join(root, folder)))
  const results = suites.map((suite) => runSuite(suite, join(root, suite.folder)))
  return suites.length > 0 && results.every(Boolean) ? 0 : 1
}

function runSuite(suite: Suite, folder: string): boolean {
  const pattern = process.argv[2] ?? ''
  const programs = readdirSync(folder).filter((name) => name.endsWith('.jsonnet') && name.includes(pattern))
  const failures = programs.toSorted().flatMap((name) => {
    const failure = failureOf(suite, folder, name)
    return failure === undefined ? [] : [`${name}: ${failure}`]
  })
  for (const failure of failures) print(failure)
  const passed = programs.length - failures.length
  print(`${suite.name}: ${passed} of ${programs.length} programs`)
  return programs.length > 0 && passed / programs.length >= suite.share
}

function failureOf(suite: Suite, folder: string, name: string): string | undefined {
  const path = join(folder, name)
  const golden = goldenOf(path)
  const isFailing = /^(?:RUNTIME|STATIC) ERROR|^[^\n{}"[\]]*:\d+:\d+|^[^\n]*:\(\d+/.test(golden)
  try {
    const found = runProgram(suite, folder, name)
    if (isFailing) return `gives a value instead of ${firstLine(golden)}`
    return found.trimEnd() === golden.trimEnd() ? undefined : `gives ${firstLine(found)}`
  } catch (error) {
    if (!(error instanceof CapstanError)) return `breaks: ${messageOf(error)}`
    return isFailing ? undefined : messageOf(error)
  }
}

/** What is recorded; programs without a record give true. */
function goldenOf(path: string): string {
  const files = [`${path}.golden`, path.replace(/\.jsonnet$/, '.golden')]
  const found = files.find((file) => existsSync(file) && statSync(file).isFile())
  return found === undefined ? 'true\n' : readFileSync(found, 'utf8')
}

function runProgram({ prefix, variables }: Suite, folder: string, name: string): string {
  const takesArguments = name.startsWith('tla.')
  return printJsonnet(prefix + name, readFileSync(join(folder, name), 'utf8'), {
    externalVariables: takesArguments ? [] : variables,
    topLevelArguments: takesArguments ? variables : [],
    findImport: (path, from) => findImport(folder, prefix, { path, from }),
  })
}

function findImport(
  folder: string,
  prefix: string,
  { path, from }: { readonly path: string; readonly from: string },
): ImportedFile | undefined {
  const asking = resolve(folder, from.startsWith(prefix) ? from.slice(prefix.length) : from)
  for (const candidate of [resolve(dirname(asking), path), resolve(folder, path)]) {
    if (!existsSync(candidate) || !statSync(candidate).isFile()) continue
    return { name: prefix + relative(folder, candidate), bytes: readFileSync(candidate) }
  }
  return undefined
}

function firstLine(value: string): string {
  return value.split('\n', 1)[0] ?? ''
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
