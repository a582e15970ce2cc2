// Signs JSON Web Tokens for token endpoints; the library is loaded with the first.
import type { SignJwt } from '../source/tokens/token-endpoint.ts'

/** By RS256. PKCS#1 keys, which GitHub makes, are taken as PKCS#8 ones are. */
export const signJwt: SignJwt = async (claims, key, header) => {
  const [{ SignJWT }, { createPrivateKey }] = await Promise.all([import('jose'), import('node:crypto')])
  const token = new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...header })
  return token.sign(createPrivateKey(key.reveal()))
}
