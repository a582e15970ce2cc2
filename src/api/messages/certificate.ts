// The messages of certificate.CertificateService: names, numbers and types of their fields.

export const certificateMessages = {
  RepositoryCertificateCreateRequest: {
    certificates: { number: 1, type: 'v1alpha1.RepositoryCertificateList' },
    upsert: { number: 2, type: 'bool' },
  },
  RepositoryCertificateQuery: {
    hostNamePattern: { number: 1, type: 'string' },
    certType: { number: 2, type: 'string' },
    certSubType: { number: 3, type: 'string' },
  },
  RepositoryCertificateResponse: {},
} as const
