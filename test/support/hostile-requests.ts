// Requests that nobody sends by accident, with the answers kube-apiserver 1.36.3 gives (exceptions say why).
const JSON_TYPE = 'application/json'
export const MAPS = '/api/v1/namespaces/default/configmaps'
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

export interface HostileRequest {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly type?: string
  readonly body?: string | Buffer
  readonly code: number
  /** What the answer has to say. */
  readonly says?: RegExp
}

function post(name: string, body: string | Buffer, code: number, says?: RegExp): HostileRequest {
  return { name, method: 'POST', path: MAPS, type: JSON_TYPE, body, code, ...(says === undefined ? {} : { says }) }
}

function get(name: string, path: string, code: number, says?: RegExp): HostileRequest {
  return { name, method: 'GET', path, code, ...(says === undefined ? {} : { says }) }
}

function list(name: string, query: string, code: number, says?: RegExp): HostileRequest {
  return get(name, `${MAPS}?${query}`, code, says)
}

function patch(name: string, type: string, body: string, [code, says]: readonly [number, RegExp?]): HostileRequest {
  const query = type === 'apply-patch+yaml' ? '?fieldManager=hostile' : ''
  return { name, method: 'PATCH', path: `${MAPS}/base${query}`, type: `application/${type}`, body, code, ...(says === undefined ? {} : { says }) } // prettier-ignore
}

function yaml(name: string, body: string, code: number, says?: RegExp): HostileRequest {
  return { ...post(name, body, code, says), type: 'application/yaml' }
}

function protobuf(name: string, body: string, code: number, says?: RegExp): HostileRequest {
  const type = 'application/vnd.kubernetes.protobuf'
  return { ...post(name, Buffer.from(body, 'latin1'), code, says), type }
}

/** A ConfigMap with more fields behind its metadata, as text: objects would lose `__proto__`. */
function map(name: string, more = '', metadata = ''): string {
  return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"${metadata}}${more}}`
}

const ALIASES = Array.from('bcdefghi').map(
  (key, at) =>
    `${key}: &${key} [${Array(9)
      .fill(`*${'abcdefghi'[at] ?? ''}`)
      .join(',')}]`,
)
/** Nine levels of nine references: 387 million texts. */
const BOMB = `a: &a [${Array(9).fill('lol').join(',')}]\n${ALIASES.join('\n')}`
const YAML_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\n'

function definition(name: string, schema: string): string {
  return `{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"${name}s.hostile.io"},"spec":{"group":"hostile.io","scope":"Namespaced","names":{"plural":"${name}s","singular":"${name}","kind":"K${name}"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":${schema}}}}}]}}`
}

function define(name: string, schema: string, code: number): HostileRequest {
  return {
    ...post(`a definition with ${name}`, definition(`d${name.replace(/[^a-z]/g, '')}`, schema), code),
    path: DEFINITIONS,
  }
}

function token(value: string): string {
  return Buffer.from(value).toString('base64url')
}

