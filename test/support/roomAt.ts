import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ClusterRoom from "../../src/cluster/ClusterRoom.ts"
import type { Address } from "../../src/cluster/Redis.ts"
import type { Limits } from "../../src/Limits.ts"
import { Room } from "../../src/room/Room.ts"
import type { Metrics } from "../../src/status/Metrics.ts"
import type { StatusLog } from "../../src/status/StatusLog.ts"

const real = Clock.make()

/** Waits four times as long as it is asked to: an engine is not unavailable because a busy machine delays its answers. */
export const patientClock: Clock.Clock = {
  ...real,
  unsafeCurrentTimeMillis: () => real.unsafeCurrentTimeMillis(),
  unsafeCurrentTimeNanos: () => real.unsafeCurrentTimeNanos(),
  sleep: (duration) => real.sleep(Duration.times(duration, 4))
}

/**
 * A room that the Redis at this address keeps. Its engine goes by a clock of its own, whatever the test's is. A Redis that
 * does not answer at once, because the machine is busy, is asked again.
 */
export const roomAt = (
  address: Address,
  room = "main",
  lease = Duration.seconds(8),
  clock: Clock.Clock = Clock.make()
): Layer.Layer<Room, never, Limits | StatusLog | Metrics> =>
  Layer.orDie(
    Layer.scoped(
      Room,
      ClusterRoom.engineOf({ address, room, lease }).pipe(
        Effect.retry({ while: ({ isSilence = false }) => isSilence }),
        Effect.withClock(clock),
        Effect.flatMap(ClusterRoom.make)
      )
    )
  )
