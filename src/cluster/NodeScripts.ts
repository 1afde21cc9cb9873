/** Scripts about nodes: they attach, show that they live, and are cleared away when they do not. */
import * as Schema from "effect/Schema"
import { make } from "./Script.ts"

/**
 * `attach node epoch cap lease version run fresh highest [node]…`: makes this a node of the room, with an inbox and a lease
 * of that many milliseconds, and founds the room where there is none. `epoch` is what the node knew of the room ('' at its
 * start), `run` names the run of Redis, `fresh` becomes the name of what is new, the epoch of the room or the inbox,
 * `highest` is the highest order the node has seen, and the nodes are those it knew.
 *
 * Where data may have been lost, nobody new is admitted until every node known then has settled, one lease at most. In
 * another run of Redis the ids of entries go on an hour later: a node could have read later ones than it has now, from a
 * Redis whose clock was ahead. Answers the epoch, the name of the inbox, and the id of the last entry in it.
 */
export const attach = make(
  Schema.Union(
    Schema.Tuple(Schema.Literal("attached"), Schema.String, Schema.String, Schema.String),
    Schema.Tuple(Schema.Literal("cap", "version"), Schema.String),
    Schema.Tuple(Schema.Literal("dying"))
  ),
  `
local node, epoch, cap, lease, version, run, fresh, highest = unpack(ARGV, 1, 8)
if redis.call('SISMEMBER', key('dying'), node) == 1 then return {'dying'} end
local function lastId(inbox)
  if redis.call('EXISTS', inbox) == 0 then return '0-0' end
  local stream = redis.call('XINFO', 'STREAM', inbox)
  for index = 1, #stream, 2 do
    if stream[index] == 'last-generated-id' then return stream[index + 1] end
  end
end
local isAlone = true
for _, other in ipairs(redis.call('SMEMBERS', nodes)) do
  if other ~= node and redis.call('EXISTS', key('lease:' .. other)) == 1 then isAlone = false end
end
local was = redis.call('HMGET', key('config'), 'cap', 'version', 'epoch', 'run', 'settled')
if was[3] and not isAlone then
  if was[2] ~= version then return {'version', was[2]} end
  if was[1] ~= cap then return {'cap', was[1]} end
end
if was[3] and was[4] ~= run then
  local now = tonumber(redis.call('TIME')[1]) * 1000
  for _, other in ipairs(redis.call('SMEMBERS', nodes)) do
    local inbox = key('inbox:' .. other)
    local last = tonumber(string.match(lastId(inbox), '^%d+'))
    local later = string.format('%.0f-0', math.max(now, last) + 3600000)
    redis.call('XADD', inbox, later, '', '')
    redis.call('XDEL', inbox, later)
  end
end
local known = was[3] or fresh
local isLost = epoch ~= '' and epoch ~= known and was[5] ~= known
if isLost or (was[3] and was[4] ~= run) then
  redis.call('DEL', key('settling'))
  for _, other in ipairs(redis.call('SMEMBERS', nodes)) do redis.call('SADD', key('settling'), other) end
  for index = 9, #ARGV do redis.call('SADD', key('settling'), ARGV[index]) end
  redis.call('PEXPIRE', key('settling'), lease)
end
redis.call('HSET', key('config'), 'cap', cap, 'version', version, 'epoch', known, 'run', run,
  'settled', isLost and known or was[5] or '')
redis.call('SET', key('lease:' .. node), '1', 'PX', lease)
if tonumber(highest) > tonumber(redis.call('GET', key('seq')) or '0') then redis.call('SET', key('seq'), highest) end
local inbox, sent = key('inbox:' .. node), key('sent:' .. node)
if redis.call('SADD', nodes, node) == 1 then
  redis.call('DEL', inbox, sent)
  redis.call('HSET', sent, 'inbox', fresh)
end
return {'attached', known, redis.call('HGET', sent, 'inbox'), lastId(inbox)}
`
)

