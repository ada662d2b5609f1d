local x; x.y = 1
--~
local x; return x.y.z
--~
return undefinedname.field
--~
undefinedname.field = 1
--~
local t = {} t.a.b = 1
--~
local t = {} return t.a.b.c
--~
local t = {} return t[1].x
--~
local t = {} local k = 'key' return t[k].x
--~
local t = {} t.x()
--~
local t = {} t:nomethod()
--~
local t = {} t.x.y()
--~
undefinedfunction()
--~
local f f()
--~
local f = 5 f()
--~
local t = {} t[1]()
--~
(nil)()
--~
('x')()
--~
local s = 'x' s:nomethod()
--~
local up local function f() up.x = 1 end f()
--~
local up local function f() up() end f()
--~
local up local function f() return up + 1 end f()
--~
local a = {} return a + 1
--~
local a = {} return 1 + a
--~
local a = {} return a.x + 1
--~
local a = {} return 1 + a.x
--~
return undefinedname + 1
--~
return 1 + undefinedname
--~
return 'abc' + 1
--~
local s = 'abc' return s * 2
--~
return {} + 1
--~
return -{}
--~
local x return -x
--~
return 1 .. {}
--~
local a = {} return a .. 'x'
--~
local a = {} return 'x' .. a
--~
local a return 'x' .. a .. 'y'
--~
return 'x' .. undefinedname
--~
local t = {} return 'x' .. t.name
--~
return #5
--~
local n return #n
--~
return #undefinedname
--~
return 1 < 'x'
--~
return {} < {}
--~
return {} < 1
--~
return nil > 1
--~
return true <= false
--~
return 'a' < 1
--~
local a, b = {}, function() end return a <= b
--~
error('message')
--~
error('message', 0)
--~
error('message', 1)
--~
error('message', 2)
--~
error()
--~
error(nil)
--~
error(42)
--~
error(true)
--~
local function f() error('inner', 2) end f()
--~
local function f() error('inner', 2) end

local function g() f() end
g()
--~
local function f() error('inner', 3) end

local function g() f() end

g()
--~


error('line three')
--~
local x = 1
local y = x +
nil
--~
local t = {}
t.a.b
= 5
--~
local function f()
  return nil
