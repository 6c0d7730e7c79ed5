/**
 * What Redis does in one step, whoever else writes at the same time. The first argument of each is the prefix of all
 * keys, the second the id of the broker that asks.
 */

/** A broker that others have taken for dead must not write any more: its Sessions are served elsewhere. */
const mustBeKnown = `
local p, me = ARGV[1], ARGV[2]
if redis.call('HEXISTS', p .. 'brokers', me) == 0 then
  return redis.error_reply('EXPELLED this broker is not known')
end
`

/**
 * Arguments: milliseconds to live, a name for all that is there where it has none yet. Begins at the end of the log.
 *
 * @returns its place, and the name
 */
export const joinScript = `
local p, me = ARGV[1], ARGV[2]
redis.call('SETNX', p .. 'incarnation', ARGV[4])
local newest = redis.call('XREVRANGE', p .. 'log', '+', '-', 'COUNT', 1)
local position = newest[1] and newest[1][1] or '0-0'
redis.call('HSET', p .. 'brokers', me, position)
redis.call('SET', p .. 'alive/' .. me, '1', 'PX', ARGV[3])
return { position, redis.call('GET', p .. 'incarnation') }
`

/**
 * For a broker that is not known any more. Arguments: milliseconds to live, its place in the log, the newest of its entries
 * that it has read, the name of what was there, a new name, the format, and the Client Identifiers of its Sessions. Where
 * all that was there is gone, it is the owner again of each that nobody else has claimed since.
 *
 * @returns 1 where it is gone, the name of what is there now, and the Sessions that it is the owner of
 */
export const rejoinScript = `
local p, me = ARGV[1], ARGV[2]
redis.call('SETNX', p .. 'incarnation', ARGV[7])
redis.call('SETNX', p .. 'format', ARGV[8])
local name = redis.call('GET', p .. 'incarnation')
local isGone = name ~= ARGV[6]
redis.call('SET', p .. 'alive/' .. me, '1', 'PX', ARGV[3])
redis.call('HSET', p .. 'brokers', me, ARGV[4])
redis.call('HSET', p .. 'numbers', me, ARGV[5])
local owned = {}
if isGone then
  for at = 9, #ARGV do
    redis.call('HSETNX', p .. 'owners', ARGV[at], me)
    if redis.call('HGET', p .. 'owners', ARGV[at]) == me then owned[#owned + 1] = ARGV[at] end
  end
end
return { isGone and 1 or 0, name, owned }
`

/**
 * Arguments: milliseconds to live, position, then operations: `drop` bucket, `delete` bucket key, `put` bucket key value,
 * `log` number kind value. What was appended before is not appended again, so that a write of which it is not known
 * whether it was done can be done again.
 */
export const writeScript = `${mustBeKnown}
redis.call('SET', p .. 'alive/' .. me, '1', 'PX', ARGV[3])
redis.call('HSET', p .. 'brokers', me, ARGV[4])
local last = tonumber(redis.call('HGET', p .. 'numbers', me) or '0')
local at = 5
while at <= #ARGV do
  local what, name = ARGV[at], ARGV[at + 1]
  if what == 'drop' then
    redis.call('DEL', p .. name)
    at = at + 2
  elseif what == 'delete' then
    redis.call('HDEL', p .. name, ARGV[at + 2])
    at = at + 3
  elseif what == 'put' then
    redis.call('HSET', p .. name, ARGV[at + 2], ARGV[at + 3])
    at = at + 4
  else
    if tonumber(name) > last then
      last = tonumber(name)
      redis.call('XADD', p .. 'log', '*', 'b', me, 'n', name, 'k', ARGV[at + 2], 'v', ARGV[at + 3])
    end
    at = at + 4
  end
end
redis.call('HSET', p .. 'numbers', me, last)
return last
`

/**
 * Arguments: Client Identifier. One that was handed over to a broker that is not there any more has no owner either.
 *
 * @returns the owner, and 1 where it is alive
 */
