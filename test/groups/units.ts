// The tests beside the code, the house's rules, and what was recorded of the originals.
import { importTests } from './import-tests.ts'

await importTests([
  'src/**/*.test.ts',
  'ui/src/**/*.test.ts',
  'test/house/**/*.test.ts',
  'test/conformance/**/*.test.ts',
])
