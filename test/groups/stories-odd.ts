// Every second file of the stories.
import { importTests } from './import-tests.ts'

await importTests(['test/stories/**/*.test.ts'], (index) => index % 2 === 0)
