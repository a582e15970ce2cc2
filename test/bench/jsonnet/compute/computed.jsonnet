// Work for the interpreter alone: recursion, folds, comprehensions, texts, sorting.
local fibonacci(n) = if n < 2 then n else fibonacci(n - 1) + fibonacci(n - 2);

local isPrime(n) = std.length([d for d in std.range(2, std.floor(std.sqrt(n))) if n % d == 0]) == 0;

local numbers = std.range(1, 2000);

{
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'computed' },
  data: {
    fibonacci: std.toString(fibonacci(20)),
    primes: std.join(',', [std.toString(n) for n in std.range(2, 1000) if isPrime(n)]),
    sum: std.toString(std.foldl(function(sum, n) sum + n * n % 7, numbers, 0)),
    sorted: std.join(',', std.map(std.toString, std.sort([(n * 7919) % 2003 for n in numbers]))),
    words: std.join(' ', std.set(std.split(std.join(' ', ['word%d' % (n % 97) for n in numbers]), ' '))),
    layered: std.toString(std.foldl(function(object, n) object { total+: n, ['key%d' % (n % 50)]: n }, std.range(1, 300), { total: 0 }).total),
    characters: std.join('', [std.char(65 + (std.codepoint(c) * 7) % 26) for c in std.stringChars(std.repeat('capstan', 200))]),
  },
}