/** `look`: the cap and version of a room of which a node lives; nothing of another. */
export const look = make(
  Schema.Union(Schema.Tuple(), Schema.Tuple(Schema.String, Schema.String)),
  `
for _, node in ipairs(redis.call('SMEMBERS', nodes)) do
  if redis.call('EXISTS', key('lease:' .. node)) == 1 then return redis.call('HMGET', key('config'), 'cap', 'version') end
end
return {}
`
)

/** `settle node`: everybody on this node is registered again. */
export const settle = make(
  Schema.Int,
  `
return redis.call('SREM', key('settling'), ARGV[1])
`
)

/**
 * `beat node lease`: renews the lease, as long as the node has not been given up. Answers the length of its inbox, whether
 * nobody new is admitted just now, and the nodes to reap; or that the node was reaped, or that the room is not there.
 */
export const beat = make(
  Schema.Union(
    Schema.Tuple([Schema.Literal("alive"), Schema.Int, Schema.Int], Schema.String),
    Schema.Tuple(Schema.Literal("reaped", "lost"))
  ),
  `
local node, lease = unpack(ARGV)
if redis.call('SISMEMBER', nodes, node) == 0 then
  return {redis.call('HEXISTS', key('config'), 'epoch') == 1 and 'reaped' or 'lost'}
end
redis.call('SET', key('lease:' .. node), '1', 'PX', lease)
local answer = {'alive', redis.call('XLEN', key('inbox:' .. node)), redis.call('EXISTS', key('settling'))}
for _, other in ipairs(redis.call('SMEMBERS', nodes)) do
  if redis.call('EXISTS', key('lease:' .. other)) == 0 then answer[#answer + 1] = other end
end
for _, other in ipairs(redis.call('SMEMBERS', key('dying'))) do answer[#answer + 1] = other end
return answer
`
)

/**
 * `reap node count isOwn`: clears away a node whose lease is over, at most `count` names at a time; with `isOwn` the node
 * clears itself away while its lease lasts. Answers whether to go on, and how many names are free now.
 */
export const reap = make(
  Schema.Tuple(Schema.Literal("more", "done", "alive"), Schema.Int),
  `
local node, count, isOwn = unpack(ARGV)
if redis.call('SISMEMBER', nodes, node) == 1 then
  if isOwn == '0' and redis.call('EXISTS', key('lease:' .. node)) == 1 then return {'alive', 0} end
  redis.call('SADD', key('dying'), node)
  redis.call('SREM', nodes, node)
  redis.call('DEL', key('inbox:' .. node), key('sent:' .. node), key('lease:' .. node))
elseif redis.call('SISMEMBER', key('dying'), node) == 0 then return {'done', 0}
end
local entry, names = {}, key('names:' .. node)
for _, of in ipairs(redis.call('SPOP', names, count)) do
  local _, owner, token, _, name = seat(of)
  if owner == node then
    free(of, node)
    entry[#entry + 1] = 'l'
    entry[#entry + 1] = node .. ' ' .. token .. ' ' .. name
  end
end
if #entry > 0 then tell(entry) end
if redis.call('SCARD', names) > 0 then return {'more', #entry / 2} end
-- Messages for its members may have come meanwhile.
redis.call('DEL', key('inbox:' .. node))
redis.call('SREM', key('dying'), node)
return {'done', #entry / 2}
`
)

/**
 * `owned node cursor`: a page of the seats that the engine believes this node has. Answers the next cursor, 0 at the end,
 * and key and token of each.
 */
export const owned = make(
  Schema.Tuple([Schema.String], Schema.String),
  `
local node, cursor = unpack(ARGV)
local page = redis.call('SSCAN', key('names:' .. node), cursor, 'COUNT', 1000)
local answer = {page[1]}
for _, of in ipairs(page[2]) do
  local _, owner, token = seat(of)
  if owner == node then
    answer[#answer + 1] = of
    answer[#answer + 1] = token
  end
end
return answer
`
)
