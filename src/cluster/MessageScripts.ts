/** Scripts about messages between nodes. */
import * as Schema from "effect/Schema"
import { make } from "./Script.ts"

/**
 * `send node batch limit [sender token count [to lines]…]…`: appends lines to the inboxes of the nodes that have the
 * recipients; `*` is everybody on other nodes. An inbox takes no messages beyond `limit` entries. Asked again with the same
 * batch number it gives the same answer. While nodes are expected back after a loss, nobody knows whether a name is unknown:
 * then it is as if an inbox were full.
 *
 * Answers for each sender, in lines, for each of its messages, in words: `o` (sent), `u` (nobody has that name), `b` (an
 * inbox is full: this and what comes after it is not sent), or `s:` and, as in `node:name,name;node:name`, the recipients for
 * which the sender has to wait, until each is said to have `taken` it. A sender that is not registered here any more has the one word `g`.
 */
export const send = make(
  Schema.String,
  `
local node, batch, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
if redis.call('SISMEMBER', nodes, node) == 0 then return redis.error_reply('FENCED the engine does not know this node') end
local sent = key('sent:' .. node)
local done = redis.call('HGET', sent, batch)
if done then return done end

local isSettling = redis.call('EXISTS', key('settling')) == 1
local others = {}
for _, other in ipairs(redis.call('SMEMBERS', nodes)) do
  if other ~= node then others[#others + 1] = other end
end
local slow, slowAt = {}, {}
for _, of in ipairs(redis.call('SMEMBERS', key('slow'))) do
  local _, at = seat(of)
  if at then
    slow[of] = true
    slowAt[at] = slowAt[at] and slowAt[at] .. ',' .. of or of
  end
end
local isFull, homes, frames = {}, {}, {}
local function full(at)
  if isFull[at] == nil then isFull[at] = redis.call('XLEN', key('inbox:' .. at)) >= limit end
  return isFull[at]
end
local function home(of)
  if homes[of] == nil then
    local _, at = seat(of)
    homes[of] = at or false
  end
  return homes[of]
end
local function append(at)
  redis.call('XADD', key('inbox:' .. at), '*', unpack(frames[at]))
  frames[at] = nil
end
local function put(at, head, lines)
  -- A call of Lua takes no more than 8,000 arguments.
  if frames[at] and #frames[at] > 2000 then append(at) end
  local frame = frames[at]
  if not frame then
    frame = {'m', node}
    frames[at] = frame
  end
  frame[#frame + 1] = head
  frame[#frame + 1] = lines
end

local function toOne(from, of, lines)
  local at = home(of)
  if not at then return isSettling and 'b' or 'u' end
  if full(at) then return 'b' end
  local waits = slow[of] or at == node
  put(at, from .. (waits and of or '-') .. ' ' .. of, lines)
  return waits and 's:' .. at .. ':' .. of or 'o'
end
local function toAll(from, lines)
  for _, at in ipairs(others) do
    if full(at) then return 'b' end
  end
  local waits
  for _, at in ipairs(others) do
    local here = slowAt[at]
    if here then waits = (waits and waits .. ';' or 's:') .. at .. ':' .. here end
    put(at, from .. (here or '-') .. ' *', lines)
  end
  return waits or 'o'
end

local answers, index = {}, 4
while index <= #ARGV do
  local sender, token, count = ARGV[index], ARGV[index + 1], tonumber(ARGV[index + 2])
  index = index + 3
  local _, owner, current, _, name = seat(sender)
  local words = {}
  if owner ~= node or current ~= token then words[1] = 'g'
  else
    local from = name .. ' ' .. token .. ' '
    for at = index, index + 2 * count - 2, 2 do
      local to, lines = ARGV[at], ARGV[at + 1]
      local word = to == '*' and toAll(from, lines) or to ~= '*' and toOne(from, to, lines)
      words[#words + 1] = word
      if word == 'b' then break end
    end
  end
  index = index + 2 * count
  answers[#answers + 1] = table.concat(words, ' ')
end
for at in pairs(frames) do append(at) end
local answer = table.concat(answers, '\\n')
redis.call('HSET', sent, batch, answer)
redis.call('HDEL', sent, tonumber(batch) - 16)
return answer
`
)

/** `taken [node token key]…`: tells the nodes of senders that a recipient for whom they wait has taken their lines. */
export const taken = make(
  Schema.Literal("ok"),
  `
for index = 1, #ARGV, 3 do
  if redis.call('SISMEMBER', nodes, ARGV[index]) == 1 then
    redis.call('XADD', key('inbox:' .. ARGV[index]), '*', 't', ARGV[index + 1] .. ' ' .. ARGV[index + 2])
  end
end
return 'ok'
`
)

/** `mark node [key token isSlow]…`: says which members of this node have no room, and which have room again. */
export const mark = make(
  Schema.Literal("ok"),
  `
for index = 2, #ARGV, 3 do
  local _, owner, token = seat(ARGV[index])
  if owner == ARGV[1] and token == ARGV[index + 1] then
    redis.call(ARGV[index + 2] == '1' and 'SADD' or 'SREM', key('slow'), ARGV[index])
  end
end
return 'ok'
`
)

/**
 * `say id text`: lines of the operator for everybody on every node. Asked again with the same id, within a minute, it says
 * nothing.
 */
export const say = make(
  Schema.Literal("ok"),
  `
if redis.call('SET', key('said:' .. ARGV[1]), '1', 'NX', 'PX', 60000) then tell({'o', ARGV[2]}) end
return 'ok'
`
)
