import { describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { play, transcripts } from "./support/Transcript.ts"
import { inMemory, overTcp } from "./support/World.ts"

describe.each(transcripts())("transcript: $name", (transcript) => {
  it.scoped("in memory", () => Effect.flatMap(inMemory(), (world) => play(transcript, world)))
  it.scopedLive("over TCP", () => Effect.flatMap(overTcp(), (world) => play(transcript, world)))
})
