import type * as Duration from "effect/Duration"
import type { LimitValues } from "../../src/LimitValues.ts"
import type { RedisServer } from "./RedisServer.ts"
import { roomAt } from "./roomAt.ts"
import { inMemory } from "./World.ts"

/** A node of the room, with clients in memory. */
export const nodeAt = (
  { address }: Pick<RedisServer, "address">,
  limits: Partial<LimitValues> = {},
  lease?: Duration.Duration
) => inMemory(limits, "", undefined, roomAt(address, "main", lease))
