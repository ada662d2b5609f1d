x
--~
x =
--~
x = = 1
--~
local
--~
local 5
--~
return return
--~
if
--~
if x
--~
if x then
--~
if x then else
--~
if x then elseif
--~
while
--~
while true
--~
while true do
--~
for
--~
for i
--~
for i =
--~
for i = 1
--~
for i = 1,
--~
for i = 1, 2
--~
for i = 1, 2 do
--~
for i, j = 1
--~
for i in
--~
for 5 in x do end
--~
repeat
--~
repeat until
--~
function
--~
function f
--~
function f(
--~
function f(a
--~
function f(a,
--~
function f(a, 5) end
--~
function f(...
--~
function f(..., a) end
--~
function f()
--~
function f.5() end
--~
function f:a:b() end
--~
function f:a.b() end
--~
function 5() end
--~
local function f.x() end
--~
do
--~
end
--~
break
--~
do break end
--~
while true do break return end
--~
return 1 return 2
--~
f(
--~
f(1
--~
f(1,
--~
f(1 2)
--~
f)
--~
f{
--~
f{1
--~
f{1,
--~
f{1 2}
--~
f{[1]}
--~
f{[1] 2}
--~
f{a.b = 1}
--~
f'x
--~
f"x
--~
f'x
y'
--~
f'x\
--~
f[[x
--~
f[==[x]]
--~
f[=x
--~
--[[ unfinished
--~
--[==[ unfinished ]]
--~
x = '\256'
--~
x = 'a\300b'
--~
x = 5x
--~
x = 0x
--~
x = 0xg
--~
x = 1e
--~
x = 1e+
--~
x = 1..2
--~
x = 1.2.3
--~
x = 3abc
--~
x = @
--~
x = 5 $ 3
--~
x = ~5
--~
x ~= 5
--~
x = !5
--~
x += 5
--~
x++
--~
x = a.5
--~
x = a.
--~
x = a:b
--~
x = a:
--~
a:b
--~
a.b
--~
a[1]
--~
a[
--~
a[1
--~
a, b
--~
a, b =
--~
a, 5 = 1, 2
--~
a, f() = 1, 2
--~
f() = 1
--~
(a) = 1
--~
(a).b = 1
--~
5 = a
--~
'x' = 5
--~
nil = 5
--~
x = ...
--~
function f() return ... end
--~
f
(1)
--~
x = f
(1)
--~
x = }
--~
x = {
--~
x = (1
--~
x = ()
--~
x = 1 +
--~
x = + 1
--~
x = not
--~
x = #
--~
x = 1 and
--~
x = function
--~
x = function(
--~
goto x
--~
::label::
--~
x = a // b
--~
x = 1 << 2
--~
x = a & b
--~
x = '\x41'
--~
x = '\z'
--~
local x, y, = 1
--~
local x = 1 local
--~
; x = 1
--~
x = 1;;
--~
return;;
--~
and = 1
--~
local end = 1
--~
x.end = 1
--~
x = {end = 1}
--~
x = 'unfinished\
--~
-- only a comment
--~
return
--~
#!/bin/lua
return 1
--~
# comment
--~
if x then end end
--~
while x do end end
--~
function f() end end
--~
return function() end end
--~
local a


local b = = 2
--~
x = {
  a = 1,
  b = 2
  c = 3
}
--~
f(a,
b,
c
