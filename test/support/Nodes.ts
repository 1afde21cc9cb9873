import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Layer from "effect/Layer"
import * as ClusterRoom from "../../src/cluster/ClusterRoom.ts"
import type { LimitValues } from "../../src/Limits.ts"
import type { RedisServer } from "./RedisServer.ts"
import { inMemory, type RoomLayer } from "./World.ts"

/** A room that this Redis keeps. Its engine goes by the real clock. */
export const roomAt = (
  { address }: Pick<RedisServer, "address">,
  room = "main",
  lease = Duration.seconds(8)
): RoomLayer =>
  ClusterRoom.layer({ address, room, lease }).pipe(Layer.orDie, Layer.provide(Layer.setClock(Clock.make())))

/** A node of the room, with clients in memory. */
export const nodeAt = (redis: RedisServer, limits: Partial<LimitValues> = {}, lease?: Duration.Duration) =>
  inMemory(limits, "", roomAt(redis, "main", lease))
