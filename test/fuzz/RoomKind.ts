/** The kinds of rooms that rounds are played in. */
import * as Effect from "effect/Effect"
import { Room } from "../../src/room/Room.ts"
import type { inMemory, RoomLayer } from "../support/World.ts"

export type World = Effect.Effect.Success<ReturnType<typeof inMemory>>

export interface RoomKind {
  /** As many servers are in the room. */
  readonly nodes: number
  readonly layer: RoomLayer
  /** Waits until nothing more can happen before the clock advances. */
  readonly quiet: Effect.Effect<void>
  /** Waits between two acts of a step, as long as the room needs to deal with them in this order. */
  readonly betweenActs: Effect.Effect<void>
  /** Names and descriptors of the members in order, at a quiet point. */
  readonly seats: (nodes: ReadonlyArray<World>) => ReadonlyArray<string>
  /** All that is left of the room when the server has ended. */
  readonly remains: Effect.Effect<ReadonlyArray<string>>
}

/** Waits until all microtasks have run. */
export const turn: Effect.Effect<void> = Effect.async((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** In one process everything is done in microtasks, and in the order of the acts. */
export const inProcess: RoomKind = {
  nodes: 1,
  layer: Room.layer,
  quiet: turn,
  betweenActs: Effect.void,
  seats: (nodes) =>
    nodes.flatMap(({ roster }) => Effect.runSync(roster).members.map(({ fd, name }) => `${name} (${fd})`)),
  remains: Effect.succeed([])
}
