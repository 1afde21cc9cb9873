import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { Lines } from "../../src/connection/Lines.ts"
import { Outbox } from "../../src/connection/Outbox.ts"
import { Limits } from "../../src/Limits.ts"

const lines = (text: string, bytes: number, kind: Lines["kind"] = "public"): Lines => ({ text, bytes, kind })

/** The reply to WATCH or UNWATCH. */
const reply = (watching: boolean): Lines => ({
  ...lines(watching ? "on\n" : "off\n", watching ? 3 : 4, "reply"),
  watching
})

/** An outbox of 20 bytes, or as many as given, with five seconds of patience, and what its sink was asked. */
const make = (bytes = 20) => {
  const calls = { wakes: 0, cuts: 0 }
  const outbox = new Outbox(Limits.make({ outbox: bytes, patience: Duration.seconds(5) }), {
    wake: () => {
      calls.wakes++
    },
    cut: () => {
      calls.cuts++
      outbox.close()
    }
  })
  /** Takes the whole content, as the socket does. */
  const drain = (limit = 1000): string => {
    let all = ""
    for (let run = outbox.take(limit); run !== undefined; run = outbox.take(limit)) {
      all += Buffer.from(run.text, run.latin1 ? "latin1" : "utf8").toString("latin1")
      outbox.release()
    }
    return all
  }
  return { outbox, calls, drain }
}

const isDone = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) => Effect.map(Fiber.poll(fiber), ({ _tag }) => _tag === "Some")

