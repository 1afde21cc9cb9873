/** What one client has said, as far as it has been dealt with. */
import type * as Effect from "effect/Effect"
import { isLoopback } from "../net/IpAddress.ts"
import type { Peer } from "../net/Peer.ts"
import { type Batch, LineDecoder } from "../protocol/LineDecoder.ts"
import type { Client, Then } from "../room/Decision.ts"
import * as Counts from "../room/LineCounts.ts"
import type { StatusEvent } from "../status/StatusEvent.ts"
import { isRequest, type Pace } from "./RateLimit.ts"
import type { Setting } from "./Setting.ts"

/** Whose lines they are. */
export interface Speaker extends Client {
  readonly record: (events: ReadonlyArray<StatusEvent>) => void
}

/** What stopped the reading: something to wait for, and what comes after it. */
export interface Halt {
  readonly waiting: Effect.Effect<void> | undefined
  /** The client waits for its own turn, and not for others to have room. */
  readonly isPaced: boolean
  readonly next: Then
}

const goOn: Then = { _tag: "Continue" }
const noItems: Batch = { items: [], plain: true }

/** Its lines, decoded, paced, and handed to the room in order. */
export class Hearing {
  /** Present when the reading has to stop. */
  halt: Halt | undefined
  private readonly setting: Setting
  private readonly speaker: Speaker
  private readonly decoder: LineDecoder
  /** Absent for those who are heard as fast as they speak. */
  private readonly pace: Pace | undefined
  private batch = noItems
  private position = 0

  constructor(setting: Setting, speaker: Speaker, { address }: Peer) {
    this.setting = setting
    this.speaker = speaker
    this.decoder = new LineDecoder(setting.limits.current.maxLine)
    this.pace = isLoopback(address) ? undefined : setting.pace()
  }

  /** Takes a chunk, when all of the last one is dealt with. Whether there is a request in it. */
  take(chunk: Uint8Array): boolean {
    this.setting.metrics.bytesIn += chunk.length
    this.batch = this.decoder.push(chunk)
    this.position = 0
    return this.batch.items.some(isRequest)
  }

  /** Deals with the next lines of the last chunk; true when all of them are dealt with and reading can go on. */
  advance(): boolean {
    const { log, metrics, room } = this.setting
    const { batch, pace, speaker } = this
    while (this.position < batch.items.length) {
      const end = pace === undefined ? undefined : pace.reach(batch.items, this.position)
      if (pace !== undefined && end === this.position) {
        this.halt = { waiting: pace.turn, isPaced: true, next: goOn }
        return false
      }
      const { decision, waiting } = room.relay(speaker, batch, this.position, log.observed, end)
      const { counts, events, next, then } = decision
      if (pace !== undefined) pace.pay(batch.items, this.position, next)
      this.position = next
      Counts.add(metrics.lines, counts)
      speaker.record(events)
      if (waiting !== undefined || then._tag !== "Continue") {
        this.halt = { waiting, isPaced: false, next: then }
        return false
      }
    }
    this.batch = noItems
    this.halt = undefined
    return true
  }
}
