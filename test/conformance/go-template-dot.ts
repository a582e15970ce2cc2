// The values and functions that upstream's tests of text/template run on, as the corpus README describes them.
import { withCapacity } from '../../src/lang/go/capacity.ts'
import { GoError } from '../../src/lang/go/error.ts'
import { formatValue } from '../../src/lang/go/print.ts'
import {
  ANY,
  BOOL,
  GoComplex,
  GoFunction,
  GoStruct,
  GoTyped,
  INT,
  INT_SLICE,
  ints,
  mapOf,
  pointerTo,
  sliceOf,
  STRING,
  STRING_MAP,
  strings,
  typeOf,
} from '../../src/lang/go/values.ts'
import type { GoField, GoKind, GoMap, GoMethod, GoType, GoValue } from '../../src/lang/go/values.ts'
import { Sequence } from '../../src/lang/go-template/execute.ts'

function scalar(kind: GoKind): GoType {
  return { name: kind, kind }
}

function struct(type: GoType, fields: Record<string, GoValue>): GoStruct {
  return new GoStruct(type, new Map(Object.entries(fields)))
}

function fieldTypes(names: readonly string[], type: GoType): GoField[] {
  return names.map((name) => ({ name, type }))
}

function typedMap(key: GoType, elem: GoType, entries: readonly (readonly [GoValue, GoValue])[]): GoTyped {
  return new GoTyped(mapOf(key, elem), new Map(entries))
}

const U: GoType = {
  name: 'template.U',
  kind: 'struct',
  fields: fieldTypes(['V'], STRING),
  methods: { TrueFalse: { params: [BOOL], call: (_self, [value]) => (value === true ? 'true' : '') } },
}

function textType(name: string, open: string, close: string, nilText: string): GoType {
  const fields = fieldTypes(['j'], INT)
  const text = (value: GoValue): string => {
    const target = value instanceof GoTyped ? value.value : value
    return target instanceof GoStruct ? `${open}${formatValue(target.fields.get('j') ?? 0n)}${close}` : nilText
  }
  return { name, kind: 'struct', fields, text }
}

function pointer(target: GoValue, type: GoType): GoTyped {
  return new GoTyped({ ...type, ...pointerTo(type) }, target)
}

const V = textType('template.V', '<', '>', 'nilV')
const W = textType('template.W', '[', ']', 'nilW')
const STR: GoType = { name: 'bytes.Buffer', kind: 'struct', text: () => 'foozle' }
const ERR: GoType = { name: 'errors.errorString', kind: 'struct', text: () => 'erroozle' }
const MSI = mapOf(STRING, INT)

const METHODS: Record<string, GoMethod> = {
  Method0: { params: [], call: () => 'M0' },
  Method1: { params: [INT], call: (_self, [value]) => value ?? null },
  Method2: {
    params: [scalar('uint16'), STRING],
    call: (_self, [a, b]) => `Method2: ${formatValue(a ?? null)} ${formatValue(b ?? null)}`,
  },
  Method3: { params: [ANY], call: (_self, [value]) => `Method3: ${formatValue(value ?? null)}` },
  MyError: {
    params: [BOOL],
    call: (_self, [fails]) => {
      if (fails === true) throw new GoError('my error')
      return false
    },
  },
  MAdd: {
    params: [INT, INT_SLICE],
    call: (_self, [n, list]) => {
      const items = list instanceof GoTyped && Array.isArray(list.value) ? list.value : []
      return ints(items.map((item) => (typeof item === 'bigint' && typeof n === 'bigint' ? item + n : 0n)))
    },
  },
  GetU: { params: [], call: (self) => fieldsOf(self).get('U') ?? null },
}

function fieldsOf(self: GoValue): ReadonlyMap<string, GoValue> {
  const target = self instanceof GoTyped ? self.value : self
  return target instanceof GoStruct ? target.fields : new Map()
}

