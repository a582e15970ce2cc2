// The part of the sandbox that is Lua itself: a fresh environment for every script, and results as JSON text.

/** What a table nested deeper than this answers is refused: a table that holds itself would never end. */
export const MAX_RESULT_DEPTH = 100

/**
 * Defines `__run(script, isOpen, globals)`. A script sees copies of the library tables, so that nothing it changes outlives it;
 * `pcall` and `xpcall` cannot hold back the errors of the limits, which are no strings. Lua 5.1's `unpack` and `table.getn` exist.
 */
export const PRELUDE: string = `
local load, error, type, pairs, next, tostring, select = load, error, type, pairs, next, tostring, select
local pcall, xpcall, format, gsub, byte = pcall, xpcall, string.format, string.gsub, string.byte
local concat, pack, unpack, integerOf, kindOf = table.concat, table.pack, table.unpack, math.tointeger, math.type
local libraries = { string = string, table = table, math = math, coroutine = coroutine, utf8 = utf8 }
local os_, io_, traceback = os, io, debug.traceback
getmetatable('').__metatable = false

local function copy(source)
  local result = {}
  for key, value in pairs(source) do result[key] = value end
  return result
end

local function unlessLimit(isDone, ...)
  local problem = ...
  if not isDone and (type(problem) == 'userdata' or problem == 'not enough memory') then error(problem, 0) end
  return isDone, ...
end

local base = {}
for _, name in pairs({ 'assert', 'error', 'getmetatable', 'ipairs', 'next', 'pairs', 'rawequal', 'rawget', 'rawlen', 'rawset',
  'select', 'setmetatable', 'tonumber', 'tostring', 'type', '_VERSION' }) do base[name] = _G[name] end
function base.print() end
function base.pcall(...) return unlessLimit(pcall(...)) end
function base.xpcall(f, handler, ...)
  local function handle(problem)
    if type(problem) == 'userdata' then return problem end
    return handler(problem)
  end
  return unlessLimit(xpcall(f, handle, ...))
end
base.unpack = unpack

local function environment(isOpen)
  local env = copy(base)
  local loaded = {}
  for name, library in pairs(libraries) do loaded[name] = copy(library) end
  loaded.table.getn = function(list) return #list end
  loaded.os = { time = os_.time, date = os_.date }
  if isOpen then
    loaded.os.clock, loaded.os.difftime = os_.clock, os_.difftime
    loaded.os.getenv = function() return nil end
    loaded.io = { open = io_.open, type = io_.type, close = io_.close, write = function() return true end }
    loaded.debug = { traceback = traceback }
  end
  for name, library in pairs(loaded) do env[name] = library end
  env._G = env
  function env.require(name)
    if loaded[name] == nil then error('module ' .. tostring(name) .. ' not found', 2) end
    return loaded[name]
  end
  local function loadInside(chunk, name, _, own) return load(chunk, name, 't', own or env) end
  env.load, env.loadstring = loadInside, loadInside
  return env
end

local escapes = { ['"'] = '\\\\"', ['\\\\'] = '\\\\\\\\' }
local function escape(character) return escapes[character] or format('\\\\u%04x', byte(character)) end
local function quote(text) return '"' .. gsub(text, '[%c"\\\\]', escape) .. '"' end

local function number(value)
  if kindOf(value) == 'integer' then return format('%d', value) end
  if value ~= value or value == 1/0 or value == -1/0 then error('a result cannot hold the number ' .. tostring(value), 0) end
  local integer = integerOf(value)
  return integer and format('%d', integer) or format('%.17g', value)
end

local encode
local function encodeList(list, depth)
  local parts, count = {}, 0
  for key in pairs(list) do
    if kindOf(key) ~= 'integer' then error('a table of the result has mixed or invalid key types', 0) end
    count = count + 1
  end
  if count ~= #list then error('a list of the result has gaps', 0) end
  for index = 1, count do parts[index] = encode(list[index], depth) end
  return '[' .. concat(parts, ',') .. ']'
end

local function encodeMap(map, depth)
  local parts = {}
  for key, value in pairs(map) do
    if type(key) ~= 'string' then error('a table of the result has mixed or invalid key types', 0) end
    parts[#parts + 1] = quote(key) .. ':' .. encode(value, depth)
  end
  return '{' .. concat(parts, ',') .. '}'
end

function encode(value, depth)
  local kind = type(value)
  if kind == 'nil' then return 'null' end
  if kind == 'boolean' then return tostring(value) end
  if kind == 'string' then return quote(value) end
  if kind == 'number' then return number(value) end
  if kind ~= 'table' then error('a result cannot hold a ' .. kind, 0) end
  if depth >= ${MAX_RESULT_DEPTH} then error('a result may not be nested deeper than ${MAX_RESULT_DEPTH}', 0) end
  local first = next(value)
  if first == nil then return '[]' end
  return (type(first) == 'string' and encodeMap or encodeList)(value, depth + 1)
end

local function textOf(problem)
  if type(problem) == 'userdata' or problem == 'not enough memory' then error(problem, 0) end
  return { false, tostring(problem) }
end

function __run(script, isOpen, globals)
  local env = environment(isOpen)
  for name, value in pairs(globals) do env[name] = value end
  local chunk, problem = load(script, '=<string>', 't', env)
  if chunk == nil then return '!' .. problem end
  local answer = pack(pcall(chunk))
  if not answer[1] then return '!' .. textOf(answer[2])[2] end
  local isWhole, text = pcall(encode, answer[2], 0)
  if not isWhole then return '!' .. textOf(text)[2] end
  return '=' .. type(answer[2]) .. ':' .. text
end
`
