// What the functions of std give.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { evaluateJsonnet } from '../evaluate.ts'

const CASES: Readonly<Record<string, readonly (readonly [string, unknown])[]>> = {
  numbers: [
    ['[std.abs(-1), std.sign(-3), std.max(1, 2), std.min(1, 2), std.clamp(5, 0, 3)]', [1, -1, 2, 1, 3]],
    ['[std.floor(-1.5), std.ceil(-1.5), std.round(-1.5), std.round(2.5)]', [-2, -1, -2, 3]],
    ['[std.mod(-7, 3), std.modulo(7, -3), std.pow(2, 10), std.exponent(8), std.mantissa(8)]', [-1, 1, 1024, 4, 0.5]],
    ['[std.isEven(2), std.isOdd(2), std.isInteger(1.5), std.isDecimal(1.5)]', [true, false, false, true]],
  ],
  texts: [
    ['std.substr("hello", 1, 3) + std.length("𝒳é")', 'ell2'],
    [
      'std.split("a/b//c", "/") + std.splitLimit("a,b,c", ",", 1) + std.splitLimitR("a,b,c", ",", 1)',
      ['a', 'b', '', 'c', 'a', 'b,c', 'a,b', 'c'],
    ],
    ['std.strReplace("a.b.c", ".", "$&") + std.trim(" x\\n") + std.stripChars("xxaxx", "x")', 'a$&b$&cxa'],
    ['[std.parseInt("-12"), std.parseOctal("17"), std.parseHex("fF")]', [-12, 15, 255]],
    ['std.asciiUpper("aé") + std.asciiLower("AÉ") + std.char(233) + std.codepoint("é")', 'AéaÉé233'],
    [
      'std.escapeStringBash("it\'s") + std.escapeStringDollars("$x") + std.escapeStringXML("<&>")',
      `'it'"'"'s'$$x&lt;&amp;&gt;`,
    ],
    ['std.findSubstr("aa", "aaaa") + [std.startsWith("ab", "a"), std.endsWith("ab", "a")]', [0, 1, 2, true, false]],
    ['std.format("%#x %+d %e %g %c", [255, 5, 12345.678, 0.0001, 65])', '0xff +5 1.234568e+04 0.0001 A'],
  ],
  lists: [
    ['std.map(function(x) x * 2, [1, 2]) + std.mapWithIndex(function(i, x) i + x, [5, 5])', [2, 4, 5, 6]],
    ['std.filter(function(x) x > 1, [1, 2, 3]) + std.flatMap(function(x) [x, x], [7])', [2, 3, 7, 7]],
    [
      '[std.foldl(function(a, b) a + b, ["x", "y"], ""), std.foldr(function(a, b) b + a, ["x", "y"], "")]',
      ['xy', 'yx'],
    ],
    ['std.join(", ", ["a", null, "b"]) + std.lines(["c"]) + std.deepJoin(["d", ["e"]])', 'a, bc\nde'],
    [
      'std.range(1, 3) + std.repeat([0], 2) + std.reverse([1, 2]) + std.flattenDeepArray([[1], [[2]]])',
      [1, 2, 3, 0, 0, 2, 1, 1, 2],
    ],
    [
      '[std.member([1], 1), std.count([1, 1], 1), std.find(2, [1, 2]), std.all([true]), std.any([])]',
      [true, 2, [1], true, false],
    ],
    ['[std.sum([1, 2]), std.avg([1, 3]), std.minArray([3, 1]), std.maxArray([], onEmpty=0)]', [3, 2, 1, 0]],
    ['std.sort([3, 1, 2]) + std.uniq([1, 1, 2]) + std.sort(["bb", "a"], std.length)', [1, 2, 3, 1, 2, 'a', 'bb']],
    [
      '[std.setUnion([1, 2], [2, 3]), std.setInter([1, 2], [2, 3]), std.setDiff([1, 2], [2]), std.setMember(2, [1, 2])]',
      [[1, 2, 3], [2], [1], true],
    ],
    ['std.removeAt([1, 2, 3], 1) + std.remove([1, 2, 1], 1)', [1, 3, 2, 1]],
  ],
  objects: [
    [
      '[std.objectFields({b: 1, a: 2, h:: 3}), std.objectFieldsAll({h:: 1}), std.objectValues({a: 1})]',
      [['a', 'b'], ['h'], [1]],
    ],
    ['[std.objectHas({h:: 1}, "h"), std.objectHasAll({h:: 1}, "h"), std.get({a: 1}, "b", 7)]', [false, true, 7]],
    ['std.mergePatch({a: 1, b: {c: 1, d: 2}}, {a: null, b: {c: 3}})', { b: { c: 3, d: 2 } }],
    ['std.prune({a: null, b: {}, c: [[], 1], d: {e: null}})', { c: [1] }],
    ['std.mapWithKey(function(k, v) k + v, {a: 1}) + std.objectRemoveKey({x: 1, y: 2}, "x")', { a: 'a1', y: 2 }],
  ],
  encodings: [
    ['std.base64("é!") + std.base64Decode("aGk=") + std.md5("a")', 'w6khhi0cc175b9c0f1b6a831c399e269772661'],
    ['std.encodeUTF8("é") + [std.decodeUTF8([195, 169])] + std.base64DecodeBytes("AQI=")', [195, 169, 'é', 1, 2]],
    [
      '[std.parseJson("{\\"a\\": [1]}"), std.parseYaml("a: [1]"), std.parseYaml("---\\n1\\n---\\n2\\n")]',
      [{ a: [1] }, { a: [1] }, [1, 2]],
    ],
  ],
  texts_of_values: [
    ['std.manifestJsonMinified({a: [1, "x"]}) + std.manifestJsonEx([], " ")', '{"a":[1,"x"]}[\n\n]'],
    [
      'std.manifestYamlDoc({a: [1, {b: "x\\ny\\n"}], "c d": []}, quote_keys=false)',
      'a:\n- 1\n- b: |\n    x\n    y\n"c d": []',
    ],
    ['std.manifestYamlStream([1, 2])', '---\n1\n---\n2\n...\n'],
    ['std.manifestToml({a: 1, t: {b: "x"}, l: [{c: 1}]})', 'a = 1\n\n[[l]]\n  c = 1\n\n[t]\n  b = "x"'],
    ['std.manifestIni({main: {a: 1}, sections: {s: {b: [1, 2]}}})', 'a = 1\n[s]\nb = 1\nb = 2\n'],
    ['std.manifestPython({a: [true, null, "x"]})', '{"a": [True, None, "x"]}'],
    ['std.manifestXmlJsonml(["a", {h: 1}, "x", ["b"]])', '<a h="1">x<b></b></a>'],
  ],
}

for (const [chapter, cases] of Object.entries(CASES)) {
  describe(chapter, () => {
    for (const [program, wanted] of cases) {
      test(program, () => assert.deepEqual(evaluateJsonnet('f', program), wanted))
    }
  })
}
