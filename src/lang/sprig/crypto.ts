// Sprig's cryptographic functions: certificates, keys, passwords, AES.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  scryptSync,
  X509Certificate,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { messageOf } from '../../base/errors.ts'
import { parseIpAddress } from '../../base/ip-address.ts'
import { createCertificate } from '../../base/x509.ts'
import type { CertificateIssuer } from '../../base/x509.ts'
import { GoError } from '../go/error.ts'
import { formatValue } from '../go/print.ts'
import { bytesOfText, textOfBytes } from '../go/text.ts'
import { ANY_SLICE, elementsOf, GoStruct, INT, STRING } from '../go/values.ts'
import type { GoType, GoValue } from '../go/values.ts'
import { bcryptHash } from './bcrypt.ts'
import { countAt, fixed, textAt, valueAt } from './define.ts'
import type { FunctionTable } from './define.ts'
import type { SprigEnvironment } from './environment.ts'
import { generatePrivateKey, parsePrivateKey, privateKeyPem } from './private-keys.ts'

const UINT32: GoType = { name: 'uint32', kind: 'uint32' }
const CERTIFICATE: GoType = {
  name: 'sprig.certificate',
  kind: 'struct',
  fields: [
    { name: 'Cert', type: STRING },
    { name: 'Key', type: STRING },
  ],
}
const DAY_MS = 86_400_000
const KEY_BITS = 2048
const LEAF: readonly GoType[] = [STRING, ANY_SLICE, ANY_SLICE, INT]
const USAGES = ['digitalSignature', 'keyEncipherment', 'serverAuth', 'clientAuth'] as const

