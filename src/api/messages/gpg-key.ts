// The messages of gpgkey.GPGKeyService: names, numbers and types of their fields.

export const gpgKeyMessages = {
  GnuPGPublicKeyCreateRequest: {
    publickey: { number: 1, type: 'v1alpha1.GnuPGPublicKey' },
    upsert: { number: 2, type: 'bool' },
  },
  GnuPGPublicKeyCreateResponse: {
    created: { number: 1, type: 'v1alpha1.GnuPGPublicKeyList' },
    skipped: { number: 2, type: 'string', list: true },
  },
  GnuPGPublicKeyQuery: {
    keyID: { number: 1, type: 'string' },
  },
  GnuPGPublicKeyResponse: {},
} as const
