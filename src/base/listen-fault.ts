// Why a port cannot be opened, as an error that says what to do.
import { CapstanError } from './errors.ts'

export interface Place {
  readonly port: number
  readonly address: string
  /** The flag that chooses the port. */
  readonly flag: string
}

/** `precondition` where the port is taken, `forbidden` where it may not be opened, `bad-input` for an address of another machine; any other error as it is. */
export function listenFault(error: unknown, { port, address, flag }: Place): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  const because = { cause: error }
  switch (code) {
    case 'EADDRINUSE':
      return new CapstanError(
        'precondition',
        `port ${port} on ${address} is taken; end what uses it, or choose another with ${flag}`,
        because,
      )
    case 'EACCES':
      return new CapstanError(
        'forbidden',
        `port ${port} may not be opened by this user; choose one above 1023 with ${flag}`,
        because,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new CapstanError(
        'bad-input',
        `${address} is no address of this machine; choose one with --address, such as 127.0.0.1 or 0.0.0.0`,
        because,
      )
    default:
      return error
  }
}
