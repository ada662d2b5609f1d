return cjson.encode({}), cjson.encode({1,2,3}), cjson.encode({a=1}), cjson.encode({{}, {1}, {x={}}})
--~
return cjson.encode(1), cjson.encode(-0.5), cjson.encode(1e100), cjson.encode(123456789012345678), cjson.encode(1/3), cjson.encode(0.1)
--~
return cjson.encode('a"b\\c/d\n\r\t\b\f\1\127\200é'), cjson.encode(true), cjson.encode(nil), cjson.encode(cjson.null)
--~
return cjson.encode({[1]=1,[2]=2,[4]=4}), cjson.encode({[3]=3}), cjson.encode({1,nil,3})
--~
return cjson.encode({[1]=1,[100]=2})
--~
return cjson.encode({[1.5]=1})
--~
return cjson.encode({[0]=1})
--~
return cjson.encode({[-1]=1})
--~
return cjson.encode({[true]=1})
--~
return cjson.encode(1/0)
--~
return cjson.encode(-1/0)
--~
return cjson.encode(0/0)
--~
return cjson.encode({1, 0/0})
--~
return cjson.encode(print)
--~
return cjson.encode(tostring)
--~
return cjson.encode({tostring})
--~
return cjson.encode(coroutine.create(function() end))
--~
local j = cjson.new() j.decode_max_depth(100000) local function try(n, o, c) local ok, e = pcall(j.decode, o:rep(n) .. '1' .. c:rep(n)) return ok, not ok and e end return try(7998, '[', ']'), try(7999, '[', ']')
--~
local j = cjson.new() j.decode_max_depth(100000) local ok = pcall(j.decode, ('{"a":'):rep(3999) .. '1' .. ('}'):rep(3999)) return ok
--~
local j = cjson.new() j.encode_max_depth(100000) local t = 1 for i = 1, 7998 do t = {t} end return pcall(j.encode, t)
--~
local j = cjson.new() j.encode_max_depth(100000) local t = 1 for i = 1, 4000 do t = {a = t} end return pcall(j.encode, t)
--~
local j = cjson.new() j.encode_max_depth(100000) local t = 1 for i = 1, 3999 do t = {a = t} end return #j.encode(t)
--~
return cjson.encode()
--~
return cjson.encode(1, 2)
--~
return cjson.decode()
--~
return cjson.decode(1, 2)
--~
return cjson.decode(12)
--~
return cjson.decode({})
--~
return cjson.decode(nil)
--~
return cjson.decode('{"a":[1,2,{"b":null}],"c":true,"d":false,"e":"x"}')
--~
return cjson.decode('[]'), cjson.decode('{}'), cjson.decode('1'), cjson.decode('"x"'), cjson.decode('true')
--~
return cjson.decode('null') == cjson.null, tostring(cjson.null), type(cjson.null)
--~
return cjson.decode('[1.5, -2e3, 0, -0, 1E+2, 123456789012345678901234567890]')
--~
return cjson.decode('[0x10, 010, +5, .5]')
--~
return cjson.decode('[0x10, 010, 1., 5e]')
--~
return cjson.decode('[inf, -inf, Infinity, -infinity]')
--~
return cjson.decode('["\\u0041\\u00e9\\u20ac\\ud83d\\ude00", "\\"\\\\\\/\\b\\f\\n\\r\\t"]')
--~
return cjson.decode('["\\ud83d"]')
--~
return cjson.decode('["\\ude00"]')
--~
return cjson.decode('["\\ud83d\\u0041"]')
--~
return cjson.decode('["\\u12g4"]')
--~
return cjson.decode('["\\u12"]')
--~
return cjson.decode('["\\x"]')
--~
return cjson.decode('["\\')
--~
return cjson.decode('"abc')
--~
return cjson.decode('"abc\\"')
--~
return cjson.decode('"a\nb"')
--~
return cjson.decode('')
--~
return cjson.decode(' ')
--~
return cjson.decode('x')
--~
return cjson.decode('[')
--~
return cjson.decode('[1')
--~
return cjson.decode('[1,')
--~
return cjson.decode('[1,]')
--~
return cjson.decode('[1 2]')
--~
return cjson.decode('[,]')
--~
return cjson.decode('{')
--~
return cjson.decode('{"a"')
--~
return cjson.decode('{"a":')
--~
return cjson.decode('{"a":1')
--~
return cjson.decode('{"a":1,')
--~
return cjson.decode('{"a":1,}')
--~
return cjson.decode('{a:1}')
--~
return cjson.decode('{1:1}')
--~
return cjson.decode('{true:1}')
--~
return cjson.decode('{null:1}')
--~
return cjson.decode('{"a" 1}')
--~
return cjson.decode('{"a":1 "b":2}')
--~
return cjson.decode('{"a":1]')
--~
return cjson.decode('[1}')
--~
return cjson.decode('1 2')
--~
return cjson.decode('[] []')
--~
return cjson.decode('[] x')
--~
return cjson.decode('[1] "x"')
--~
return cjson.decode('tru')
--~
return cjson.decode('[nul]')
--~
return cjson.decode('[falsey]')
--~
return cjson.decode('[truefalse]')
--~
return cjson.decode('-')
--~
return cjson.decode('[-x]')
--~
return cjson.decode('[1e5x]')
--~
return cjson.decode('[1\0]')
--~
return cjson.decode('\0\0')
--~
return cjson.decode('[1]\0garbage')
--~
return cjson.decode('{"a":1,"a":2}')
--~
return cjson.decode(' \t\r\n[ 1 , 2 ] \n')
--~
return cjson.decode('["a","b","\\n","c"]')
--~
return pcall(cjson.decode, ('['):rep(1001))
--~
return type(cjson.decode(('['):rep(1000) .. (']'):rep(1000)))
--~
local t = {} for i = 1, 1001 do t = {t} end return cjson.encode(t)
--~
local t = {} for i = 1, 999 do t = {t} end return #cjson.encode(t)
--~
local c = cjson.new() c.encode_max_depth(2) return pcall(c.encode, {{{}}})
--~
local c = cjson.new() c.decode_max_depth(2) return pcall(c.decode, '[[[]]]')
--~
local c = cjson.new() c.encode_number_precision(3) return c.encode(1/3), c.encode(123456), cjson.encode(1/3)
--~
local c = cjson.new() return pcall(c.encode_number_precision, 15)
--~
local c = cjson.new() return pcall(c.encode_number_precision, 0)
--~
local c = cjson.new() return c.encode_number_precision(), c.encode_max_depth(), c.decode_max_depth(), c.encode_keep_buffer(), c.encode_invalid_numbers(), c.decode_invalid_numbers(), c.encode_sparse_array()
--~
local c = cjson.new() return c.encode_invalid_numbers(true), c.encode({1/0, -1/0, 0/0})
--~
local c = cjson.new() return c.encode_invalid_numbers('null'), c.encode({1/0, -1/0, 0/0})
--~
local c = cjson.new() return c.encode_invalid_numbers('on'), c.encode_invalid_numbers('off')
--~
local c = cjson.new() return pcall(c.encode_invalid_numbers, 'x')
--~
local c = cjson.new() return pcall(c.encode_invalid_numbers, 5)
--~
local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, '[0x10]')
--~
local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, '[nan]')
--~
local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, '[01]')
--~
local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, '[+1]')
--~
local c = cjson.new() c.decode_invalid_numbers(false) return pcall(c.decode, '[-inf]')
--~
local c = cjson.new() return c.encode_sparse_array(true), c.encode({[1]=1,[100]=2}) ~= nil
--~
local c = cjson.new() return c.encode_sparse_array(true, 2, 3), c.encode({[100]=2})
--~
local c = cjson.new() c.encode_sparse_array(false, 0) return c.encode({[12]=2})
--~
local c = cjson.new() return pcall(c.encode_sparse_array, 'x')
--~
local c = cjson.new() return pcall(c.encode_sparse_array, true, -1)
--~
local c = cjson.new() return pcall(c.encode_sparse_array, true, 1, 1, 1)
--~
local c = cjson.new() return pcall(c.encode_max_depth, 1, 2)
--~
local c = cjson.new() return pcall(c.encode_keep_buffer, 'off'), c.encode_keep_buffer(), c.encode({1})
--~
return cjson._NAME, cjson._VERSION, cjson.decode('[1]')[1]
--~
return cjson.encode({a={b={c={1,2,{d=cjson.null}}}}})
--~
return cjson.encode(setmetatable({1,2}, {__index=function() return 5 end}))
--~
return cjson.decode(cjson.encode({1, 'x', true, {y = 2.5}}))
--~
local s = cmsgpack.pack(1, -1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, -32, -33, -128, -129, -32768, -32769, -2147483648, -2147483649) return s, cmsgpack.unpack(s)
--~
local s = cmsgpack.pack(1.5, 0.1, 1e100, -0.5, 1/0, -1/0, 2^53, 2^63, -2^63, 2^64) return s, cmsgpack.unpack(s)
--~
local s = cmsgpack.pack(nil, true, false, 'x', ('y'):rep(31), ('z'):rep(32), ('w'):rep(256), '') return s, cmsgpack.unpack(s)
--~
local s = cmsgpack.pack({}, {1,2,3}, {a=1}, {1,nil,3}, {[1]=1,[2]=2}, {[2]=2}, {{{}}}) return s, cmsgpack.unpack(s)
--~
local t = {} for i = 1, 20 do t[i] = i end local s = cmsgpack.pack(t) return s, cmsgpack.unpack(s)
--~
local t = {} for i = 1, 20 do t = {t} end return cmsgpack.pack(t)
--~
return cmsgpack.pack(tostring, cjson.null)
--~
return cmsgpack.pack()
--~
return cmsgpack.unpack()
--~
return cmsgpack.unpack('')
--~
return cmsgpack.unpack(5)
--~
return cmsgpack.unpack({})
--~
return cmsgpack.unpack('\193')
--~
return cmsgpack.unpack('\204')
--~
return cmsgpack.unpack('\217\5abc')
--~
return cmsgpack.unpack('\219\0\0\0\5abc')
--~
return cmsgpack.unpack('\146\1')
--~
return cmsgpack.unpack('\129\1')
--~
return cmsgpack.unpack('\129\192\1')
--~
return cmsgpack.unpack('\221\255\255\255\255')
--~
return cmsgpack.unpack('\207\255\255\255\255\255\255\255\255\211\255\255\255\255\255\255\255\255\211\128\0\0\0\0\0\0\0')
--~
return cmsgpack.unpack('\208\128\209\128\0\210\128\0\0\0\202\63\128\0\0\203\63\240\0\0\0\0\0\0')
--~
return cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3))
--~
return cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 2)
--~
return cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 3)
--~
return cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), 4)
--~
return cmsgpack.unpack_one(cmsgpack.pack(1, 2, 3), -1)
--~
return cmsgpack.unpack_one(cmsgpack.pack(1))
--~
return cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2)
--~
return cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 2, 1)
--~
return cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), 0)
--~
return cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3), -1)
--~
return cmsgpack.unpack_limit(cmsgpack.pack(1, 2, 3))
--~
return struct.pack('b', 1), struct.pack('B', 255), struct.pack('h', -2), struct.pack('H', 65535), struct.pack('i', -5), struct.pack('I', 5), struct.pack('l', -7), struct.pack('L', 7), struct.pack('T', 9)
--~
return struct.pack('>b', 1), struct.pack('>h', 258), struct.pack('>i', 66051), struct.pack('>l', 1), struct.pack('<i3', 197121), struct.pack('>I3', 197121)
--~
return struct.pack('f', 1.5), struct.pack('d', 1.5), struct.pack('>f', 0.1), struct.pack('>d', 0.1)
--~
return struct.pack('s', 'abc'), struct.pack('c2', 'abc'), struct.pack('c0', 'abc'), struct.pack('xbx', 1), struct.pack('!4bi', 1, 2), struct.pack('!bd', 1, 2), struct.pack(' b b ', 1, 2)
--~
return struct.pack('i9', -1), struct.pack('i16', 5), struct.pack('>i16', -5), struct.pack('I8', 2^53), struct.pack('i8', -2^63), struct.pack('I8', 2^64 - 2048)
--~
return struct.pack('i', 3.7), struct.pack('i', -3.7), struct.pack('b', 300), struct.pack('B', -1), struct.pack('I', 2^32 + 5)
--~
return struct.pack('c5', 'abc')
--~
return struct.pack('i33', 1)
--~
return struct.pack('!3b', 1)
--~
return struct.pack('z', 1)
--~
return struct.pack('b')
--~
return struct.pack('b', 'x')
--~
return struct.pack('s')
--~
return struct.pack('i99999999999', 1)
--~
return struct.pack()
--~
return struct.unpack('b', '\255'), struct.unpack('B', '\255'), struct.unpack('h', '\254\255'), struct.unpack('>h', '\1\2'), struct.unpack('i', '\251\255\255\255'), struct.unpack('I', '\251\255\255\255')
--~
return struct.unpack('l', '\255\255\255\255\255\255\255\255'), struct.unpack('L', '\255\255\255\255\255\255\255\255'), struct.unpack('i3', '\255\255\255'), struct.unpack('>i3', '\128\0\0')
--~
return struct.unpack('f', struct.pack('f', 0.1)), struct.unpack('d', struct.pack('d', 0.1)), struct.unpack('>d', struct.pack('>d', -1e300))
--~
return struct.unpack('s', 'abc\0def'), struct.unpack('c3', 'abcdef'), struct.unpack('bc0', '\3abcdef'), struct.unpack('!4bi', struct.pack('!4bi', 1, 2))
--~
return struct.unpack('bbb', '\1\2\3'), struct.unpack('b', '\1\2\3', 2), struct.unpack('', 'abc'), struct.unpack('xxb', '\1\2\3')
--~
return struct.unpack('i16', struct.pack('i16', -5)), struct.unpack('>i16', struct.pack('>i16', 77)), struct.unpack('i9', struct.pack('i9', -1))
--~
return struct.unpack('i', 'abc')
--~
return struct.unpack('s', 'abc')
--~
return struct.unpack('c0', 'abc')
--~
return struct.unpack('bc0', '\9abc')
--~
return struct.unpack('b', 'abc', 4)
--~
return struct.unpack('b', 'abc', 0)
--~
return struct.unpack('b', 'abc', -1)
--~
return struct.unpack('z', 'abc')
--~
return struct.unpack('c999999999', 'abc')
--~
return struct.size('b'), struct.size('i'), struct.size('!8bd'), struct.size('c10'), struct.size('i3h'), struct.size('>!4bi')
--~
return struct.size('s')
--~
return struct.size('c0')
--~
return struct.size('z'), struct.size('?')
--~
return bit.tobit(0xffffffff), bit.tobit(2^32 + 5), bit.tobit(1.5), bit.tobit(2.5), bit.tobit(-1.5), bit.tobit(2^53), bit.tobit(1e300), bit.tobit(1/0), bit.tobit(0/0), bit.tobit('0x10')
--~
return bit.bnot(0), bit.bnot(-1), bit.bnot(0x12345678), bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(0xff, 0x0f, 1), bit.band(5)
--~
return bit.lshift(1, 31), bit.lshift(1, 32), bit.rshift(-1, 28), bit.rshift(-1, 0), bit.arshift(-256, 4), bit.rol(0x12345678, 12), bit.ror(0x12345678, 12), bit.rol(1, 0), bit.lshift(1, -1)
--~
return bit.bswap(0x12345678), bit.tohex(255), bit.tohex(-1), bit.tohex(255, 4), bit.tohex(255, -4), bit.tohex(1, 20), bit.tohex(1, 0), bit.tohex(0xdeadbeef, -8)
--~
return bit.tobit()
--~
return bit.tobit({})
--~
return bit.band()
--~
return bit.band(1, 'x')
--~
return bit.tohex(1, nil)
--~
return bit.lshift(1)
--~
return math.abs(-5), math.ceil(1.2), math.floor(-1.2), math.max(1, 3, 2), math.min(3, 1, 2), math.sqrt(16), math.pow(2, 10), math.fmod(7, 3), math.fmod(-7, 3), math.mod(7, 3)
--~
return math.modf(3.7), math.modf(-3.7), math.modf(5), math.modf(1/0), math.modf(-1/0)
--~
return math.frexp(8), math.frexp(0.3), math.frexp(0), math.frexp(-5), math.frexp(5e-324), math.ldexp(0.5, 4), math.ldexp(1, -1074), math.ldexp(1, 1023)
--~
return math.sin(0), math.cos(0), math.atan2(1, 1) * 4, math.exp(0), math.log(1), math.log10(1000), math.deg(math.pi), math.rad(180), math.huge, -math.huge, math.pi
--~
return math.pow(1, 1/0), math.pow(-1, 1/0), math.pow(0, 0), math.pow(-8, 1/3) ~= math.pow(-8, 1/3), 1^(0/0)
--~
math.randomseed(0) return math.random(), math.random(10), math.random(5, 7), math.random(1, 1000000), math.random(-5, 5)
--~
math.randomseed(42) return math.random(), math.random(100), math.random(1, 6), math.random(2147483647)
--~
math.randomseed(-1) return math.random(), math.random(100)
--~
math.randomseed(2^31) return math.random()
--~
math.randomseed(1.9) return math.random(1000)
--~
local s = '' math.randomseed(7) for i = 1, 200 do s = s .. math.random(1000) .. ' ' end return s
--~
return table.concat({1, 2, 3}), table.concat({1, 2.5, 'x'}, '-'), table.concat({1, 2, 3}, ',', 2), table.concat({1, 2, 3}, ',', 2, 3), table.concat({}, 'x'), table.concat({1, 2, 3}, ',', 3, 2)
--~
local t = {1, 2, 3} table.insert(t, 4) table.insert(t, 1, 0) table.insert(t, 3, 'x') table.insert(t, 10, 'far') return t, #t
--~
local t = {1, 2, 3} return table.remove(t), table.remove(t, 1), t, table.remove({}), table.remove({1}, 5), select('#', table.remove({}))
--~
local t = {5, 2, 8, 1, 9, 3} table.sort(t) return t
--~
local t = {5, 2, 8, 1, 9, 3} table.sort(t, function(a, b) return a > b end) return t
--~
local t = {'b', 'a', 'C', '10', '9'} table.sort(t) return t
--~
local t = {} for i = 1, 50 do t[i] = {k = i % 5, i = i} end table.sort(t, function(a, b) return a.k < b.k end) local s = '' for i = 1, 50 do s = s .. t[i].i .. ' ' end return s
--~
local t = {} for i = 1, 60 do t[i] = {k = (i * 7919) % 13, i = i} end table.sort(t, function(a, b) return a.k > b.k end) local s = '' for i = 1, 60 do s = s .. t[i].i .. ' ' end return s
--~
return table.maxn({1, 2, 3}), table.maxn({[10] = 1, [2.5] = 1}), table.maxn({}), table.maxn({x = 1, [-5] = 1})
--~
return table.getn({1, 2, 3}), table.foreachi({5, 6, 7}, function(i, v) if v == 6 then return i end end), table.foreach({a = 1}, function(k, v) return k .. v end)
--~
return string.byte('abc'), string.byte('abc', 2), string.byte('abc', -1), string.byte('abc', 1, -1), string.byte('', 1), string.byte('abc', 10), string.byte('abc', 0), string.byte('abc', 0, 2), string.byte('abc', 2, 1)
--~
return string.char(), string.char(65, 66, 255, 0), string.char('65')
--~
return ('hello'):sub(2), ('hello'):sub(2, 3), ('hello'):sub(-3), ('hello'):sub(-3, -2), ('hello'):sub(0), ('hello'):sub(10), ('hello'):sub(3, 2), ('hello'):sub(-100, 2), ('hello'):sub(2, 100), ('hello'):sub('2', 3.9)
--~
return ('abc'):rep(0), ('abc'):rep(-1), ('abc'):rep(2), ('x'):rep(2.9)
--~
return ('Hello World'):upper(), ('Hello World'):lower(), ('äÖé\200'):upper(), ('abc'):reverse(), (''):reverse(), ('abc'):len(), #''
--~
return ('hello'):find('l'), ('hello'):find('xyz'), ('hello'):find(''), ('hello'):find('', 10), ('hello'):find('', 6), ('hello'):find('l', 4), ('hello'):find('l', -2), ('hello'):find('l', 5), ('hello'):find('l', -100)
--~
return ('a.b'):find('.', 1, true), ('a.b'):find('%.'), ('a+b'):find('+', 1, true), ('abc'):find('b', 1, false), ('a\0b'):find('\0'), ('a\0b'):find('%z'), ('a\0b'):find('b')
--~
return ('hello world'):match('(%w+) (%w+)'), ('hello'):match('h()l*()'), ('hello'):match('()ll()'), ('key = val'):match('^(%w+)%s*=%s*(%w+)$'), ('x'):match('y'), ('hello'):match('.-l'), ('hello'):match('.*l'), ('hello'):match('^ello')
--~
return ('THE (quick) fox'):find('%((%a+)%)'), ('f(a(b)c)d'):match('%b()'), ('THE (quick) fox'):gsub('%f[%a]%a+', string.lower), ('[[x]]'):match('%[%[(.-)%]%]')
--~
return ('abc'):gsub('', '-'), ('abc'):gsub('.', '%0%0'), ('hello world'):gsub('o', '0', 1), ('abc'):gsub('b', '%%'), ('abc'):gsub('(a)(b)', '%2%1'), ('abc'):gsub('x*', '-'), ('abc'):gsub('^a', 'x'), ('aaa'):gsub('^a', 'x')
--~
return ('$name is $age'):gsub('%$(%w+)', {name = 'Bob', age = 42}), ('abc'):gsub('%w', {a = false, b = 'x'}), ('abc'):gsub('%w', function(c) if c == 'b' then return nil end return c .. c end), ('abc'):gsub('(a)(b)', function(x, y) return y .. x end)
--~
return ('x'):gsub('x', '%'), ('x'):gsub('x', '%a'), ('abc'):gsub('()', '%1'), ('abc'):gsub('b', 5), ('abc'):gsub('b', function() return 5.5 end), ('aXb'):gsub('%u', '%0%0'), ('abc'):gsub('b', '', 0), ('abc'):gsub('.', 'x', -1)
--~
local r = {} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do r[#r + 1] = k .. v end for w in ('one two'):gmatch('%a+') do r[#r + 1] = w end for p in ('abc'):gmatch('()') do r[#r + 1] = p end return r
--~
return ('a]b'):find('[]]'), ('a-b'):find('[a-]', 2), ('a^b'):find('[b^]'), ('x-y'):match('[%w-]+'), ('x]'):match('[^]]'), ('09az'):match('[0-9a-z]+'), ('é'):match('[\128-\255]+'), ('%d'):match('[%%d]+')
--~
return ('  trim  '):match('^%s*(.-)%s*$'), ('a,b,,c'):gsub(',', ';'), ('2024-01-02'):match('(%d+)-(%d+)-(%d+)'), ('x=1'):match('^(.-)=(.*)$'), ('aaab'):match('a-b'), ('aaab'):match('a?a?a?a?b'), ('abab'):match('(ab)%1'), ('abcabc'):match('(a)(b)c%1%2')
--~
return string.format('%d %i %u %c %x %X %o %e %E %f %g %G %q %s %%', 1, 2, 3, 65, 255, 255, 8, 1.5, 1.5, 1.5, 1.5, 1.5, 'q"', 's')
--~
return string.format('%5d|%-5d|%05d|%+d|% d|%5.3d|%.0d|%#x|%#o|%x', 42, 42, 42, 42, 42, 42, 0, 255, 8, -1)
--~
return string.format('%10s|%-10s|%.2s|%10.2s|%s|%s', 'abc', 'abc', 'abc', 'abc', 5, 2.5), string.format('%s', ('x'):rep(200)):len(), string.format('%5s', ('x'):rep(120)):len(), string.format('%.5s', ('x'):rep(120))
--~
return string.format('%10.3f|%-10.3f|%010.3f|%+.2f|%.0f|%#.0f|%f|%f', 3.14159, 3.14159, 3.14159, 3.14159, 2.5, 2.5, 1e15, 1e300)
--~
return string.format('%.3e|%10.2e|%.0e|%#.0e|%e|%g|%g|%g|%g|%#g|%.3g|%.10g|%g', 12345.678, 0.00012, 5, 5, 0, 1e10, 1e-5, 0.0001, 100000, 1, 1234567, 0.1, 1e100)
--~
return string.format('%d %d %d %d', 3.99, -3.99, 2^31, -2^63), string.format('%x', 2^32), string.format('%u', -1), string.format('%d', '10'), string.format('%5c|%c', 65, 66)
--~
return string.format('%f %g %e %d', 1/0, -1/0, 1/0, 1/0), string.format('%5.1f|%-8g|%08f|%+g', 1/0, -1/0, 1/0, 1/0)
--~
return string.format('%q', 'a\nb\rc\0d"e\\f\200\t'), string.format('%s|%s', 'a\0b', 'c'), string.format('%c%c', 0, 65), string.format('100%%'), string.format('')
--~
return string.format('%.14g|%.17g|%.20f|%.1f|%.1f|%.1f|%.2f', 0.1, 0.1, 0.1, 0.25, 0.35, 0.45, 1.005), string.format('%5.0f|%.0f|%.0f|%.0f', 0.5, 1.5, 2.5, 3.5), string.format('%.99f', 1/3)
--~
return tostring(1e15), tostring(2^53), tostring(-1e15), tostring(123456789.123), tostring(1e-10), tostring(3.0), tostring(1e14 + 0.5), tostring(99999999999999.5), tostring(0.1 + 0.2), tostring(100), tostring(1e5), tostring(123456789012)
--~
local co = coroutine.create(function(a, b) local c = coroutine.yield(a + b) local d, e = coroutine.yield(c * 2) return d, e end) return {coroutine.resume(co, 1, 2)}, {coroutine.resume(co, 10)}, {coroutine.resume(co, 'x', 'y')}, {coroutine.resume(co)}, coroutine.status(co)
--~
local gen = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) return gen(), gen(), gen(), gen()
--~
local co = coroutine.create(function() error('inside') end) return coroutine.resume(co)
--~
local co = coroutine.create(function() error({}) end) return coroutine.resume(co)
--~
local co = coroutine.wrap(function() error('inside') end) return pcall(co)
--~
local co = coroutine.wrap(function() local x = nil; x.y = 1 end) co()
--~
local co co = coroutine.create(function() return coroutine.status(co), coroutine.running() == co, coroutine.resume(co) end) return coroutine.resume(co)
--~
local co = coroutine.create(function() return pcall(coroutine.yield, 1) end) return coroutine.resume(co)
--~
local co = coroutine.create(function() return pcall(function() coroutine.yield(1) end) end) return coroutine.resume(co)
--~
local co = coroutine.create(function() table.sort({3, 2, 1}, function(a, b) coroutine.yield(1) return a < b end) end) return coroutine.resume(co)
--~
local co = coroutine.create(function() local t = setmetatable({}, {__index = function() coroutine.yield(1) end}) return t.x end) return coroutine.resume(co)
--~
local function inner(n) if n == 0 then coroutine.yield('deep') return 'end' end local r = inner(n - 1) return r end local co = coroutine.create(inner) return {coroutine.resume(co, 50)}, {coroutine.resume(co)}
--~
local function gen(n) return coroutine.wrap(function() for i = 1, n do coroutine.yield(i) end end) end local s = 0 for i in gen(10) do s = s + i end return s
--~
local a = coroutine.wrap(function() local b = coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end) coroutine.yield(b()) coroutine.yield(b()) end) return a(), a()
--~
local co = coroutine.create(function(...) return select('#', ...), ... end) return coroutine.resume(co, nil, nil)
--~
local co = coroutine.create(function() end) return coroutine.status(co), coroutine.resume(co), coroutine.status(co), coroutine.resume(co)
--~
return coroutine.running(), type(coroutine.create(function() end)), pcall(coroutine.create, 5)
--~
local function loop(n) if n == 0 then return coroutine.yield('x') end return loop(n - 1) end local co = coroutine.create(loop) return {coroutine.resume(co, 5000)}, {coroutine.resume(co, 'back')}
--~
local co = coroutine.wrap(function() local ok, e = pcall(error, 'caught') coroutine.yield(e) return 'after' end) return co(), co()
--~
local t = {} local co = coroutine.wrap(function() for k, v in pairs({a = 1}) do coroutine.yield(k, v) end for i, v in ipairs({7, 8}) do coroutine.yield(i, v) end end) t[1], t[2] = co() t[3], t[4] = co() t[5], t[6] = co() return t
--~
return coroutine.wrap(function(...) local a = {...} local b = coroutine.yield(#a) return b, ... end)(1, 2, 3)
--~
local obj = {n = 0} function obj:step(x) self.n = self.n + coroutine.yield(x) return self.n end local co = coroutine.wrap(function() return obj:step(1), obj:step(2) end) return co(), co(10), co(20)
