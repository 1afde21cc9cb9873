import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { FiberScheduler } from "../../src/server/FiberScheduler.ts"

describe("the scheduler of sessions", () => {
  it("runs a task at once, and those that are scheduled meanwhile right after it, in order", () => {
    const scheduler = new FiberScheduler()
    const ran: Array<string> = []
    scheduler.scheduleTask(() => {
      scheduler.scheduleTask(() => {
        ran.push("second")
        scheduler.scheduleTask(() => ran.push("fourth"))
      })
      scheduler.scheduleTask(() => ran.push("third"))
      ran.push("first")
    })
    assert.deepStrictEqual(ran, ["first", "second", "third", "fourth"])
  })

  it("goes on after a task that throws", () => {
    const scheduler = new FiberScheduler()
    const ran: Array<string> = []
    const fails = () => {
      scheduler.scheduleTask(() => ran.push("left over"))
      throw new Error("a defect")
    }
    assert.throws(() => scheduler.scheduleTask(fails), "a defect")
    scheduler.scheduleTask(() => ran.push("next"))
    assert.deepStrictEqual(ran, ["next", "left over"])
  })

  // Where the time for each grows with their number, this takes longer than a test may.
  it.effect("runs a million tasks in time that grows with their number only", () =>
    Effect.sync(() => {
      const scheduler = new FiberScheduler()
      let ran = 0
      scheduler.scheduleTask(() => {
        for (let time = 0; time < 1_000_000; time++) scheduler.scheduleTask(() => ran++)
      })
      assert.strictEqual(ran, 1_000_000)
    })
  )
})
