// capstan.PageService: what the page asks for besides the public API.
import type { ServiceHandlers } from '../../context.ts'
import { findApplications } from './find-applications.ts'
import { follow } from './follow.ts'

export const pageService: ServiceHandlers = {
  FindApplications: findApplications,
  Follow: follow,
}