end
f()
.x = 1
--~
assert(false)
--~
assert(nil, 'message')
--~
assert(false, {1})
--~
assert()
--~
return assert(1, 2, 3)
--~
return pcall(error)
--~
return pcall(error, 'x')
--~
return pcall(error, 'x', 2)
--~
return pcall(pcall, error, 'x')
--~
return pcall(function() local x = nil x.y = 1 end)
--~
return pcall(function(...) return select('#', ...), ... end, 1, nil, 3)
--~
return pcall(5)
--~
return pcall(nil)
--~
return select('#', pcall(function() end))
--~
return xpcall(function() error('x') end, function(m) return 'handled: ' .. m end)
--~
return xpcall(function() return 1, 2 end, function() end)
--~
return xpcall(function() local x = nil + 1 end, function(m) return m end)
--~
return xpcall(5)
--~
return pcall(string.rep)
--~
return pcall(string.rep, 'x', {})
--~
string.rep()
--~
string.rep('x')
--~
string.rep('x', 'y')
--~
('x'):rep()
--~
('x'):rep({})
--~
local s = string s.rep({}, 1)
--~
local rep = string.rep rep()
--~
string.sub()
--~
string.char(256)
--~
string.char(-1)
--~
string.char('x')
--~
('x').rep()
--~
string.format()
--~
string.format('%d')
--~
string.format('%d', 'x')
--~
string.format('%y', 1)
--~
string.format('%', 1)
--~
string.format('%10')
--~
string.format('%123d', 1)
--~
string.format('%.123d', 1)
--~
string.format('%------d', 1)
--~
string.format('%s')
--~
string.format('%s', nil)
--~
string.format('%s', {})
--~
string.format('%q', 1)
--~
string.format('%c', 'x')
--~
string.gsub('x', 'x')
--~
string.gsub('x', 'x', true)
--~
string.gsub('x', 'x', function() return {} end)
--~
string.gsub('x', '(', 'y')
--~
string.gsub('x', ')', 'y')
--~
string.gsub('x', '%', 'y')
--~
string.gsub('x', '[', 'y')
--~
string.gsub('x', '[a', 'y')
--~
string.gsub('x', '[]', 'y')
--~
string.gsub('x', '[^]', 'y')
--~
string.gsub('x', '[%', 'y')
--~
string.gsub('x', '%1', 'y')
--~
string.gsub('x', '(x)', '%2')
--~
string.gsub('x', 'x', '%1')
--~
string.gsub('x', 'x', '%2')
--~
string.gsub('x', '%b', 'y')
--~
string.gsub('x', '%bx', 'y')
--~
string.gsub('x', '%f', 'y')
--~
string.gsub('x', '(()', 'y')
--~
string.find('x', ('(x'):rep(33))
--~
string.find('aa', '(a)(%1)')
--~
string.dump(print)
--~
string.gfind('x', 'y')
--~
table.insert()
--~
table.insert(nil, 1)
--~
table.insert({})
--~
table.insert({}, 1, 2, 3)
--~
table.insert({}, 'x', 1)
--~
table.insert({}, {}, 1)
--~
table.concat({{}})
--~
table.concat({1, 2, nil, 4}, ',', 1, 4)
--~
table.concat(5)
--~
table.concat({}, {})
--~
table.sort({3, 1, 'x'})
--~
table.sort({{}, {}})
--~
table.sort({1, 2, 3}, 5)
--~
table.sort({5, 3, 4, 1, 2, 8, 7}, function() return true end)
--~
table.sort({3, nil, 1})
--~
table.remove()
--~
table.setn({}, 1)
--~
table.foreach({}, nil)
--~
table.getn(5)
--~
math.floor()
--~
math.floor('x')
--~
math.floor({})
--~
math.max()
--~
math.random(0)
--~
math.random(2, 1)
--~
math.random(1, 2, 3)
--~
setmetatable(1, {})
--~
setmetatable({}, 1)
--~
setmetatable({})
--~
getmetatable()
--~
rawset({}, 1)
--~
rawset(1, 2, 3)
--~
rawset({}, nil, 3)
--~
rawget(1)
--~
rawequal(1)
--~
ipairs(5)
--~
pairs()
--~
next(5)
--~
type()
--~
tostring()
--~
unpack(5)
--~
loadstring()
--~
loadstring({})
--~
coroutine.wrap(5)
--~
coroutine.resume(5)
--~
coroutine.status()
--~
coroutine.yield(1)
--~
local t = setmetatable({}, {__index = function(t, k) error('no ' .. k) end}) return t.field
--~
local t = setmetatable({}, {__index = function(t, k) error('no ' .. k, 2) end}) return t.field
--~
local t = setmetatable({}, {__add = 5}) return t + 1
--~
local t = setmetatable({}, {__call = 5}) t()
--~
local a = {} setmetatable(a, {__index = a}) return a.x
--~
local a = setmetatable({}, {}) getmetatable(a).__newindex = a a.x = 1
--~
local t = setmetatable({}, {__index = 5}) return t.x.y
--~
return (function() return nil end)().x
--~
return ({}).x.y
--~
return ((undefinedname)).x
--~
return (undefinedname or nil).x
--~
return (undefinedname and 1).x
--~
local a return (a or nil).x
--~
local a = {} return a.b.c.d
--~
local a = {b = {}} return a.b.c.d
--~
local a = {b = {}} a.b.c.d = 1
--~
local a = {b = {}} a.b.c()
--~
local a = {b = {}} a.b:c()
--~
local a = {} a[nil].x = 1
--~
local a = {} a[1][2] = 1
--~
local ok, e = pcall(error, setmetatable({}, {__tostring = function() return 'custom' end})) return tostring(e)
--~
return pcall(function() return nil .. 'x' end)
--~
return pcall(string.format, '%d', 'x')
--~
local t = {} for i = 1, 300 do t[i] = 'a' .. i end return pcall(function() return t.x.y end)
--~
return (string.gsub('abc', 'b', function() error('cb') end))
--~
return pcall(table.sort, {1, 2, 3}, function() error('cmp') end)
--~
local function f() return g() end f()
--~
local function f() return error('tail') end f()
--~
local function f() return error('tail', 2) end f()
--~
local function g() error('deep', 2) end local function f() return g() end f()
--~
return tostring(setmetatable({}, {__tostring = function() error('ts') end}))
--~
local raise = error local function f(e) return pcall(function() raise(e) end) end return f('a'), select(2, f('b')), select(2, f(3))
--~
return select(2, pcall(function() error('x', 0) end)), select(2, pcall(function() error('x', 1) end)), select(2, pcall(function() error('x', 2) end)), select(2, pcall(function() error(12) end)), select(2, pcall(function() error() end)), select(2, pcall(function() error(nil, 2) end))
--~
local function f() error(
'lines') end
return pcall(f)
--~
local function late() error((function() return 'from inside' end)()) end return pcall(late)
--~
local function both(...) error(...) end return select(2, pcall(both, 'a')), select(2, pcall(both, 'a', 0)), select(2, pcall(both)), (select(2, pcall(both, 'a', {})))
--~
return pcall(function() local t = nil
return t.x end)
--~
return pcall(function() local t = {a = {}}
return t.a.b.c.d end)
--~
return pcall(function() local t = true return t:method(
1) end)
--~
return pcall(function() return (1).x end), pcall(function() return ('x').y.z end)
