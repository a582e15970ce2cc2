// The messages of session.SessionService: names, numbers and types of their fields.

export const sessionMessages = {
  GetUserInfoRequest: {},
  GetUserInfoResponse: {
    loggedIn: { number: 1, type: 'bool' },
    username: { number: 2, type: 'string' },
    iss: { number: 3, type: 'string' },
    groups: { number: 4, type: 'string', list: true },
  },
  SessionCreateRequest: {
    username: { number: 1, type: 'string' },
    password: { number: 2, type: 'string' },
    token: { number: 3, type: 'string' },
  },
  SessionDeleteRequest: {},
  SessionResponse: {
    token: { number: 1, type: 'string' },
  },
} as const