describe("an outbox", () => {
  it("accepts lines while it has room, and wakes its sink once", () => {
    const { outbox, calls, drain } = make()
    assert.isTrue(outbox.append(lines("0123456789", 10)))
    assert.isTrue(outbox.append(lines("0123456789", 10)))
    assert.isFalse(outbox.append(lines("x", 1)))
    assert.strictEqual(calls.wakes, 1)
    assert.strictEqual(outbox.size, 20)
    assert.strictEqual(drain(), "01234567890123456789")
    assert.strictEqual(outbox.size, 0)
  })

  it.scoped("lets all who wait for one sender's lines wait as long as lines are taken", () =>
    Effect.gen(function* () {
      const { calls, outbox } = make(10)
      outbox.append(lines("012345678\n", 10))
      const queue = outbox.enqueue(lines("012345678\n".repeat(3), 30), "bob")
      const waiting = [yield* Effect.fork(queue.emptied), yield* Effect.fork(queue.emptied)]
      for (let time = 0; time < 3; time++) {
        for (const fiber of waiting) assert.isFalse(yield* isDone(fiber))
        yield* TestClock.adjust("4 seconds")
        outbox.take(10)
        outbox.release()
      }
      for (const fiber of waiting) yield* Fiber.join(fiber)
      assert.strictEqual(calls.cuts, 0)
    })
  )

  it("is with its sink from a segment taken, of one byte even, to its release", () => {
    const { outbox } = make()
    outbox.append(lines("xy", 2))
    assert.isFalse(outbox.isTaking)
    outbox.take(1)
    assert.isTrue(outbox.isTaking)
    outbox.release()
    assert.isFalse(outbox.isTaking)
  })

  it("gives whole lines where they are asked for, and a line longer than the limit whole", () => {
    const outbox = new Outbox(Limits.make(), { wake: () => {}, cut: () => {} })
    outbox.append(lines("one\ntwo\nthree is long\né\n", 25))
    const taken: Array<string | undefined> = []
    for (const limit of [9, 5, 1, 100, 100]) {
      taken.push(outbox.take(limit, true)?.text)
      outbox.release()
    }
    assert.deepStrictEqual(taken, ["one\ntwo\n", "three is long\n", "é\n", undefined, undefined])
    assert.strictEqual(outbox.size, 0)
  })

  it.effect("accepts a line larger than its limit only while it is empty", () =>
    Effect.gen(function* () {
      const { outbox, drain } = make()
      const large = `${"x".repeat(50)}\n`
      yield* outbox.offer(large)
      const sender = yield* Effect.fork(outbox.offer(large))
      yield* TestClock.adjust(0)
      assert.strictEqual(outbox.size, 51)
      assert.strictEqual(drain(), large + large)
      yield* Fiber.join(sender)
    })
  )

  it.effect("accepts only the first of several lines that fit", () =>
    Effect.gen(function* () {
      const { outbox } = make()
      assert.isFalse(outbox.append(lines("eight..\neight..\neight..\n", 24)))
      yield* Effect.fork(outbox.offer("eight..\neight..\neight..\n"))
      yield* TestClock.adjust(0)
      assert.strictEqual(outbox.size, 16)
    })
  )

  it("counts bytes, not characters", () => {
    const { outbox } = make()
    assert.isTrue(outbox.append(lines("é".repeat(9), 18)))
    assert.isFalse(outbox.append(lines("éé", 4)))
  })

  it("joins texts of one encoding, and keeps telnet bytes apart from UTF-8", () => {
    const { outbox } = make()
    outbox.append(lines("a", 1))
    outbox.append(lines("é", 2))
    outbox.append(lines("b", 1))
    outbox.append(lines("\xff\xfc\x06", 3))
    outbox.append(lines("c", 1))
    outbox.append(lines("é", 2))
    assert.deepInclude(outbox.take(100), { text: "aéb", latin1: false })
    assert.deepInclude(outbox.take(100), { text: "\xff\xfc\x06c", latin1: true })
    assert.deepInclude(outbox.take(100), { text: "é", latin1: false })
  })

  it("frees room only after the socket has accepted a segment", () => {
    const { outbox } = make()
    outbox.append(lines("0123456789", 10))
    outbox.take(4)
    assert.strictEqual(outbox.size, 10)
    outbox.release()
    assert.strictEqual(outbox.size, 6)
  })

  const texts = FastCheck.array(FastCheck.fullUnicodeString({ minLength: 1, maxLength: 8 }), { maxLength: 5 })
  it.prop(
    "gives every byte in order, for any size of a slice",
    [texts, FastCheck.integer({ min: 1, max: 9 })],
    ([texts, limit]) => {
      const { drain, outbox } = make()
      const sent = texts.filter((text) => outbox.append(lines(text, Buffer.byteLength(text))))
      assert.strictEqual(drain(limit), Buffer.from(sent.join("")).toString("latin1"))
      assert.strictEqual(outbox.size, 0)
    }
  )

  it.effect("makes a sender wait for room, and accepts whole lines only", () =>
    Effect.gen(function* () {
      const { outbox, drain } = make()
      outbox.append(lines("0123456789", 10))
      const sender = yield* Effect.fork(outbox.enqueue(lines("eight..\nnine....\n", 17, "private"), undefined).emptied)
      yield* TestClock.adjust(0)
      assert.isFalse(yield* isDone(sender))
      assert.strictEqual(outbox.size, 18)
      assert.strictEqual(drain(), "0123456789eight..\nnine....\n")
      yield* Fiber.join(sender)
    })
  )

  it.effect("accepts one line from each waiting sender in turn", () =>
    Effect.gen(function* () {
      const { outbox, drain } = make()
      outbox.append(lines("x".repeat(20), 20))
      const ann = yield* Effect.fork(outbox.enqueue(lines("a1\na2\na3\n", 9, "private"), undefined).emptied)
      const bob = yield* Effect.fork(outbox.enqueue(lines("b1\nb2\n", 6, "private"), undefined).emptied)
      yield* TestClock.adjust(0)
      assert.isFalse(outbox.append(lines("c", 1)), "nobody overtakes those who wait")
      assert.strictEqual(drain(), `${"x".repeat(20)}a1\nb1\na2\nb2\na3\n`)
      yield* Fiber.joinAll([ann, bob])
    })
  )

  it("lets a notice in before the lines that others wait to send", () => {
    const { outbox, drain } = make()
    outbox.append(reply(true))
    outbox.append(lines("0123456789012345\n", 17))
    outbox.enqueue(lines("waits\n", 6), "ann")
    outbox.notify("JOINED bob\n", "bob")
    assert.strictEqual(drain(), "on\n0123456789012345\nJOINED bob\nwaits\n")
  })

  it("lets a line for everybody in before a reply that waits and has not begun to enter", () => {
    const { outbox, drain } = make()
    outbox.append(lines("0123456789012345678\n", 20))
    outbox.reply("KEY 0\n")
    outbox.notify("FROM *: hi\n")
    assert.strictEqual(drain(), "0123456789012345678\nFROM *: hi\nKEY 0\n")
  })

  it("keeps a notice between what its sender sent before and after it", () => {
    const { outbox, drain } = make()
    outbox.append(reply(true))
    outbox.append(lines("0123456789012345\n", 17))
    outbox.enqueue(lines("before\n", 7), "ann")
    outbox.notify("LEFT ann\n", "ann")
    outbox.enqueue(lines("after\n", 6), "ann")
    assert.strictEqual(drain(), "on\n0123456789012345\nbefore\nLEFT ann\nafter\n")
  })

  it("marks private lines behind the reply to WATCH, and no more behind the one to UNWATCH", () => {
    const { outbox, drain } = make()
    outbox.append(lines("x".repeat(20), 20))
    outbox.enqueue(lines("FROM ann: 1\r\nFROM ann: 2\r\nFROM ann: 3\r\n", 39, "private"), "ann")
    const own = outbox.enqueue(reply(true), "bob")
    outbox.enqueue(reply(false), "bob", own)
    assert.strictEqual(drain(), `${"x".repeat(20)}FROM ann: 1\r\non\nMESG FROM ann: 2\r\noff\nFROM ann: 3\r\n`)
  })

  it("drops the notices about members that wait behind the reply to UNWATCH, and nothing else", () => {
    const { outbox, drain } = make(100)
    outbox.append(reply(true))
    outbox.append(lines(`${"x".repeat(96)}\n`, 97))
    outbox.enqueue(lines("ann 1\n", 6), "ann")
    outbox.enqueue(reply(false), "bob")
    outbox.notify("LEFT ann\n", "ann")
    outbox.notify("FROM *: to everybody\n")
    outbox.enqueue(lines("ann 2\n", 6), "ann")
    outbox.notify("LEFT ann\n", "ann")
    outbox.enqueue(lines("ann 3\nann 4\n", 12), "ann")
    outbox.enqueue(lines("ann 5\n", 6), "ann")
    const expected = ["ann 1", "off", "FROM *: to everybody", "ann 2", "ann 3", "ann 4", "ann 5"]
    assert.deepStrictEqual(drain().trimEnd().split("\n").slice(2), expected)
    outbox.notify("JOINED ann\n", "ann")
    assert.strictEqual(drain(), "")
  })

  it.effect("puts no line of another sender inside an atomic text", () =>
    Effect.gen(function* () {
      const { outbox, drain } = make()
      outbox.append(lines("x".repeat(20), 20))
      const list = yield* Effect.fork(
        outbox.enqueue(lines("rule....\nann.....\nrule....\n", 27, "reply"), undefined).emptied
      )
      const bob = yield* Effect.fork(outbox.enqueue(lines("b\n", 2, "private"), undefined).emptied)
      yield* TestClock.adjust(0)
      assert.strictEqual(drain(), `${"x".repeat(20)}rule....\nann.....\nrule....\nb\n`)
      yield* Fiber.joinAll([list, bob])
    })
  )

  it.effect("is cut if it accepts no line of a sender during the patience, not a millisecond earlier", () =>
    Effect.gen(function* () {
      const { outbox, calls } = make()
      outbox.append(lines("x".repeat(20), 20))
      const sender = yield* Effect.fork(outbox.enqueue(lines("line\n", 5, "private"), undefined).emptied)
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual(calls.cuts, 0)
      assert.isFalse(yield* isDone(sender))
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(calls.cuts, 1)
      yield* Fiber.join(sender)
    })
  )

  it.effect("is not cut for a program's lines before the patience is over, however many wait", () =>
    Effect.gen(function* () {
      const { outbox, calls } = make()
      outbox.append(lines("x".repeat(20), 20))
      yield* Effect.fork(
        Effect.forEach(Array(100).fill("line\n"), (line) => outbox.offer(line), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual(calls.cuts, 0)
      yield* TestClock.adjust("1 millis")
      assert.isAbove(calls.cuts, 0)
    })
  )

  it.effect("restarts the patience with each accepted line", () =>
    Effect.gen(function* () {
      const { outbox, calls } = make()
      outbox.append(lines("x".repeat(20), 20))
      const sender = yield* Effect.fork(
        outbox.enqueue(lines("nineteen bytes....\nnineteen bytes....\n", 38, "private"), undefined).emptied
      )
      const takeOne = Effect.sync(() => {
        outbox.take(20)
        outbox.release()
      })
      yield* TestClock.adjust("4 seconds")
      yield* takeOne
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual(calls.cuts, 0)
      yield* takeOne
      yield* Fiber.join(sender)
      assert.strictEqual(calls.cuts, 0)
    })
  )

  it.effect("releases waiting senders when it closes, and drops later lines", () =>
    Effect.gen(function* () {
      const { outbox, drain } = make()
      outbox.append(lines("x".repeat(20), 20))
      const sender = yield* Effect.fork(outbox.enqueue(lines("line\n", 5, "private"), undefined).emptied)
      yield* TestClock.adjust(0)
      outbox.close()
      yield* Fiber.join(sender)
      assert.isTrue(outbox.append(lines("late\n", 5)))
      yield* outbox.offer("later\n")
      assert.strictEqual(drain(), "x".repeat(20))
    })
  )

  it.effect("applies limits that change while it is in use", () =>
    Effect.gen(function* () {
      const limits = Limits.make({ outbox: 5, patience: Duration.seconds(5) })
      let cuts = 0
      const outbox = new Outbox(limits, { wake: () => {}, cut: () => cuts++ })
      assert.isFalse(outbox.append(lines("123456", 6)))
      yield* limits.change({ outbox: 10 })
      assert.isTrue(outbox.append(lines("123456", 6)))
      yield* limits.change({ patience: Duration.seconds(1) })
      yield* Effect.fork(outbox.offer("7890ab"))
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(cuts, 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(cuts, 1)
      outbox.close()
    })
  )

  it.effect("does not keep the read buffer of a queued text in memory", () =>
    Effect.gen(function* () {
      setFlagsFromString("--expose-gc")
      const collect: () => void = runInNewContext("gc")
      const heap = () => {
        collect()
        return process.memoryUsage().heapUsed
      }
      const limits = { outbox: 100_000, patience: Duration.seconds(5) }
      const stuck = new Outbox(Limits.make(limits), { wake: () => {}, cut: () => {} })
      const full = new Outbox(Limits.make({ ...limits, outbox: 1 }), { wake: () => {}, cut: () => {} })
      stuck.append(lines("first\r\n", 7))
      stuck.take(1000)
      full.append(lines("f", 1))
      const before = heap()
      for (let read = 0; read < 1000; read++) {
        // LineDecoder and Decision make such texts: a slice of a whole read inside a template.
        const slice = Buffer.alloc(65_536, 97 + (read % 26))
          .toString("latin1")
          .slice(100, 120)
        assert.isTrue(stuck.append(lines(`FROM ann: ${slice}\r\n`, 32)))
        if (read % 10 === 0)
          yield* Effect.fork(full.enqueue(lines(`FROM ann: ${slice}\r\n`, 32, "private"), undefined).emptied)
      }
      assert.isBelow(heap() - before, 4_000_000)
      assert.strictEqual(stuck.size, 32_007)
      full.close()
    })
  )

  it("gives another its messages that wait for room, and keeps its replies", () => {
    const { drain, outbox } = make()
    const heir = make(100)
    outbox.append(lines("LIST of 20 bytes ..\n", 20, "reply"))
    outbox.enqueue(lines("FROM bob: hi\n", 13), "bob")
    outbox.reply("PONG\n")
    outbox.moveTo(heir.outbox, () => {})
    assert.strictEqual(drain(), "LIST of 20 bytes ..\nPONG\n")
    assert.strictEqual(heir.drain(), "FROM bob: hi\n")
  })

  it("keeps the order of two connections under one name when it gives their messages to another", () => {
    const { outbox } = make()
    const heir = make(10)
    outbox.append(reply(true))
    outbox.append(lines("0123456789012345\n", 17))
    outbox.enqueue(lines("ann 1....\nann 2....\n", 20), "ann")
    outbox.notify("LEFT ann\n", "ann")
    outbox.enqueue(lines("ann 3....\nann 4....\n", 20), "ann")
    outbox.moveTo(heir.outbox, () => {})
    assert.strictEqual(heir.drain(), "0123456789012345\nann 1....\nann 2....\nann 3....\nann 4....\n")
    assert.isTrue(heir.outbox.append(lines("newer....\n", 10)), "nothing waits any more")
  })

  // Where the time for each grows with their number, these take longer than a test may.
  it.effect("gives half a million lines that cannot be joined in time that grows with their number only", () =>
    Effect.sync(() => {
      const { drain, outbox } = make(100_000_000)
      for (let pair = 0; pair < 250_000; pair++) {
        outbox.append(lines("a\n", 2))
        outbox.append(lines("b\n", 2, "reply"))
      }
      assert.strictEqual(drain(65_536), "a\nb\n".repeat(250_000))
    })
  )

  it.effect("holds 300,000 notices in time that grows with their number only", () =>
    Effect.sync(() => {
      const { calls, drain, outbox } = make(10_000_000)
      outbox.append(reply(true))
      outbox.append(lines("x".repeat(9_999_997), 9_999_997))
      outbox.enqueue(lines("\n", 1), "ann")
      for (let time = 0; time < 300_000; time++) outbox.notify("LEFT ann\n", "ann")
      assert.strictEqual(calls.cuts, 0)
      assert.strictEqual(drain(65_536).slice(10_000_001), "LEFT ann\n".repeat(300_000))
    })
  )

  it.effect("gives a full outbox's lines, while as many come, in time that grows with their number only", () =>
    Effect.sync(() => {
      const { outbox } = make(32_000_000)
      const text = `${"x".repeat(31_999)}\n`
      while (outbox.append(lines(text, 32_000))) {}
      for (let time = 0; time < 5000; time++) {
        assert.strictEqual(outbox.take(32_000)?.text, text)
        outbox.release()
        assert.isTrue(outbox.append(lines(text, 32_000)))
      }
    })
  )
})
