/**
 * Scripts about members: they come, go, make keys and reclaim. `key` is a folded name, `token` the number of a seat at its
 * node.
 */
import * as Schema from "effect/Schema"
import { make } from "./Script.ts"

/**
 * `join node token fd key name`: registers a member. An empty key stands for a name that is not valid. Asked again with the same
 * token it gives the same answer. Order of checks: full, taken, invalid.
 */
export const join = make(
  Schema.Union(
    Schema.Tuple(Schema.Literal("joined"), Schema.String),
    Schema.Tuple(Schema.Literal("full", "taken", "invalid", "settling"))
  ),
  `
local node, token, fd, of, name = unpack(ARGV)
if redis.call('SISMEMBER', nodes, node) == 0 then return redis.error_reply('FENCED the engine does not know this node') end
local order, owner, current = seat(of)
if owner == node and current == token then return {'joined', order} end
if redis.call('EXISTS', key('settling')) == 1 then return {'settling'} end
if redis.call('HLEN', users) >= tonumber(redis.call('HGET', key('config'), 'cap')) then return {'full'} end
if owner then return {'taken'} end
if of == '' then return {'invalid'} end
order = redis.call('INCR', key('seq'))
local record = order .. ' ' .. node .. ' ' .. token .. ' ' .. fd .. ' ' .. name
redis.call('HSET', users, of, record)
redis.call('SADD', key('names:' .. node), of)
tell({'j', record})
return {'joined', tostring(order)}
`
)

/** `leave node [key token]…`: gives seats back, if they are still these. Answers how many were. */
export const leave = make(
  Schema.Int,
  `
local entry, node = {}, ARGV[1]
for index = 2, #ARGV, 2 do
  local _, owner, token, _, name = seat(ARGV[index])
  if owner == node and token == ARGV[index + 1] then
    free(ARGV[index], node)
    entry[#entry + 1] = 'l'
    entry[#entry + 1] = node .. ' ' .. token .. ' ' .. name
  end
end
if #entry > 0 then tell(entry) end
return #entry / 2
`
)

/** `makeKey node token key digest`: sets the digest of the key with which the seat can be reclaimed. */
export const makeKey = make(
  Schema.Literal("ok", "gone"),
  `
local node, token, of, digest = unpack(ARGV)
local _, owner, current = seat(of)
if owner ~= node or current ~= token then return 'gone' end
redis.call('HSET', key('keys'), of, digest)
return 'ok'
`
)

/**
 * `reclaim node token fd key digest`: moves the seat of that name and key to another connection, of any node. The key is
 * used up.
 */
export const reclaim = make(
  Schema.Literal("reclaimed", "refused", "settling"),
  `
local node, token, fd, of, digest = unpack(ARGV)
if redis.call('SISMEMBER', nodes, node) == 0 then return redis.error_reply('FENCED the engine does not know this node') end
local order, owner, current, _, name = seat(of)
if owner == node and current == token then return 'reclaimed' end
if redis.call('EXISTS', key('settling')) == 1 then return 'settling' end
if not owner or redis.call('HGET', key('keys'), of) ~= digest then return 'refused' end
free(of, owner)
local record = order .. ' ' .. node .. ' ' .. token .. ' ' .. fd .. ' ' .. name
redis.call('HSET', users, of, record)
redis.call('SADD', key('names:' .. node), of)
tell({'r', record})
return 'reclaimed'
`
)

/**
 * `restore node [key order token fd name digest]…`: registers seats again that this node had before the engine lost them or
 * gave them up; `-` is no digest. Answers a letter for each: o (it is there), r (it has been reclaimed elsewhere), t (another has
 * the name), f (full).
 */
export const restore = make(
  Schema.String.pipe(Schema.pattern(/^[ortf]*$/)),
  `
local node = ARGV[1]
if redis.call('SISMEMBER', nodes, node) == 0 then return redis.error_reply('FENCED the engine does not know this node') end
local cap = tonumber(redis.call('HGET', key('config'), 'cap'))
local answers = {}
for index = 2, #ARGV, 6 do
  local of, order, token, fd, name, digest = unpack(ARGV, index, index + 5)
  local place, owner, current = seat(of)
  local answer = 'o'
  if owner == node and current == token then
  elseif owner then answer = place == order and 'r' or 't'
  elseif redis.call('HLEN', users) >= cap then answer = 'f'
  else
    local record = order .. ' ' .. node .. ' ' .. token .. ' ' .. fd .. ' ' .. name
    redis.call('HSET', users, of, record)
    redis.call('SADD', key('names:' .. node), of)
    if tonumber(order) > tonumber(redis.call('GET', key('seq')) or '0') then redis.call('SET', key('seq'), order) end
    tell({'j', record})
  end
  -- Of a seat that is there, the last key may have been lost.
  if answer == 'o' and digest ~= '-' then redis.call('HSET', key('keys'), of, digest) end
  answers[#answers + 1] = answer
end
return table.concat(answers)
`
)
