// The program: wires the command tree to the terminal.
import { loadProgram } from './programs.ts'
import { runProgram } from './run-program.ts'

await runProgram(loadProgram)
