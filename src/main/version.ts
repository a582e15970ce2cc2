// Capstan's version, as `capstan version` and the API tell it.
import manifest from '../../package.json' with { type: 'json' }

export const VERSION: string = `v${manifest.version}`
