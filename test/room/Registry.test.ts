import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import { Outbox } from "../../src/connection/Outbox.ts"
import { Limits } from "../../src/Limits.ts"
import { Registry } from "../../src/room/Registry.ts"

const client = (fd: number) => ({
  fd,
  outbox: new Outbox(Limits.make(), { wake: () => {}, cut: () => {} }),
  isLeaving: false,
  disconnect: () => {}
})
const layer = (maxUsers: number) => Layer.provide(Registry.layer, Limits.layer({ maxUsers }))
const nothing = () => Effect.void

/** Claims a seat. `leave` gives back the seat, if it was granted. */
const claim = (name: string, fd: number) =>
  Effect.gen(function* () {
    const registry = yield* Registry
    const result = yield* Effect.either(registry.claim(name, client(fd), nothing))
    return { result, leave: Either.isRight(result) ? registry.leave(result.right, nothing) : Effect.void }
  })

describe("the registry", () => {
  it.effect("gives exactly 10 seats to 200 concurrent claims", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const results = yield* Effect.forEach(
        Array.from({ length: 200 }, (_, index) => index),
        (index) => Effect.zipRight(Effect.yieldNow(), claim(`user${index}`, index)),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(results.filter(({ result }) => Either.isRight(result)).length, 10)
      assert.strictEqual((yield* registry.roster).members.length, 10)
      const refusals = results.flatMap(({ result }) => (Either.isLeft(result) ? [result.left._tag] : []))
      assert.deepStrictEqual([...new Set(refusals)], ["DatabaseFull"])
    }).pipe(Effect.provide(layer(10)))
  )

  it.effect("checks for a full room first, then for a taken name, then for an invalid name", () =>
    Effect.gen(function* () {
      const tag = (name: string) =>
        Effect.map(claim(name, 1), ({ result }) => (Either.isLeft(result) ? result.left._tag : "Seated"))
      assert.strictEqual(yield* tag("ann"), "Seated")
      assert.strictEqual(yield* tag("ANN"), "UsernameTaken")
      assert.strictEqual(yield* tag("a n n"), "InvalidUsername")
      assert.strictEqual(yield* tag("bob"), "Seated")
      assert.strictEqual(yield* tag("ann"), "DatabaseFull")
      assert.strictEqual(yield* tag("a n n"), "DatabaseFull")
    }).pipe(Effect.provide(layer(2)))
  )

  it.effect("frees a seat once if it is given back twice", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      const first = yield* claim("ann", 1)
      yield* first.leave
      const second = yield* claim("ann", 2)
      assert.isTrue(Either.isRight(second.result))
      yield* first.leave
      assert.deepStrictEqual(
        (yield* registry.roster).members.map(({ fd }) => fd),
        [2]
      )
      // The second client keeps the name.
      const third = yield* claim("ann", 3)
      assert.isTrue(Either.isLeft(third.result))
    }).pipe(Effect.provide(layer(10)))
  )

  it.effect("greets a new member before the roster contains it", () =>
    Effect.gen(function* () {
      const registry = yield* Registry
      let seen = -1
      yield* registry.claim("ann", client(1), () =>
        Effect.map(registry.roster, ({ members }) => {
          seen = members.length
        })
      )
      assert.strictEqual(seen, 0)
    }).pipe(Effect.provide(layer(10)))
  )

  const name = FastCheck.constantFrom("a", "A", "b", "c", "C", "d", "e", "not a name", "")
  const step = FastCheck.oneof(FastCheck.record({ join: name }), FastCheck.record({ leave: FastCheck.nat(20) }))
  it.effect.prop(
    "agrees with a plain list of names after any joins and leaves",
    [FastCheck.array(step, { maxLength: 60 })],
    ([steps]) =>
      Effect.gen(function* () {
        const registry = yield* Registry
        const cap = 3
        let model: ReadonlyArray<string> = []
        const seats: Array<{ readonly name: string; readonly leave: Effect.Effect<void> }> = []
        for (const step of steps) {
          if ("join" in step) {
            const { result, leave } = yield* claim(step.join, 1)
            const expected =
              model.length >= cap
                ? "DatabaseFull"
                : model.some((other) => other.toLowerCase() === step.join.toLowerCase())
                  ? "UsernameTaken"
                  : /^[A-Za-z]$/.test(step.join)
                    ? "Seated"
                    : "InvalidUsername"
            assert.strictEqual(Either.isLeft(result) ? result.left._tag : "Seated", expected)
            if (expected === "Seated") {
              model = [...model, step.join]
              seats.push({ name: step.join, leave })
            }
          } else {
            const [seat] = seats.splice(step.leave % Math.max(1, seats.length), 1)
            if (seat === undefined) continue
            yield* seat.leave
            model = model.filter((other) => other !== seat.name)
          }
          assert.deepStrictEqual<ReadonlyArray<string>>(
            (yield* registry.roster).members.map((member) => member.name),
            model
          )
        }
      }).pipe(Effect.provide(layer(3)))
  )
})