const FIELDS: Record<string, GoValue> = {
  True: true,
  I: 17n,
  U16: new GoTyped(scalar('uint16'), 16n),
  X: 'x',
  S: 'xyz',
  FloatZero: 0,
  ComplexZero: new GoComplex(0, 0),
  U: pointer(struct(U, { V: 'v' }), U),
  V0: struct(V, { j: 6666n }),
  V1: pointer(struct(V, { j: 7777n }), V),
  V2: pointer(null, V),
  W0: struct(W, { j: 888n }),
  W1: pointer(struct(W, { j: 999n }), W),
  W2: pointer(null, W),
  SI: new GoTyped(INT_SLICE, withCapacity([3n, 4n, 5n])),
  SICap: new GoTyped(INT_SLICE, withCapacity([0n, 0n, 0n, 0n, 0n], 10)),
  SIEmpty: new GoTyped(INT_SLICE, null),
  SB: new GoTyped(sliceOf(BOOL), [true, false]),
  AI: new GoTyped({ name: '[3]int', kind: 'array', elem: INT }, [3n, 4n, 5n]),
  PAI: pointer(new GoTyped({ name: '[3]int', kind: 'array', elem: INT }, [3n, 4n, 5n]), {
    name: '[3]int',
    kind: 'array',
    elem: INT,
  }),
  MSI: typedMap(STRING, INT, [
    ['one', 1n],
    ['two', 2n],
    ['three', 3n],
  ]),
  MSIone: typedMap(STRING, INT, [['one', 1n]]),
  MSIEmpty: typedMap(STRING, INT, []),
  MXI: typedMap(ANY, INT, [['one', 1n]]),
  MII: typedMap(INT, INT, [[1n, 1n]]),
  MI8S: typedMap(scalar('int8'), STRING, [
    [2n, 'i82'],
    [3n, 'i83'],
  ]),
  MUI8S: typedMap(scalar('uint8'), STRING, [
    [2n, 'u82'],
    [3n, 'u83'],
  ]),
  SMSI: new GoTyped(sliceOf(MSI), [
    typedMap(STRING, INT, [
      ['one', 1n],
      ['two', 2n],
    ]),
    typedMap(STRING, INT, [
      ['eleven', 11n],
      ['twelve', 12n],
    ]),
  ]),
  Empty0: null,
  Empty1: 3n,
  Empty2: 'empty2',
  Empty3: ints([7n, 8n]),
  Empty4: pointer(struct(U, { V: 'UinEmpty' }), U),
  NonEmptyInterfacePtS: strings(['a', 'b']),
  NonEmptyInterfaceTypedNil: new GoTyped({ name: '*template.T', kind: 'ptr' }, null),
  Str: struct(STR, {}),
  Err: struct(ERR, {}),
  PI: pointer(23n, INT),
  PS: pointer('a string', STRING),
  PSI: pointer(ints([21n, 22n, 23n]), INT_SLICE),
  NIL: pointer(null, INT),
  UPI: new GoTyped({ name: 'unsafe.Pointer', kind: 'ptr' }, 23n),
  BinaryFunc: new GoFunction([STRING, STRING], (args) => `[${args.map(formatValue).join('=')}]`),
  VariadicFunc: new GoFunction([STRING], (args) => `<${args.map(formatValue).join('+')}>`, true),
  VariadicFuncInt: new GoFunction(
    [INT, STRING],
    ([n = null, ...args]) => `${formatValue(n)}=<${args.map(formatValue).join('+')}>`,
    true,
  ),
  NilOKFunc: new GoFunction([pointerTo(INT)], ([value]) => value === null),
  ErrFunc: new GoFunction([], () => 'bla'),
}

const T: GoType = {
  name: 'template.T',
  kind: 'struct',
  fields: [...Object.entries(FIELDS), ['unexported', 0n] as const].map(([name, value]) => ({
    name: name,
    type: name.startsWith('Empty') ? ANY : (typeOf(value) ?? ANY),
  })),
  methods: METHODS,
}
const T_POINTER: GoType = { ...pointerTo(T), methods: METHODS }

