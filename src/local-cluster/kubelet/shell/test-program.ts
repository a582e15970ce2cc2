// `test` and `[`: comparisons of texts, numbers and files.
import type { MachineFiles } from './machine.ts'
import { resolvePath } from './paths.ts'

interface Surroundings {
  readonly workingDir: string
  readonly machine: { readonly files: MachineFiles }
}

/** Whether an expression holds; `-a` and `-o` join, `!` negates. What is not known does not hold. */
export function evaluateTest(args: readonly string[], shell: Surroundings): boolean {
  const either = args.indexOf('-o')
  if (either > 0) return evaluateTest(args.slice(0, either), shell) || evaluateTest(args.slice(either + 1), shell)
  const both = args.indexOf('-a')
  if (both > 0) return evaluateTest(args.slice(0, both), shell) && evaluateTest(args.slice(both + 1), shell)
  if (args[0] === '!' && args.length > 1) return !evaluateTest(args.slice(1), shell)
  const [first = '', second = '', third = ''] = args
  if (args.length === 3) return compare(first, second, third)
  return args.length === 2 ? unary(first, second, shell) : first !== ''
}

function unary(operator: string, operand: string, { machine, workingDir }: Surroundings): boolean {
  const path = resolvePath(workingDir, operand)
  const file = machine.files.read(path)
  switch (operator) {
    case '-z':
      return operand === ''
    case '-n':
      return operand !== ''
    case '-f':
    case '-r':
      return file !== undefined
    case '-s':
      return file !== undefined && file !== ''
    case '-d':
      return machine.files.list(path) !== undefined
    case '-e':
      return file !== undefined || machine.files.list(path) !== undefined
    default:
      return false
  }
}

function compare(left: string, operator: string, right: string): boolean {
  const [first, second] = [Number(left), Number(right)]
  switch (operator) {
    case '=':
    case '==':
      return left === right
    case '!=':
      return left !== right
    case '-eq':
      return first === second
    case '-ne':
      return first !== second
    case '-lt':
      return first < second
    case '-le':
      return first <= second
    case '-gt':
      return first > second
    case '-ge':
      return first >= second
    default:
      return false
  }
}