export function cryptoFunctions(environment: SprigEnvironment): FunctionTable {
  const issue = (plan: Plan): GoValue => issueCertificate(environment, plan)
  return {
    genCA: fixed([STRING, INT], (args) => issue(authorityPlan(args, newKey()))),
    genCAWithKey: fixed([STRING, INT, STRING], (args) => issue(authorityPlan(args, givenKey(args, 2)))),
    genSelfSignedCert: fixed(LEAF, (args) => issue(leafPlan(args, newKey()))),
    genSelfSignedCertWithKey: fixed([...LEAF, STRING], (args) => issue(leafPlan(args, givenKey(args, 4)))),
    genSignedCert: fixed([...LEAF, CERTIFICATE], (args) => {
      return issue({ ...leafPlan(args, newKey()), issuer: issuerOf(valueAt(args, 4)) })
    }),
    genSignedCertWithKey: fixed([...LEAF, CERTIFICATE, STRING], (args) => {
      return issue({ ...leafPlan(args, givenKey(args, 5)), issuer: issuerOf(valueAt(args, 4)) })
    }),
    buildCustomCert: fixed([STRING, STRING], customCertificate),
    genPrivateKey: fixed([STRING], (args) => generatePrivateKey(textAt(args, 0))),
    bcrypt: fixed([STRING], (args) => bcrypt(environment, textAt(args, 0))),
    htpasswd: fixed([STRING, STRING], (args) => {
      const user = textAt(args, 0)
      return user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypt(environment, textAt(args, 1))}`
    }),
    derivePassword: fixed([UINT32, STRING, STRING, STRING, STRING], derivePassword),
    encryptAES: fixed([STRING, STRING], (args) => encryptAes(environment, textAt(args, 0), textAt(args, 1))),
    decryptAES: fixed([STRING, STRING], (args) => decryptAes(textAt(args, 0), textAt(args, 1))),
  }
}

interface Plan {
  readonly commonName: string
  readonly days: number
  readonly key: KeyObject
  readonly ipAddresses: readonly string[]
  readonly dnsNames: readonly string[]
  readonly isCa: boolean
  readonly issuer?: CertificateIssuer
}

function authorityPlan(args: readonly GoValue[], key: KeyObject): Plan {
  return { commonName: textAt(args, 0), days: countAt(args, 1), key, ipAddresses: [], dnsNames: [], isCa: true }
}

function leafPlan(args: readonly GoValue[], key: KeyObject): Plan {
  const ipAddresses = textsAt(args, 1, 'error parsing ip')
  const wrong = ipAddresses.find((text) => parseIpAddress(text) === undefined)
  if (wrong !== undefined) throw new GoError(`error parsing ip: ${wrong}`)
  const dnsNames = textsAt(args, 2, 'error processing alternate dns name')
  return { commonName: textAt(args, 0), days: countAt(args, 3), key, ipAddresses, dnsNames, isCa: false }
}

function textsAt(args: readonly GoValue[], index: number, fault: string): string[] {
  return (elementsOf(valueAt(args, index)) ?? []).map((item) => {
    if (typeof item === 'string') return item
    throw new GoError(`${fault}: ${formatValue(item)} is not a string`)
  })
}

function newKey(): KeyObject {
  return generateKeyPairSync('rsa', { modulusLength: KEY_BITS }).privateKey
}

function givenKey(args: readonly GoValue[], index: number): KeyObject {
  return wrapped('parsing private key', () => parsePrivateKey(textAt(args, index)))
}

function wrapped<T>(what: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw new GoError(`${what}: ${messageOf(error)}`, { cause: error })
  }
}

function issuerOf(value: GoValue): CertificateIssuer {
  const certificate = fieldText(value, 'Cert')
  if (!certificate.includes('-----BEGIN CERTIFICATE-----')) throw new GoError('unable to decode certificate')
  return {
    certificate,
    privateKey: wrapped('error parsing CA private key', () => parsePrivateKey(fieldText(value, 'Key'))),
  }
}

function fieldText(value: GoValue, name: string): string {
  const field = value instanceof GoStruct ? value.fields.get(name) : undefined
  return typeof field === 'string' ? field : ''
}

function issueCertificate(environment: SprigEnvironment, plan: Plan): GoValue {
  const now = environment.nowMs()
  const serial = environment.random(16)
  const cert = createCertificate({
    subject: { commonName: plan.commonName },
    keyPair: { privateKey: plan.key, publicKey: createPublicKey(plan.key) },
    ...(plan.issuer === undefined ? {} : { issuer: plan.issuer }),
    ipAddresses: plan.ipAddresses,
    dnsNames: plan.dnsNames,
    notBefore: new Date(now),
    notAfter: new Date(now + plan.days * DAY_MS),
    isCa: plan.isCa,
    usages: plan.isCa ? [...USAGES, 'certSign'] : USAGES,
    serialNumber: serial,
  })
  return certificateValue(cert, privateKeyPem(plan.key))
}

function certificateValue(cert: string, key: string): GoStruct {
  return new GoStruct(
    CERTIFICATE,
    new Map([
      ['Cert', cert],
      ['Key', key],
    ]),
  )
}

function customCertificate(args: readonly GoValue[]): GoValue {
  const cert = decoded(textAt(args, 0), 'unable to decode base64 certificate')
  const key = decoded(textAt(args, 1), 'unable to decode base64 private key')
  if (!cert.includes('-----BEGIN ')) throw new GoError('unable to decode certificate')
  wrapped('error parsing certificate: decodedCert.Bytes', () => new X509Certificate(cert))
  wrapped('error parsing private key', () => parsePrivateKey(key))
  return certificateValue(cert, key)
}

function decoded(text: string, fault: string): string {
  const plain = text.replaceAll(/[\r\n]/g, '')
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) throw new GoError(fault)
  return textOfBytes(Buffer.from(plain, 'base64'))
}

function bcrypt(environment: SprigEnvironment, password: string): string {
  const hash = bcryptHash(bytesOfText(password), environment.random(16))
  return hash ?? 'failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes'
}

const KEY_BYTES = 32
const IV_BYTES = 16

function aesKey(password: string): Buffer {
  return Buffer.concat([bytesOfText(password), Buffer.alloc(KEY_BYTES)]).subarray(0, KEY_BYTES)
}

function encryptAes(environment: SprigEnvironment, password: string, text: string): string {
  if (text === '') return ''
  const iv = Buffer.from(environment.random(IV_BYTES))
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), iv)
  return Buffer.concat([iv, cipher.update(bytesOfText(text)), cipher.final()]).toString('base64')
}

function decryptAes(password: string, text: string): string {
  if (text === '') return ''
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length <= IV_BYTES || bytes.length % IV_BYTES !== 0)
    throw new GoError('crypto/cipher: input not full blocks')
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, IV_BYTES)).setAutoPadding(false)
  const plain = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES)), decipher.final()])
  const end = plain.length - (plain.at(-1) ?? 0)
  if (end < 0) throw new GoError(`runtime error: slice bounds out of range [:${end}]`)
  return textOfBytes(plain.subarray(0, end))
}

const SEED = 'com.lyndir.masterpassword'
const SCRYPT = { N: 32_768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 } as const
const VOWELS = 'AEIOU'
const CONSONANTS = 'BCDFGHJKLMNPQRSTVWXYZ'
const LETTERS = VOWELS + VOWELS.toLowerCase() + CONSONANTS + CONSONANTS.toLowerCase()
const CHARACTERS: Readonly<Record<string, string>> = {
  V: VOWELS,
  C: CONSONANTS,
  v: VOWELS.toLowerCase(),
  c: CONSONANTS.toLowerCase(),
  A: VOWELS + CONSONANTS,
  a: LETTERS,
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: `${LETTERS}0123456789!@#$%^&*()`,
}
/** The forms of the Master Password algorithm: a letter stands for a class of characters. */
const TEMPLATES: Readonly<Record<string, string>> = {
  maximum: 'anoxxxxxxxxxxxxxxxxx axxxxxxxxxxxxxxxxxno',
  long:
    'CvcvnoCvcvCvcv CvcvCvcvnoCvcv CvcvCvcvCvcvno CvccnoCvcvCvcv CvccCvcvnoCvcv CvccCvcvCvcvno CvcvnoCvccCvcv ' +
    'CvcvCvccnoCvcv CvcvCvccCvcvno CvcvnoCvcvCvcc CvcvCvcvnoCvcc CvcvCvcvCvccno CvccnoCvccCvcv CvccCvccnoCvcv ' +
    'CvccCvccCvcvno CvcvnoCvccCvcc CvcvCvccnoCvcc CvcvCvccCvccno CvccnoCvcvCvcc CvccCvcvnoCvcc CvccCvcvCvccno',
  medium: 'CvcnoCvc CvcCvcno',
  short: 'Cvcn',
  basic: 'aaanaaan aannaaan aaannaaa',
  pin: 'nnnn',
}

/** The Master Password algorithm, version 1: the same inputs give the same password. */
function derivePassword(args: readonly GoValue[]): string {
  const kind = textAt(args, 1)
  const templates = Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind]?.split(' ') : undefined
  if (templates === undefined) return `cannot find password template ${kind}`
  const user = bytesOfText(textAt(args, 3))
  const site = bytesOfText(textAt(args, 4))
  const salt = Buffer.concat([Buffer.from(SEED), word(user.length), user])
  const key = scryptSync(bytesOfText(textAt(args, 2)), salt, 64, SCRYPT)
  const message = Buffer.concat([Buffer.from(SEED), word(site.length), site, word(countAt(args, 0))])
  const seed = createHmac('sha256', key).update(message).digest()
  const template = templates[(seed[0] ?? 0) % templates.length] ?? ''
  return Array.from(template, (letter, index) => {
    const characters = CHARACTERS[letter] ?? ''
    return characters[(seed[index + 1] ?? 0) % characters.length] ?? ''
  }).join('')
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
