// The messages of account.AccountService: names, numbers and types of their fields.

export const accountMessages = {
  Account: {
    name: { number: 1, type: 'string' },
    enabled: { number: 2, type: 'bool' },
    capabilities: { number: 3, type: 'string', list: true },
    tokens: { number: 4, type: 'Token', list: true },
  },
  AccountsList: {
    items: { number: 1, type: 'Account', list: true },
  },
  CanIRequest: {
    resource: { number: 1, type: 'string' },
    action: { number: 2, type: 'string' },
    subresource: { number: 3, type: 'string' },
  },
  CanIResponse: {
    value: { number: 1, type: 'string' },
  },
  CreateTokenRequest: {
    name: { number: 1, type: 'string' },
    expiresIn: { number: 2, type: 'int64' },
    id: { number: 3, type: 'string' },
  },
  CreateTokenResponse: {
    token: { number: 1, type: 'string' },
  },
  DeleteTokenRequest: {
    name: { number: 1, type: 'string' },
    id: { number: 2, type: 'string' },
  },
  EmptyResponse: {},
  GetAccountRequest: {
    name: { number: 1, type: 'string' },
  },
  ListAccountRequest: {},
  Token: {
    id: { number: 1, type: 'string' },
    issuedAt: { number: 2, type: 'int64' },
    expiresAt: { number: 3, type: 'int64' },
  },
  TokensList: {
    items: { number: 1, type: 'Token', list: true },
  },
  UpdatePasswordRequest: {
    newPassword: { number: 1, type: 'string' },
    currentPassword: { number: 2, type: 'string' },
    name: { number: 3, type: 'string' },
  },
  UpdatePasswordResponse: {},
} as const
