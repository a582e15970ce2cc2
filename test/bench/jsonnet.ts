// What running Jsonnet programs costs beside go-jsonnet: CPU time warm in this process, of the whole program, of go-jsonnet.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { evaluateJsonnet, printJsonnet, type ImportedFile } from '../../src/lang/jsonnet/evaluate.ts'
import { buildBundle } from './bundle.ts'
import { childCost, cpuMs, medianCpuMs } from './cpu-cost.ts'
import type { BenchOptions, Figure } from './measurement.ts'

const ROOT = join(import.meta.dirname, '../..')
const JSONNET = join(ROOT, '.peers/bin/jsonnet')
const CAPSTAN = join(ROOT, 'bin/capstan')
const CHILD_RUNS = 5
const QUICK_CHILD_RUNS = 2

interface BenchProgram {
  readonly name: string
  /** Below test/bench/jsonnet, the folder and the program in it. */
  readonly folder: string
  readonly file: string
  readonly rounds: number
}

const PROGRAMS: readonly BenchProgram[] = [
  { name: 'small application', folder: 'small', file: 'app.jsonnet', rounds: 100 },
  { name: 'stack of forty components from libraries', folder: 'large', file: 'stack.jsonnet', rounds: 10 },
  { name: 'computation', folder: 'compute', file: 'computed.jsonnet', rounds: 20 },
]

export async function measureJsonnet({ isQuick }: BenchOptions): Promise<readonly Figure[]> {
  if (!existsSync(JSONNET)) throw new Error('the real jsonnet is not built: npm run peers -- jsonnet')
  buildBundle()
  return PROGRAMS.flatMap((program) => measureOne(program, isQuick))
}

function measureOne({ name, folder, file, rounds }: BenchProgram, isQuick: boolean): readonly Figure[] {
  const directory = join(import.meta.dirname, 'jsonnet', folder)
  const path = join(directory, file)
  const text = readFileSync(path, 'utf8')
  const children = isQuick ? QUICK_CHILD_RUNS : CHILD_RUNS
  const jsonnet = childCost(JSONNET, [path], children)
  const program = childCost(CAPSTAN, ['render', directory], children)
  const run = (): unknown => evaluateJsonnet(path, text, { findImport })
  const cold = cpuMs(run)
  const warm = medianCpuMs(rounds, run)
  const size = printJsonnet(path, text, { findImport }).length
  return [
    { name: `${name}: warm`, value: warm, unit: 'ms', note: `${(size / 1024).toFixed(0)} KiB of JSON, objects made` },
    { name: `${name}: first in this process`, value: cold, unit: 'ms' },
    { name: `${name}: jsonnet`, value: jsonnet.cpu, unit: 'ms', note: 'CPU time of the program' },
    { name: `${name}: warm to jsonnet`, value: warm / jsonnet.cpu, unit: '×', budget: 1 },
    { name: `${name}: capstan render, CPU`, value: program.cpu, unit: 'ms', note: 'printed as YAML' },
    {
      name: `${name}: capstan render, from start to end`,
      value: program.wall,
      unit: 'ms',
      note: `jsonnet takes ${jsonnet.wall.toFixed(0)}`,
    },
  ]
}

function findImport(path: string, from: string): ImportedFile | undefined {
  const name = join(dirname(from), path)
  return existsSync(name) ? { name, bytes: readFileSync(name) } : undefined
}
