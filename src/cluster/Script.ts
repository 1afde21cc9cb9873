/** Lua scripts with typed answers: each runs at Redis in one step that nothing else can come between. */
import { createHash } from "node:crypto"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"

/** Sends one command to Redis. */
export type Call = (command: string, ...args: ReadonlyArray<string | number>) => Promise<unknown>

/** The engine could not be asked, gave an answer that the question cannot have, or does not want this node. */
export class EngineError extends Data.TaggedError("EngineError")<{
  readonly problem: string
  /** There was no answer while the patience for one lasted. */
  readonly isSilence?: boolean
}> {
  override get message(): string {
    return this.problem
  }
}

export interface Script<A> {
  readonly lua: string
  readonly sha: string
  readonly decode: (answer: unknown) => Either.Either<A, unknown>
}

/**
 * Begins every script. KEYS[1] is the prefix of the room's keys; the hash tag in it makes them share a slot.
 *
 * `seat(key)` gives order, node, token, descriptor and name of the member with that folded name; `tell(entry)` appends an entry
 * to the inbox of every node; `free(key, node)` takes a member out of all tables.
 */
const prelude = `
local function key(name) return KEYS[1] .. ':' .. name end
local users, nodes = key('users'), key('nodes')
local function seat(of)
  local record = redis.call('HGET', users, of)
  if record then return string.match(record, '^(%S+) (%S+) (%S+) (%S+) (%S+)$') end
end
local function tell(entry)
  for _, node in ipairs(redis.call('SMEMBERS', nodes)) do
    redis.call('XADD', key('inbox:' .. node), '*', unpack(entry))
  end
end
local function free(of, node)
  redis.call('HDEL', users, of)
  redis.call('HDEL', key('keys'), of)
  redis.call('SREM', key('slow'), of)
  redis.call('SREM', key('names:' .. node), of)
end
`

export const make = <A, I>(answer: Schema.Schema<A, I>, source: string): Script<A> => {
  const lua = prelude + source
  return {
    lua,
    sha: createHash("sha1").update(lua).digest("hex"),
    decode: Schema.decodeUnknownEither(answer)
  }
}

/** Decodes an answer. It is a fault of the script if that fails. */
export const decoded = <A>(decode: Script<A>["decode"], answer: unknown): Effect.Effect<A, EngineError> =>
  Either.match(decode(answer), {
    onLeft: () => new EngineError({ problem: `an answer of Redis is not understood: ${JSON.stringify(answer)}` }),
    onRight: Effect.succeed
  })

const isUnknown = (error: unknown): boolean => error instanceof Error && error.message.startsWith("NOSCRIPT")

/** Runs the script for the room whose keys begin with `prefix`. Redis keeps its text after the first time. */
export const run = <A>(
  { decode, lua, sha }: Script<A>,
  call: Call,
  prefix: string,
  args: ReadonlyArray<string | number>
): Effect.Effect<A, EngineError> =>
  ask(() =>
    call("EVALSHA", sha, 1, prefix, ...args).catch((error: unknown) => {
      if (isUnknown(error)) return call("EVAL", lua, 1, prefix, ...args)
      throw error
    })
  ).pipe(Effect.flatMap((answer) => decoded(decode, answer)))

/** The answer to a command. */
export const ask = (send: () => Promise<unknown>): Effect.Effect<unknown, EngineError> =>
  Effect.tryPromise({
    try: send,
    catch: (error) => new EngineError({ problem: error instanceof Error ? error.message : String(error) })
  })