/** In order: the first makes the object that the patches are for. */
export const HOSTILE_REQUESTS: readonly HostileRequest[] = [
  post('the object of the patches', map('base', ',"data":{"a":"1"}'), 201),

  post(
    'JSON that is cut off',
    map('t').slice(0, -3),
    400,
    /unexpected end of JSON input \(\{"apiVersion":"v1","kind":"Con \.\.\.\)/,
  ),
  post('no body at all', '', 400, /unexpected end of JSON input \(<empty>\)/),
  post('no JSON', 'hello', 400, /invalid character 'h' looking for beginning of value \(68656c6c6f\)/),
  post('a list', '[]', 400, /cannot unmarshal array/),
  post('null', 'null', 422, /name or generateName is required/),
  post('NUL bytes', '\0\0\0', 400, /invalid character '\\x00'/),
  post(
    '20,000 lists in each other',
    map('d', `,"x":${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    400,
    /exceeded max depth/,
  ),
  post(
    '100,000 objects in each other',
    map('d', `,"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
    400,
    /exceeded max depth/,
  ),
  post('a million brackets', '['.repeat(1_000_000), 400, /exceeded max depth/),
  post('a number beyond every type', map('n', '', ',"generation":1e999'), 400, /cannot unmarshal number/),
  post('an integer beyond 64 bits', map('n', '', ',"generation":99999999999999999999'), 400, /of type int64/),
  post(
    'metadata that is a text',
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":"x"}',
    400,
    /ConfigMap.metadata of type v1.ObjectMeta/,
  ),
  post('bytes that are no UTF-8', Buffer.concat([Buffer.from('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"utf"},"data":{"a":"'), Buffer.from([0xff, 0xfe, 0xc0]), Buffer.from('"}}')]), 201, /���/), // prettier-ignore
  post('a key twice', map('twice', ',"data":{"a":"1","a":"2"}'), 201, /"a":"2"/),
  { ...post('a key twice, strictly', map('twice2', ',"data":{"a":"1","a":"2"}'), 400, /duplicate field "data.a"/), path: `${MAPS}?fieldValidation=Strict` }, // prettier-ignore
  post('a label of 100 kB', map('l', '', `,"labels":{"a":"${'x'.repeat(100_000)}"}`), 422, /must be no more than 63/),
  post('annotations of 300 kB', map('l', '', `,"annotations":{"a":"${'x'.repeat(300_000)}"}`), 422, /Too long/),
  post(
    'data beyond a mebibyte',
    map('l', `,"data":{"a":"${'x'.repeat(1_100_000)}"}`),
    422,
    /may not be more than 1048576 bytes/,
  ),
  post(
    'a body of 5 MB',
    map('l', `,"data":{"a":"${'x'.repeat(5_000_000)}"}`),
    413,
    /Request entity too large: limit is 3145728/,
  ),
  post('a gzip bomb', Buffer.from('H4sIAAAAAAAAA6uuBQBDv6ajAgAAAA==', 'base64'), 400, /looking for beginning of value/),

  post(
    '__proto__ among labels',
    map('p', '', ',"labels":{"__proto__":"a"}'),
    422,
    /"__proto__": name part must consist/,
  ),
  post(
    'names of Object.prototype as data',
    map('p', ',"data":{"__proto__":"c","constructor":"b","hasOwnProperty":"d"}'),
    201,
    /"__proto__":"c"/,
  ),
  post('__proto__ as a field', map('p3', ',"__proto__":{"polluted":"yes"}'), 201),
  post('__proto__ within metadata', map('p4', '', ',"__proto__":{"namespace":"kube-system"}'), 201),
  get('what became of it', `${MAPS}/p3`, 200, /^(?!.*polluted)/),
  get('a resource of that name', '/api/v1/namespaces/default/toString', 404),
  get('a group of that name', '/apis/__proto__', 404),

  patch('a JSON patch of __proto__', 'json-patch+json', '[{"op":"add","path":"/__proto__/x","value":1}]', [422]),
  patch(
    'a JSON patch of a constructor',
    'json-patch+json',
    '[{"op":"add","path":"/constructor/prototype/x","value":1}]',
    [422],
  ),
  patch(
    'a JSON patch far behind a list',
    'json-patch+json',
    '[{"op":"add","path":"/metadata/managedFields/99999","value":{}}]',
    [422],
  ),
  patch(
    '10,001 operations',
    'json-patch+json',
    JSON.stringify(Array(10_001).fill({ op: 'test', path: '/data/a', value: '1' })),
    [413, /is 10000, got 10001/],
  ),
  patch(
    '10,000 operations',
    'json-patch+json',
    JSON.stringify(Array(10_000).fill({ op: 'test', path: '/data/a', value: '1' })),
    [200],
  ),
  patch(
    'copies of copies',
    'json-patch+json',
    JSON.stringify(Array.from({ length: 40 }, (_, at) => ({ op: 'copy', from: '/data', path: `/data/x${at}` }))),
    [422],
  ),
  patch('an operation that is none', 'json-patch+json', '[{"op":"nope","path":"/data/a"}]', [422]),
  patch('an object as JSON patch', 'json-patch+json', '{}', [400, /cannot unmarshal object/]),
  patch('a list as merge patch', 'merge-patch+json', '[]', [400]),
  patch('a merge patch without end', 'merge-patch+json', `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, [
    400,
    /error decoding patch: .*exceeded max depth/,
  ]),
  patch('a merge patch of __proto__', 'merge-patch+json', '{"__proto__":{"x":1},"data":{"__proto__":"p"}}', [
    200,
    /"__proto__":"p"/,
  ]),
  patch(
    'a strategic patch that orders what is none',
    'strategic-merge-patch+json',
    '{"data":{"$patch":"explode"}}',
    [500],
  ),
  patch(
    'managers that are made up',
    'merge-patch+json',
    '{"metadata":{"managedFields":[{"manager":"x","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:__proto__":{"f:x":{}}}}]}}',
    [200],
  ),
  patch('__proto__ applied', 'apply-patch+yaml', map('base', ',"data":{"__proto__":"z"}'), [200]),
  patch('a list applied', 'apply-patch+yaml', '[]', [400]),
  patch('a YAML bomb applied', 'apply-patch+yaml', YAML_MAP + BOMB, [400, /excessive aliasing/]),

  yaml('a YAML bomb', YAML_MAP + BOMB, 400, /document contains excessive aliasing/),
  yaml(
    'an alias of itself',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: &a {name: y, labels: *a}',
    400,
    /anchor 'a' value contains itself/,
  ),
  yaml('20,000 YAML lists in each other', `a: ${'['.repeat(20_000)}${']'.repeat(20_000)}`, 400, /exceeded max depth/),
  yaml('YAML that is cut off', 'apiVersion: v1\nkind: "Conf', 400, /found unexpected end of stream/),

  protobuf('protobuf that is cut off', 'k8s\0\x0a\x0f\x0a\x02v1\x12', 400),
  protobuf('protobuf without its first bytes', 'hello world', 400, /expected prefix \[107 56 115 0\]/),
  protobuf('a length of 34 gigabytes', 'k8s\0\x0a\xff\xff\xff\xff\x7f', 400),
  protobuf('10,000 groups in each other', `k8s\0\x12\x90\x4e${'\x0b'.repeat(10_000)}`, 400),
  { ...post('a body of no type that is known', 'x', 415), type: 'text/evil' },

  list('half a label selector', `labelSelector=${encodeURIComponent('a in')}`, 400, /unable to parse requirement/),
  list(
    'brackets for a label selector',
    'labelSelector=((((',
    400,
    /found '\(', expected: !, identifier, or 'end of string'/,
  ),
  list('a label value that is too long', `labelSelector=a%3D${'x'.repeat(64)}`, 400),
  list('a field that is none', 'fieldSelector=__proto__%3Dx', 400, /is not a known field selector/),
  list('a limit that is no number', 'limit=abc', 400, /strconv.ParseInt: parsing "abc": invalid syntax/),
  list('a limit beyond 64 bits', 'limit=999999999999999999999', 400, /value out of range/),
  list('the largest limit', 'limit=9223372036854775807', 200),
  list('a negative limit', 'limit=-1', 200),
  list('a token that is none', 'continue=abc', 400, /invalid continue token/),
  list('a token of 20 kB', `continue=${'A'.repeat(20_000)}`, 400, /invalid continue token/),
  list(
    'a token for another collection',
    `continue=${token('{"v":"meta.k8s.io/v1","rv":1,"start":"../../secrets"}')}`,
    400,
    /continue key is not valid/,
  ),
  list(
    'a token from the future',
    `continue=${token('{"v":"meta.k8s.io/v1","rv":99999999,"start":"a\\u0000"}')}`,
    504,
    /Too large resource version/,
  ),
  list('a version that is none', 'resourceVersion=-1', 400, /invalid resource version/),
  list('a version beyond 64 bits', 'resourceVersion=99999999999999999999999', 400, /value out of range/),
  list('a watch for abc seconds', 'watch=1&timeoutSeconds=abc', 400, /invalid syntax/),
  list('8,000 parameters', 'a=b&'.repeat(8_000), 200),

  get('dots that are encoded', `${MAPS}/%2e%2e/%2e%2e`, 404),
  get('dots', `${MAPS}/../../../secrets`, 404),
  get('a NUL in a name', `${MAPS}/a%00b`, 404),
  get('empty parts', '/api//v1///namespaces', 404),
  get('a slash in a name', `${MAPS}/a%2fb`, 404),
  get('an escape that is none', `${MAPS}/%zz`, 400),
  // The real server looks for a name of these bytes.
  get('dots in overlong UTF-8', `${MAPS}/%c0%ae%c0%ae`, 400),
  get('a line break in a name', `${MAPS}/a%0d%0aX:%20y`, 404),
  get('a name of 100 kB', `${MAPS}/${'a'.repeat(100_000)}`, 404),
  get('5,000 parts', `/api/v1/${'a/'.repeat(5_000)}`, 404),

  post('two dots as a name', map('..'), 422),
  post('a name of 300 characters', map('a'.repeat(300)), 422),
  post('another namespace', map('m', '', ',"namespace":"../kube-system"'), 400),

  define('a pattern that backtracks for ever', '{"type":"string","pattern":"^(a+)+$"}', 201),
  define(
    '__proto__ for a property',
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string","default":"x"}}}',
    201,
  ),
  define(
    '300 objects in each other',
    `${'{"type":"object","properties":{"a":'.repeat(300)}{"type":"string"}${'}}'.repeat(300)}`,
    201,
  ),
]
