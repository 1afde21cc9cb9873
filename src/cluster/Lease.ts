/** The lease of this node: while it lasts, the node owns its seats. Nodes whose lease is over are cleared away. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { BEAT, REAP_NAMES } from "../Limits.ts"
import type { Attachment } from "./Attachment.ts"
import * as NodeScripts from "./NodeScripts.ts"
import { EngineError } from "./Script.ts"

export interface Beat {
  /** Entries in the inbox of this node. */
  readonly inbox: number
  /** Nodes are still expected back after an outage. */
  readonly isSettling: boolean
  /** How long the engine took to answer, in milliseconds. */
  readonly roundTrip: number
}

export interface Lease {
  readonly isValid: () => boolean
  /** From now on the lease counts, as long as it is renewed: node and engine are in line. */
  readonly begin: () => void
  /** The lease counts no more, although it may be renewed. */
  readonly end: () => void
  /** Renews it. */
  readonly renew: (attached: Attachment) => Effect.Effect<unknown, EngineError>
  /** Renews it again and again, and clears away nodes that do not renew theirs. */
  readonly keep: (attached: Attachment, beaten: (beat: Beat) => void) => Effect.Effect<never, EngineError, Scope.Scope>
}

const problems = { reaped: "the lease of this node was over", lost: "the room is not there any more" }

export const make = (node: string, duration: Duration.Duration): Effect.Effect<Lease> =>
  Effect.map(Effect.clock, (clock) => {
    const millis = Duration.toMillis(duration)
    // The monotonic clock goes on while the process is stopped.
    const now = () => Number(clock.unsafeCurrentTimeNanos() / 1000n) / 1000
    let ends = Number.NEGATIVE_INFINITY
    let isOver = true

    const renew = (attached: Attachment) =>
      Effect.suspend(() => {
        const asked = now()
        return Effect.flatMap(attached.runBeside(NodeScripts.beat, [node, millis]), (answer) => {
          if (answer[0] !== "alive") return new EngineError({ problem: problems[answer[0]] })
          ends = asked + millis
          const [, inbox, settling, ...dead] = answer
          return Effect.succeed({ inbox, isSettling: settling === 1, roundTrip: now() - asked, dead })
        })
      })

    const reap = (attached: Attachment) => (dead: string) =>
      Effect.repeat(attached.runBeside(NodeScripts.reap, [dead, REAP_NAMES, 0]), {
        while: ([state]) => state === "more"
      })

    return {
      isValid: () => !isOver && now() < ends,
      begin: () => {
        isOver = false
      },
      end: () => {
        isOver = true
      },
      renew,
      keep: Effect.fnUntraced(function* (attached, beaten) {
        const began = now()
        const reaper = yield* Effect.makeSemaphore(1)
        for (;;) {
          const { dead, ...beat } = yield* renew(attached)
          beaten(beat)
          // After an outage of the engine every node has the time of a lease to come back.
          if (dead.length > 0 && now() - began > millis) {
            const reaping = Effect.forEach(dead, reap(attached), { discard: true })
            yield* Effect.forkScoped(reaper.withPermitsIfAvailable(1)(reaping))
          }
          yield* Effect.sleep(BEAT)
        }
      })
    }
  })
