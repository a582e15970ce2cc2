// Formats: texts and what helm 4.2.1 said of them, observed.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { formatProblem } from './formats.ts'

const CASES: readonly (readonly [string, string, string | undefined])[] = [
  ['email', 'foo', 'missing @'],
  ['email', 'a@b', undefined],
  ['email', '@b', undefined],
  ['email', 'a@', 'invalid domain: label must be 1 to 63 characters long'],
  ['email', 'a b@c', "invalid character ' '"],
  ['email', '"q"@x', undefined],
  ['email', 'a@[1.2.3.4]', undefined],
  [
    'email',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b',
    'local part more than 64 characters long',
  ],
  ['email', 'a..b@c', 'consecutive dots'],
  ['email', 'a@b..c', 'invalid domain: label must be 1 to 63 characters long'],
  ['email', '.a@b', 'starts with dot'],
  ['uri', 'x', 'relative url'],
  ['uri', 'http://a', undefined],
  ['uri', '/x', 'relative url'],
  ['uri', 'http://[::1', 'parse "http://[::1": missing \']\' in host'],
  ['uri', 'urn:a', undefined],
  ['uri', 'http://a b', 'parse "http://a b": invalid character " " in host name'],
  ['uri', '%zz', 'parse "%zz": invalid URL escape "%zz"'],
  ['uri-reference', 'x', undefined],
  ['uri-reference', 'http://a b', 'parse "http://a b": invalid character " " in host name'],
  ['uri-reference', '%zz', 'parse "%zz": invalid URL escape "%zz"'],
  ['uri-reference', '\\x', 'contains \\'],
  ['ipv4', '1.2.3', 'expected four decimals'],
  ['ipv4', '1.2.3.4', undefined],
  ['ipv4', '01.2.3.4', 'leading zeros'],
  ['ipv4', '256.1.1.1', 'decimal must be between 0 and 255'],
  ['ipv4', 'a.b.c.d', 'strconv.Atoi: parsing "a": invalid syntax'],
  ['ipv6', '::1', undefined],
  ['ipv6', '1.2.3.4', 'missing colon'],
  ['ipv6', '::1%eth0', 'zone id is not a part of ipv6 address'],
  ['ipv6', 'x', 'missing colon'],
  ['hostname', 'a.b', undefined],
  ['hostname', '-a', 'label starts with hyphen'],
  ['hostname', 'a-', 'label ends with hyphen'],
  [
    'hostname',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'label must be 1 to 63 characters long',
  ],
  ['hostname', 'a_b', "invalid character '_'"],
  ['hostname', '', 'label must be 1 to 63 characters long'],
  ['hostname', 'a.', undefined],
  ['date', '2020-01-01', undefined],
  ['date', '2020-13-01', 'parsing time "2020-13-01": month out of range'],
  ['date', '2020-02-30', 'parsing time "2020-02-30": day out of range'],
  ['date', 'x', 'parsing time "x" as "2006-01-02": cannot parse "x" as "2006"'],
  ['date', '2020-1-1', 'parsing time "2020-1-1" as "2006-01-02": cannot parse "1-1" as "01"'],
  ['time', '12:00:00Z', undefined],
  ['time', '12:00:00', 'less than 9 characters long'],
  ['time', '25:00:00Z', 'hour/min/sec out of range'],
  ['time', '12:00:00+25:00', 'hour/min in offset out of range'],
  ['time', 'x', 'less than 9 characters long'],
  ['time', '12:00:60Z', 'invalid leap second'],
  ['time', '23:59:60Z', undefined],
  ['date-time', '2020-01-01T00:00:00Z', undefined],
  ['date-time', '2020-01-01 00:00:00Z', '11th character must be t or T'],
  ['date-time', '2020-01-01', 'less than 20 characters long'],
  ['date-time', '2020-01-01T00:00:00+1', 'invalid time element: offset must be 6 characters long'],
  ['date-time', 'xxxxxxxxxxxxxxxxxxxxx', '11th character must be t or T'],
  ['date-time', '2020-13-01T00:00:00Z', 'invalid date element: parsing time "2020-13-01": month out of range'],
  ['uuid', '2eb8aa08-aa98-11ea-b4aa-73b441d16380', undefined],
  ['uuid', 'x', 'must have 5 elements'],
  ['uuid', '2eb8aa08-aa98-11ea-b4aa-73b441d1638g', "non-hex character 'g'"],
  ['uuid', '2eb8aa08aa98-11ea-b4aa-73b441d16380-', 'element 1 must be 8 characters long'],
  ['regex', 'a', undefined],
  ['regex', '(', 'error parsing regexp: missing closing ): `(`'],
  ['regex', '(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
  ['json-pointer', '/a', undefined],
  ['json-pointer', 'a', 'not starting with /'],
  ['json-pointer', '/a~2', '~ must be followed by 0 or 1'],
  ['json-pointer', '', undefined],
  ['unknown', 'x', undefined],
]

describe('formats', () => {
  for (const [format, text, problem] of CASES) {
    test(`${format}: ${JSON.stringify(text)}`, () => assert.equal(formatProblem(format, text), problem))
  }

  test('lengths of addresses and names', () => {
    assert.equal(formatProblem('email', `${'a'.repeat(65)}@b`), 'local part more than 64 characters long')
    assert.equal(formatProblem('hostname', 'x'.repeat(254)), 'more than 253 characters long')
  })
})
