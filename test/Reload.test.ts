import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import * as Resolve from "../src/config/Resolve.ts"
import { Limits } from "../src/Limits.ts"
import { OperatorToken } from "../src/ops/OperatorToken.ts"
import { Sighup } from "../src/process/Sighup.ts"
import * as Reload from "../src/Reload.ts"

const resolved = (contents: { readonly [flag: string]: string }): Resolve.Configuration =>
  Resolve.resolve({
    flags: {},
    environment: {},
    file: { path: "partyline.toml", contents: new Map(Object.entries(contents)), mistakes: [] }
  }).configuration

describe("two configurations", () => {
  const compare = (before: { readonly [flag: string]: string }, after: { readonly [flag: string]: string }) => {
    const [current, next] = [resolved(before), resolved(after)]
    const differences = Reload.differences(current, next)
    const told = (isAdopted: boolean) =>
      differences.filter((one) => one.isAdopted === isAdopted).map(({ text }) => text)
    return { lines: told(true), refusals: told(false), adopted: Reload.adopt(current, next) }
  }

  it("have no differences if they resolve to the same values", () => {
    assert.deepStrictEqual(compare({ "max-users": "10" }, {}).lines, [])
    assert.deepStrictEqual(compare({ outbox: "1M", patience: "60s" }, { outbox: "1048576", patience: "1m" }).lines, [])
  })

  it("differ in options that change for every connection, or for new ones", () => {
    const { adopted, lines } = compare({}, { "max-users": "20", "max-line": "80" })
    assert.deepStrictEqual(lines, [
      "Configuration: max-users Is Now 20 (Was 10)",
      "Configuration: max-line Is Now 80 (Was 4096), for Those who Connect from Now on"
    ])
    const { maxLine, maxUsers } = Resolve.limitsOf(adopted)
    assert.deepStrictEqual({ maxLine, maxUsers }, { maxLine: 80, maxUsers: 20 })
  })

  it("differ in options that need a restart and keep their value", () => {
    const { adopted, refusals } = compare({ "log-format": "json" }, { host: "::1" })
    assert.deepStrictEqual(refusals, [
      "Configuration: host Stays not set; ::1 Needs a Restart",
      "Configuration: log-format Stays json; text Needs a Restart"
    ])
    assert.strictEqual(adopted.host.value, undefined)
    assert.strictEqual(adopted.logFormat.value, "json")
  })

  it("show no password of an address that differs", () => {
    const { refusals } = compare({ cluster: "redis://:hunter2@cache" }, { cluster: "redis://:hunter3@cache" })
    assert.deepStrictEqual(refusals, ["Configuration: cluster Has Changed; This Needs a Restart"])
  })

  it("differ in the cap, which stays that of the room where there are several nodes", () => {
    const cluster = "redis://127.0.0.1:6379"
    const { adopted, lines, refusals } = compare({ cluster }, { cluster, "max-users": "20", rate: "5" })
    assert.deepStrictEqual(lines, ["Configuration: rate Is Now 5 (Was 20), for Those who Connect from Now on"])
    assert.deepStrictEqual(refusals, ["Configuration: max-users Stays 10; 20 Needs a Restart of Every Node"])
    assert.strictEqual(Resolve.limitsOf(adopted).maxUsers, 10)
  })
})

describe("SIGHUP", () => {
  /** The limits and the log of a program that starts with this text in its configuration file. */
  const start = (text: string) =>
    Effect.gen(function* () {
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const path = join(folder, "partyline.toml")
      const write = (text: string) => Effect.sync(() => writeFileSync(path, text))
      yield* write(text)
      const lines = yield* Queue.unbounded<string>()
      const logger = Logger.make(({ message }) => void lines.unsafeOffer(String(message)))
      const signals = yield* PubSub.unbounded<void>()
      const { configuration, reload } = yield* Resolve.load({ config: path }, { PARTYLINE_RATE: "7" })
      const limits = Limits.make(Resolve.limitsOf(configuration))
      if (reload === undefined) return yield* Effect.dieMessage("The file was not read")
      yield* Layer.build(
        Reload.layer(reload).pipe(
          Layer.provide([Sighup.layerMemory(signals), Layer.succeed(Limits, limits), OperatorToken.layer(undefined)]),
          Layer.provide(Logger.replace(Logger.defaultLogger, logger))
        )
      )
      return { limits, line: Queue.take(lines), path, signal: PubSub.publish(signals, undefined), write }
    })

  it.scopedLive("changes limits, and leaves them as they are if the file has an error", () =>
    Effect.gen(function* () {
      const { limits, line, path, signal, write } = yield* start("max-users = 1\nrate = 5")
      assert.strictEqual(limits.current.rate, 7)

      yield* write("max-users = 2\nrate = 6")
      yield* signal
      assert.strictEqual(yield* line, "Configuration: max-users Is Now 2 (Was 1)")
      assert.strictEqual(limits.current.maxUsers, 2)
      assert.strictEqual(limits.current.rate, 7)

      yield* write("rate = 6\nmax-users = 0\nmax-user = 3")
      yield* signal
      const wrong = `${path}: line 2: max-users must be a whole number from 1 to 1000000, not 0`
      const message = `${wrong}; ${path}: line 3: there is no option "max-user"; did you mean max-users?`
      assert.strictEqual(yield* line, `Configuration Not Changed: ${message}`)
      assert.strictEqual(limits.current.maxUsers, 2)

      yield* write("max-users = 2")
      yield* signal
      assert.strictEqual(yield* line, "Configuration: Nothing Changed")
    })
  )

  it.scopedLive("warns of limits that contradict each other, as a start does, once", () =>
    Effect.gen(function* () {
      const { line, signal, write } = yield* start("max-users = 10\nmax-connections = 40")
      yield* write("max-users = 50\nmax-connections = 40")
      yield* signal
      assert.strictEqual(yield* line, "Configuration: max-users Is Now 50 (Was 10)")
      assert.strictEqual(yield* line, "Configuration: --max-users is more than --max-connections")
      yield* signal
      assert.strictEqual(yield* line, "Configuration: Nothing Changed")
      yield* write("max-users = 51\nmax-connections = 40")
      yield* signal
      assert.strictEqual(yield* line, "Configuration: max-users Is Now 51 (Was 50)")
    })
  )
})
