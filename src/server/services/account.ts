// account.AccountService: what may I do, change a password.
import { CapstanError } from '../../base/errors.ts'
import { Secret } from '../../base/secret.ts'
import { hashPassword, isPasswordOf } from '../auth/passwords.ts'
import type { Call, ServiceHandlers } from '../context.ts'
import { requiredText, textField, type RequestFields } from './fields.ts'
import { callerOf, isAllowed, requireAllowed } from './permissions.ts'

/** argocd-cm `passwordPattern`, its default. */
const PASSWORD_PATTERN = /^.{8,32}$/

export const accountService: ServiceHandlers = {
  async CanI(request, call) {
    const [resource, action] = [requiredText(request, 'resource'), requiredText(request, 'action')]
    return { value: isAllowed(call, resource, action, textField(request, 'subresource')) ? 'yes' : 'no' }
  },
  UpdatePassword: updatePassword,
}

/** PUT /api/v1/account/password (004-34): a person's own password needs the current one. */
async function updatePassword(request: RequestFields, call: Call): Promise<object> {
  const caller = callerOf(call)
  const name = textField(request, 'name') || caller.username
  if (name !== caller.username) requireAllowed(call, 'accounts', 'update', name)
  const account = call.context.accounts.find(caller.username)
  const current = new Secret(textField(request, 'currentPassword'))
  if (account?.passwordHash === undefined || !(await isPasswordOf(account.passwordHash, current))) {
    throw new CapstanError('bad-input', 'current password does not match')
  }
  const password = requiredText(request, 'newPassword')
  if (!PASSWORD_PATTERN.test(password)) {
    throw new CapstanError(
      'bad-input',
      `New password does not match the following expression: ${PASSWORD_PATTERN.source}.`,
    )
  }
  await call.context.accounts.setPasswordHash(name, await hashPassword(new Secret(password)), call.signal)
  return {}
}
