// jq's functions that jq itself can express.

/** Definitions, each seeing those before it. */
export const PRELUDE = `
def map(f): [.[] | f];
def any(f): any(.[]; f);
def all(f): all(.[]; f);
def isvalid(f): try (f | true) catch false;
def in(xs): . as $x | xs | has($x);
def inside(xs): . as $x | xs | contains($x);
def recurse(f): def r: ., (f | r); r;
def recurse(f; cond): def r: ., (f | select(cond) | r); r;
def to_entries: [keys[] as $k | {key: $k, value: .[$k]}];
def from_entries: reduce .[] as $x ({}; . + {($x | if .key == null then .k // .name // .Name // .K // .Key else .key end
  | if type == "string" then . else tojson end): ($x | if has("value") then .value elif has("v") then .v else .Value end)});
def with_entries(f): to_entries | map(f) | from_entries;
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type == "array" or type == "object");
def scalars: select(type != "array" and type != "object");
def first: .[0];
def last: .[-1];
def last(f): reduce f as $x (null; $x);
def nth($n): .[$n];
def nth($n; f): last(limit($n + 1; f));
def isempty(f): first((f | false), true);
def while(cond; update): def w: if cond then ., (update | w) else empty end; w;
def repeat(f): def r: ., (f | r); r;
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def pick(f): . as $v | reduce path(f) as $p (null; setpath($p; $v | getpath($p)));
def walk(f): def w: if type == "object" then with_entries(.value |= w) elif type == "array" then map(w) else . end | f; w;
def map_values(f): .[] |= f;
def index($x): indices($x) | .[0];
def rindex($x): indices($x) | .[-1];
def add(f): reduce f as $x (null; . + $x);
def sort_by(f): map([[f], .]) | sort_pairs | map(.[1]);
def group_by(f): map([[f], .]) | sort_pairs
  | reduce .[] as $p ([]; if length > 0 and .[-1][0] == $p[0] then .[-1][1] += [$p[1]] else . + [[$p[0], [$p[1]]]] end) | map(.[1]);
def unique_by(f): group_by(f) | map(.[0]);
def min_by(f): sort_by(f) | .[0];
def max_by(f): sort_by(f) | .[-1];
def test($re): _match($re; null; true);
def test($re; $flags): _match($re; $flags; true);
def match($re): _match($re; null; false)[];
def match($re; $flags): _match($re; $flags; false)[];
def capture($re; $flags): match($re; $flags) | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries;
def capture($re): capture($re; null);
def scan($re; $flags): match($re; "g" + $flags) | if (.captures | length) > 0 then [.captures[].string] else .string end;
def scan($re): scan($re; null);
def splits($re; $flags): . as $s | [_match($re; "g" + $flags; false)[] | [.offset, .offset + .length]] as $m
  | [0, $m[][1]] as $from | [$m[][0], ($s | length)] as $to | range($from | length) as $i | $s[$from[$i]:$to[$i]];
def splits($re): splits($re; null);
def split($re; $flags): [splits($re; $flags)];
def sub($re; f; $flags): . as $s | [_match($re; $flags; false)[]] as $m
  | reduce $m[] as $one ({at: 0, out: ""}; .out += $s[.at:$one.offset]
    + ($one | [.captures[] | select(.name != null) | {key: .name, value: .string}] | from_entries | f)
    | .at = $one.offset + $one.length) | .out + $s[.at:];
def sub($re; f): sub($re; f; null);
def gsub($re; f; $flags): sub($re; f; "g" + $flags);
def gsub($re; f): sub($re; f; "g");
def ascii: [.] | implode;
`