export const claimScript = `${mustBeKnown}
local owner = redis.call('HGET', p .. 'owners', ARGV[3])
if not owner or redis.call('HEXISTS', p .. 'brokers', owner) == 0 then
  redis.call('HSET', p .. 'owners', ARGV[3], me)
  return { me, 1 }
end
return { owner, redis.call('EXISTS', p .. 'alive/' .. owner) }
`

/** Arguments: Client Identifier. */
export const releaseScript = `${mustBeKnown}
if redis.call('HGET', p .. 'owners', ARGV[3]) == me then
  redis.call('HDEL', p .. 'owners', ARGV[3])
  redis.call('HDEL', p .. 'positions', ARGV[3])
end
return 1
`

/** Arguments: Client Identifier. @returns owner, position, keys and values of its bucket */
export const readScript = `
local p = ARGV[1]
return {
  redis.call('HGET', p .. 'owners', ARGV[3]),
  redis.call('HGET', p .. 'positions', ARGV[3]),
  redis.call('HGETALL', p .. 'session/' .. ARGV[3]),
}
`

/** @returns topics and what is retained for them */
export const retainedScript = `
return redis.call('HGETALL', ARGV[1] .. 'retained')
`

/** @returns who is a member of Shared Subscriptions, and at which broker */
export const membersScript = `
return redis.call('HGETALL', ARGV[1] .. 'members')
`

/** @returns the ids of brokers that are not alive */
export const deadScript = `${mustBeKnown}
local found = {}
for _, broker in ipairs(redis.call('HKEYS', p .. 'brokers')) do
  if redis.call('EXISTS', p .. 'alive/' .. broker) == 0 and broker ~= me then found[#found + 1] = broker end
end
return found
`

/** Arguments: id of a broker. @returns the Client Identifiers whose Sessions this broker has from now on */
export const adoptScript = `${mustBeKnown}
local dead, found = ARGV[3], {}
local position = redis.call('HGET', p .. 'brokers', dead)
if not position or redis.call('EXISTS', p .. 'alive/' .. dead) == 1 then return found end
redis.call('HDEL', p .. 'brokers', dead)
redis.call('HDEL', p .. 'numbers', dead)
redis.call('HDEL', p .. 'beats', dead)
local owners = redis.call('HGETALL', p .. 'owners')
for at = 1, #owners, 2 do
  if owners[at + 1] == dead then
    redis.call('HSET', p .. 'owners', owners[at], me)
    -- One that it had been given and had not taken in yet has a position already.
    redis.call('HSETNX', p .. 'positions', owners[at], position)
    found[#found + 1] = owners[at]
  end
end
local members = redis.call('HGETALL', p .. 'members')
for at = 1, #members, 2 do
  if members[at + 1] == dead then redis.call('HSET', p .. 'members', members[at], me) end
end
-- In the same step: what it had not read of Shared Subscriptions is this broker's to give, and no other's.
local word = cjson.encode({ type = 'gone', from = dead, to = me, position = position })
redis.call('XADD', p .. 'log', '*', 'b', dead, 'n', '0', 'k', 'word', 'v', word)
return found
`

/** Removes from the log what nobody needs. */
export const trimScript = `
local p, lowest, lowestTime, lowestNumber = ARGV[1], nil, 0, 0
local function look(position)
  local time, number = string.match(position, '^(%d+)-(%d+)$')
  time, number = tonumber(time), tonumber(number)
  if lowest == nil or time < lowestTime or (time == lowestTime and number < lowestNumber) then
    lowest, lowestTime, lowestNumber = position, time, number
  end
end
for _, position in ipairs(redis.call('HVALS', p .. 'brokers')) do look(position) end
for _, position in ipairs(redis.call('HVALS', p .. 'positions')) do look(position) end
if lowest == nil then return 0 end
return redis.call('XTRIM', p .. 'log', 'MINID', lowest)
`

/** The broker stops in order: others need not wait for its end. */
export const leaveScript = `
redis.call('DEL', ARGV[1] .. 'alive/' .. ARGV[2])
return 1
`
