/** The fate of lines, with streams and files in place of the process's standard output. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { vi } from "vitest"
import { LOG_BYTES } from "../../src/Limits.ts"
import * as StandardOutput from "../../src/process/StandardOutput.ts"
import { Metrics } from "../../src/status/Metrics.ts"

/** Standard output of this process is this stream, with this descriptor, until the scope ends. */
const replaced = (stream: Writable, fd: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const own = Object.getOwnPropertyDescriptor(process, "stdout")
      Object.defineProperty(process, "stdout", { configurable: true, value: Object.assign(stream, { fd }) })
      return own
    }),
    (own) => Effect.sync(() => Object.defineProperty(process, "stdout", own ?? {}))
  )

const file = Effect.gen(function* () {
  const folder = mkdtempSync(join(tmpdir(), "partyline-"))
  yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
  const path = join(folder, "log")
  const fd = openSync(path, "w")
  yield* Effect.addFinalizer(() => Effect.sync(() => closeSync(fd)))
  return { fd, path }
})

/** Ends behind the flush of what has been written so far. */
const flushed = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const line = `${"a".repeat(1023)}\n`
const turn = line.repeat(LOG_BYTES / line.length + 1)

describe("standard output takes more lines in one turn than may wait,", () => {
  it.scopedLive("when it is a file", () =>
    Effect.gen(function* () {
      const { fd, path } = yield* file
      yield* replaced(new Writable(), fd)
      const metrics = Metrics.make()
      const output = yield* Effect.provideService(StandardOutput.make, Metrics, metrics)
      output.write(turn, 0, true)
      yield* flushed
      assert.isTrue(readFileSync(path, "latin1") === turn)
      assert.deepStrictEqual([output.takeLost(), metrics.statusLinesLost], [0, 0])
    })
  )

  it.scopedLive(
    "when it is a stream that has taken what came before, and loses those that come before it has taken these",
    () =>
      Effect.gen(function* () {
        let taken = ""
        let isReading = false
        let take = () => {}
        const stream = new Writable({
          decodeStrings: false,
          write(text: string, _, done) {
            taken += text
            if (isReading) done()
            else take = done
          }
        })
        const complain = vi.spyOn(process.stderr, "write").mockReturnValue(true)
        yield* Effect.addFinalizer(() => Effect.sync(() => complain.mockRestore()))
        yield* replaced(stream, -1)
        const metrics = Metrics.make()
        const output = yield* Effect.provideService(StandardOutput.make, Metrics, metrics)
        for (const text of [turn, "lost\nlost too\n"]) {
          output.write(text, 0, true)
          yield* flushed
        }
        isReading = true
        take()
        output.write("next\n", 0, true)
        yield* flushed
        assert.isTrue(taken === `${turn}next\n`)
        assert.deepStrictEqual([output.takeLost(), metrics.statusLinesLost], [2, 2])
        assert.deepStrictEqual(complain.mock.calls, [
          ["partyline: status lines are being lost: nobody reads standard output\n"]
        ])
      })
  )
})
