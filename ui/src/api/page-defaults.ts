// The call about what an operator wants the page to look like.
import type { PageDefaults } from '../preferences.ts'
import { basePath, callApi } from './request.ts'

export function readPageDefaults(signal: AbortSignal): Promise<PageDefaults> {
  return callApi(`${basePath()}/api/capstan/page`, { signal })
}
