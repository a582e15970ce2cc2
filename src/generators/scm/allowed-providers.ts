// Whether ApplicationSets may ask forges at all, and this one.
import { CapstanError } from '../../base/errors.ts'
import type { GeneratorContext } from '../contract.ts'

/** An address of its own must be among the allowed ones, where there are any: tokens would go there (upstream's ScmProviderAllowed). */
export function requireAllowedProvider(api: string, { services }: GeneratorContext): void {
  const { isEnabled, disabledReason, allowedProviders } = services.scm
  if (!isEnabled) {
    const why = disabledReason === undefined ? '' : `: ${disabledReason}`
    throw new CapstanError('forbidden', `scm providers are disabled${why}`)
  }
  if (api === '' || allowedProviders.length === 0 || allowedProviders.includes(api)) return
  const text = `scm provider not allowed: scm provider ${JSON.stringify(api)} not allowed, must use one of the following: ${allowedProviders.join(', ')}`
  throw new CapstanError('forbidden', text)
}