/** The dot of a case, from its Go type and the JSON form of its value. */
export function dotOf(dataType: string, data: unknown): GoValue {
  const kind = DOTS[dataType]
  if (kind !== undefined) return kind(data)
  if (typeof data === 'number') return integer(dataType, data)
  return typeof data === 'boolean' ? data : null
}

const DOTS: Readonly<Record<string, (data: unknown) => GoValue>> = {
  '*template.T': () => new GoTyped(T_POINTER, struct(T, FIELDS)),
  'template.T': () => struct(T, { ...FIELDS, PS: pointer(null, STRING) }),
  '*template.I': () => new GoTyped(T_POINTER, struct(T, FIELDS)),
  '[]*template.T': () => new GoTyped(sliceOf(T_POINTER), [new GoTyped(T_POINTER, null)]),
  'map[string]interface {}': () => new Map([['S', struct(STR, {})]]) as GoMap,
  'struct { a int; b string }': () =>
    struct({ name: 'struct { a int; b string }', kind: 'struct' }, { a: 7n, b: 'seven' }),
  'iter.Seq[int]': () =>
    sequence([
      [0n, undefined],
      [1n, undefined],
    ]),
  'iter.Seq2[int,int]': () =>
    sequence([
      [0n, 1n],
      [1n, 2n],
    ]),
  'no elements': () => sequence([]),
  float64: (data) => Number(data),
}

function sequence(pairs: readonly (readonly [GoValue, GoValue | undefined])[]): GoStruct {
  return new GoStruct({ name: 'iter.Seq[int]', kind: 'func' }, new Map(), new Sequence(pairs))
}

function integer(dataType: string, data: number): GoValue {
  return dataType === 'int' ? BigInt(data) : new GoTyped(scalar(dataType as GoKind), BigInt(data)) // the corpus names Go kinds
}

/** The functions upstream's tests define. */
export const TEST_FUNCTIONS: ReadonlyMap<string, GoFunction> = new Map([
  [
    'add',
    new GoFunction(
      [INT],
      (args) => args.reduce<bigint>((sum, arg) => sum + (typeof arg === 'bigint' ? arg : 0n), 0n),
      true,
    ),
  ],
  [
    'count',
    new GoFunction([INT], ([n]) =>
      strings(Array.from({ length: Number(n) }, (_, index) => String.fromCharCode(97 + index))),
    ),
  ],
  [
    'die',
    new GoFunction([], () => {
      throw new GoError('die')
    }),
  ],
  ['echo', new GoFunction([ANY], ([value = null]) => value)],
  ['makemap', new GoFunction([STRING], (args) => new GoTyped(STRING_MAP, pairsOf(args)), true)],
  ['mapOfThree', new GoFunction([], () => typedMap(STRING, INT, [['three', 3n]]))],
  ['oneArg', new GoFunction([STRING], ([a = null]) => `oneArg=${formatValue(a)}`)],
  ['returnInt', new GoFunction([], () => 7n)],
  ['stringer', new GoFunction([ANY], ([value = null]) => formatValue(value))],
  ['twoArgs', new GoFunction([STRING, STRING], ([a = null, b = null]) => `twoArgs=${formatValue(a)}${formatValue(b)}`)],
  ['typeOf', new GoFunction([ANY], ([value = null]) => typeOf(value)?.name ?? '<nil>')],
  ['valueString', new GoFunction([STRING], ([value = null]) => `value is ignored ${formatValue(value)}`)],
  ['vfunc', new GoFunction([V, pointerTo(V)], () => 'vfunc')],
  ['zeroArgs', new GoFunction([], () => 'zeroArgs')],
])

function pairsOf(args: readonly GoValue[]): GoMap {
  const map: GoMap = new Map()
  for (let index = 0; index < args.length; index += 2) map.set(args[index] ?? '', args[index + 1] ?? '')
  return map
}
