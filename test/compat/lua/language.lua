return 1, 2.5, 1e15, 1e14, 123456789012345, 2^53, 0.1, 1/3, 1e300*1e10, -1/0, 100 % 7, -7 % 3, 7 % -3
--~
return 10 == '10', '10' + 5, '0x10' + 0, ' 5 ' * 2, 10 .. 20, -2^2, 2^-1, 2^3^2
--~
return 5 % 0, 5 % (1/0), -5 % (1/0), 5.5 % 2, -5.5 % 2, 0 % 5
--~
return not nil, not 0, nil and 1, false or nil, 1 and 2, nil or 'x', false == nil
--~
return 1 < 2, 'a' < 'b', 'a' < 'B', '10' < '9', 'a' <= 'a', 2 >= 3, 'Z' > 'a', '' < 'a', 'a\0b' < 'a\0c'
--~
return #'abc', #{1,2,3}, #{}, #{1,2,nil,4}, #{nil}, #{nil,nil,3}, #{n=1}
--~
local t = {1,2,3,4,5,6,7,8} t[4] = nil t[8] = nil return #t
--~
local t = {} for i = 1, 10 do t[i] = i end t[5] = nil t[10] = nil return #t
--~
local t = {10,20,30,nil} return #t
--~
local t = {n=3, 'a', 'b', [10]='j', [1]='z'} return t[1], t[2], t[10], t.n
--~
local t = {f=1, [2]=5, 'x', (function() return 7, 8, 9 end)()} return t
--~
local t = {(function() return 7, 8, 9 end)(), 1} return t
--~
local t = {((function() return 7, 8, 9 end)())} return t
--~
local a, b, c = (function() return 1, 2 end)() return a, b, c
--~
local a, b, c = 0, (function() return 1, 2 end)() return a, b, c
--~
local a, b = 1 return a, b
--~
local a, b = 1, 2, 3 return a, b
--~
local a, b = 1, 2 a, b = b, a return a, b
--~
local i, t = 1, {} i, t[i] = i + 1, 20 return i, t
--~
local t = {} t.x, t.y, t.z = 1, 2 return t
--~
local a = {} a.b = {} a.b.c = 5 a['b']['d'] = 6 return a
--~
local s = 0 for i = 1, 10 do s = s + i end return s
--~
local s = '' for i = 10, 1, -3 do s = s .. i .. ',' end return s
--~
local s = '' for i = 1, 2, 0.25 do s = s .. i .. ',' end return s
--~
local s = '' for i = '1', '3' do s = s .. i .. ',' end return s
--~
for i = 1, 0 do return 'no' end return 'none'
--~
for i = 'a', 2 do end
--~
for i = 1, {} do end
--~
for i = 1, 2, {} do end
--~
local fs = {} for i = 1, 3 do fs[i] = function() i = i + 1 return i end end return fs[1](), fs[1](), fs[2](), fs[3]()
--~
local fs = {} local j = 0 while j < 3 do j = j + 1 local k = j fs[j] = function() k = k + 10 return k end end return fs[1](), fs[1](), fs[3]()
--~
local fs = {} for k, v in pairs({a=1}) do fs[1] = function() v = v + 1 return k, v end end fs[1]() return fs[1]()
--~
local n = 0 repeat local done = n >= 3 n = n + 1 until done return n
--~
local n = 0 while true do n = n + 1 if n > 5 then break end end return n
--~
local s = 0 for i, v in ipairs({5, 6, nil, 8}) do s = s + i * v end return s
--~
local s = 0 for k, v in pairs({5, 6, nil, 8, x = 100}) do s = s + v end return s
--~
local s = '' for k, v in next, {1, 2, 3} do s = s .. k .. v end return s
--~
local function it(s, c) if c < s then return c + 1, c * c end end local r = '' for a, b in it, 5, 0 do r = r .. a .. ':' .. b .. ' ' end return r
--~
for a in 5 do end
--~
for a in nil do end
--~
for k, v in pairs(nil) do end
--~
for k, v in ipairs() do end
--~
local t = {1,2,3,4,5,a=1,b=2,c=3} local n = 0 for k in pairs(t) do t[k] = nil n = n + 1 end return n, next(t)
--~
local t = {} for i = 1, 100 do t[i] = i t['k' .. i] = i end local n = 0 for k, v in pairs(t) do t[k] = nil n = n + v end return n, next(t)
--~
return next({}, nil), next({5}), pcall(next, {}, 'x')
--~
local function f(...) return select('#', ...), ... end return f(), f(nil), f(1, nil, nil)
--~
local function f(...) local a, b = ... return a, b end return f(1), f(1, 2, 3)
--~
local function f(...) return arg end return f(1, 2, nil)
--~
local function f(...) local x = {...} return arg, x end return f(1, 2)
--~
local function f(a, ...) return a, arg.n, arg[1] end return f(1, 2, 3)
--~
return select(2, 'a', 'b', 'c')
--~
return select(-1, 'a', 'b', 'c')
--~
return select(0)
--~
return select(-5, 1)
--~
return select('x')
--~
return ...
--~
local function f() return 1, 2, 3 end return f(), f(), (f())
--~
local function f() end return (f()), f()
--~
local function f() end return f()
--~
local function f() return nil end return select('#', f()), select('#', (function() end)())
--~
local function loop(n) if n == 0 then return 'done' end return loop(n - 1) end return loop(100000)
--~
local a, b function a(n) if n == 0 then return 'a' end return b(n - 1) end function b(n) if n == 0 then return 'b' end return a(n - 1) end return a(100001)
--~
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(15)
--~
local function r() return 1 + r() end return pcall(r)
--~
local t = setmetatable({}, {__index = function(t, k) return k .. '!' end}) return t.x, t[1], rawget(t, 'x')
--~
local t = setmetatable({}, {__index = {a = 5}}) return t.a, t.b
--~
local log = {} local t = setmetatable({}, {__newindex = function(t, k, v) rawset(t, k, v * 2) end}) t.x = 5 t.x = 7 return t.x
--~
local base = {} local t = setmetatable({}, {__newindex = base}) t.x = 5 return rawget(t, 'x'), base.x
--~
local t = setmetatable({}, {__call = function(self, a, b) return a, b, self ~= nil end}) return t(1, 2)
--~
local mt = {__add = function(a, b) return 'add' end, __sub = function() return 'sub' end, __mul = function() return 'mul' end, __div = function() return 'div' end, __mod = function() return 'mod' end, __pow = function() return 'pow' end, __unm = function() return 'unm' end, __concat = function() return 'cat' end} local t = setmetatable({}, mt) return t + 1, 1 - t, t * t, t / 2, t % 2, 2 ^ t, -t, t .. 'x', 'x' .. t, 1 .. t
--~
local mt = {__eq = function() return true end} local a, b = setmetatable({}, mt), setmetatable({}, mt) return a == b, a ~= b, a == 1, rawequal(a, b)
--~
local mt = {__lt = function(a, b) return a.v < b.v end} local a, b = setmetatable({v=1}, mt), setmetatable({v=2}, mt) return a < b, a > b, a <= b, a >= b
--~
local mt = {__le = function(a, b) return a.v <= b.v end} local a, b = setmetatable({v=1}, mt), setmetatable({v=2}, mt) return a <= b, a >= b
--~
return setmetatable({}, {__lt = function() return true end}) < setmetatable({}, {__lt = function() return true end})
--~
return #setmetatable({1, 2}, {__len = function() return 42 end})
--~
return tostring(setmetatable({}, {__tostring = function() return 'me' end}))
--~
return getmetatable(setmetatable({}, {__metatable = 'locked'})), pcall(setmetatable, setmetatable({}, {__metatable = 1}), {})
--~
local t = {} t.__index = t return pcall(setmetatable, t, 5)
--~
return ('x'):rep(3), ('abc'):upper(), #('abc'):sub(2)
--~
local o = {n = 5} function o:get(x) return self.n + x end function o.static(x) return x end return o:get(1), o.static(2)
--~
local a = {b = {}} function a.b.c() return 'c' end function a.b:d() return self == a.b end return a.b.c(), a.b:d()
--~
return [[
line]], [==[a]]b]==], '\65\066\n\t\\\'', "\
"
--~
return 0x10, 0xff, 1e2, .5, 3., 0x, 5
--~
return 08, 1e+2, 0xA
--~
-- comment
return 1 --[[ long
comment ]] + 2 --[==[ another ]==]
--~
return 1;
--~
do local x = 1 end return x
--~
local x <const> = 5
--~
local function f(a, b) return a, b end return f(f(1, 2), 3)
--~
return (('a')), (1), (nil)
--~
local constructor, prototype, this, arguments, __proto__ = 1, 2, 3, 4, 5 return constructor + prototype + this + arguments + __proto__
--~
constructor = 1 __proto__ = 2 toString = 3 return constructor, __proto__, toString, hasOwnProperty, valueOf
--~
local t = {} return t.constructor, t.__proto__, t.toString, ('x').constructor, ('x').length
--~
local class, var, let, eval, new, delete, void, typeof, yield, await, async, null, undefined = 1 return class, var
--~
local t = {class = 1, new = 2, __proto__ = 3, ['constructor'] = 4} return t
--~
local function f(this, new, var) return this, new, var end return f(1, 2, 3)
--~
local G, T, A, s, va, t0, v0, E, none = 1, 2, 3, 4, 5, 6, 7, 8, 9 local u = {G = G} return u.G, T .. A, s, va, t0, v0, E, none
--~
local a = 1 local function f() a = a + 1 return a end return a + f(), a + f() + a
--~
local a = 1 local function f() a = a + 1 return a end local function g() return a + f() end return g(), a
--~
local t = {1, 2} local i = 1 i, t[i], t[i + 1] = 5, 6, 7 return i, t
--~
local x = 5 local x = x + 1 do local x = x * 2 return x end
--~
local t = {} t[1.5] = 'f' t[-1] = 'n' t[0] = 'z' t[2^40] = 'b' return t[1.5], t[-1], t[0], t[2^40], t[-0]
--~
local t = {} t[nil] = 1
--~
local t = {} t[0/0] = 1
--~
local t = {[nil] = 1}
--~
return ({})[nil], rawget({}, nil)
--~
local t = {} t[3] = 'c' t[2] = 'b' t[1] = 'a' return #t, t
--~
local t = {} t['1'] = 'string' t[1] = 'number' return t['1'], t[1]
--~
local t = {1, 2, 3} t[#t + 1] = 4 t[#t] = nil t[#t] = nil return #t, t
--~
local a = {} for i = 1, 20 do a[i] = i end for i = 20, 1, -1 do a[i] = nil end return #a, next(a)
--~
return 1 .. '', 1.5 .. 'x', 1e100 .. '', (0/0) .. '', (1/0) .. '', 2^63 .. '', 1e15 .. ''
--~
return tostring(1e14), tostring(1e13), tostring(123456.789), tostring(1e-5), tostring(0.0001), tostring(12345678901234.5), tostring(10000000000000.5), tostring(1e21)
--~
return type(nil), type(1), type('x'), type({}), type(print), type(type), type(true)
--~
return 'a' .. 'b' == 'ab', 'abc' < 'abd', not 1 == 2
--~
return 2 + 3 * 4 ^ 2 / 2 - 1, (2 + 3) * 4, 7 - 3 - 2, 2 ^ 2 ^ 3, -3 ^ 2, not 1 == nil, 1 .. 2 .. 3
--~
return 1 < 2 == true, 'x' == 'x' and 1 ~= 2
--~
if nil then return 1 elseif false then return 2 elseif 0 then return 3 else return 4 end
--~
local t = {} for i = 1, 3 do for j = 1, 3 do if j == 2 then break end t[#t + 1] = i * 10 + j end end return t
--~
local function outer() local x = 0 return function() x = x + 1 return x end, function() return x end end local inc, get = outer() inc() inc() return get()
--~
local t = {} for i = 1, 5 do local x = i * 2 t[i] = function() return x + i end end return t[1]() + t[5]()
--~
return unpack({1, 2, 3}), unpack({1, 2, 3}, 2), unpack({1, 2, 3}, 2, 3), unpack({}, 1, 3)
--~
return unpack({1, 2, 3}, -1, 1)
--~
return pcall(unpack, {}, 1, 1e6)
--~
return pcall(unpack, {}, 1, 1e8)
--~
return pcall(unpack)
--~
return loadstring('return 1 + 1')()
--~
return loadstring('return ...', 'name')(5)
--~
return loadstring('syntax error here')
--~
return loadstring('x =', 'chunk name')
--~
return loadstring('x =', '=chunk name')
--~
return loadstring('\n\nx =\n\n', '@file.lua')
--~
return loadstring('x = = 1\nmore', 'first line\nsecond line')
--~
return loadstring('error("boo")', 'a very long source text that is longer than sixty characters in all, so cut')
--~
return pcall(loadstring('error("boo")', 'a very long source text that is longer than sixty characters in all, so cut'))
--~
local n = 0 return load(function() n = n + 1 return ({'return ', '1', ' + 1'})[n] end)()
--~
return load(function() return {} end)
--~
return pcall(load, 5)
--~
return load(function() error('in reader') end)
--~
local f = loadstring('return x') setfenv(f, {x = 42}) return f()
--~
local function f() return x end setfenv(f, {x = 7}) return f(), getfenv(f).x, getfenv(1) == getfenv()
--~
setfenv(1, {y = 9}) return y
--~
local getfenv, setfenv, type = getfenv, setfenv, type local function g() return getfenv(1) == getfenv(2) end return g()
--~
return pcall(setfenv, 1), pcall(setfenv, type, {}), pcall(getfenv, -1)
--~
return type(collectgarbage('count')), collectgarbage(), type(gcinfo()), pcall(collectgarbage, 'x')
--~
return _VERSION, _G == nil, type(_G)
--~
return rawequal('a', 'a'), rawequal({}, {}), rawequal(1, 1)
--~
return tonumber('10'), tonumber('0x1F'), tonumber('  12  '), tonumber('1e2'), tonumber('abc'), tonumber(''), tonumber(nil)
--~
return tonumber('10', 2), tonumber('ff', 16), tonumber('zz', 36), tonumber('8', 8), tonumber('-7', 8), tonumber('0x1f', 16), tonumber('1.5', 10), tonumber('7fffffffffffffff', 16)
--~
return tonumber('1e'), tonumber('1 2'), tonumber('0x'), tonumber('1_0'), tonumber('.5'), tonumber('5.'), tonumber('.'), tonumber('inf'), tonumber('0x1p4'), tonumber('1e400'), tonumber('infinity')
--~
return pcall(tonumber), pcall(tonumber, '1', 99), pcall(tonumber, {}, 16)
--~
return tostring(nil), tostring(true), tostring('x'), pcall(tostring)
--~
local z = 0 return 1/(-(0)), 1/-0, 1/(0*-1), 1/z
--~
local t = {-0, 0, 1 - 1} return t, 1/-t[1], (function() return 0, -0 end)()
--~
return 2^-1, (-1)^(1/0), 1^(0/0), -7 % 3, 7 % -3, 1e308 * 10, -(1e308 * 10), 5 % (1/0), -5 % (1/0), 2^0.5
--~
return pcall(function() return -(2) + nil end), -'3', -(-(3)), 2 - -2
