import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { NameRefused } from "../../src/client/Ending.ts"
import type { RefusalReason } from "../../src/client/Message.ts"
import * as Identity from "../../src/kit/Identity.ts"

const logins: ReadonlyArray<readonly [login: string, name: string]> = [
  ["ann", "ann0007"],
  ["ann.b-c_1", "annbc10007"],
  ["jürgen", "jrgen0007"],
  ["本", "user0007"],
  ["", "user0007"],
  ["x".repeat(40), `${"x".repeat(28)}0007`]
]

const refused = (reason: RefusalReason) => new NameRefused({ answer: { _tag: "Refused", reason, text: reason } })

/** Counts the attempts to connect by these names, which all fail. */
const attempts = (name: string | undefined, reason: RefusalReason) =>
  Effect.gen(function* () {
    const names: Array<string> = []
    const connect = (name: string) =>
      Effect.suspend(() => {
        names.push(name)
        return refused(reason)
      })
    yield* Effect.ignore(Identity.as(name, connect))
    return names
  })

describe("an invented name", () => {
  it.effect.each(logins)("of the login name %j is %s", ([login, name]) =>
    Effect.map(Identity.invented(login), (found) => assert.strictEqual(found, name)).pipe(
      Effect.withRandom(Random.fixed([7]))
    )
  )

  it.effect("is replaced when somebody has it, a few times", () =>
    Effect.gen(function* () {
      const names = yield* attempts(undefined, "UsernameTaken")
      assert.strictEqual(names.length, 6)
      assert.isAbove(new Set(names).size, 1)
      assert.strictEqual((yield* attempts(undefined, "InvalidUsername")).length, 1)
    })
  )

  it.effect("never replaces a given one", () =>
    Effect.map(attempts("ann", "UsernameTaken"), (names) => assert.deepStrictEqual(names, ["ann"]))
  )
})
