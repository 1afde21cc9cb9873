import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asks, hears } from "../support/dialogue.ts"
import { nodeAt } from "../support/Nodes.ts"
import type { Person } from "../support/Person.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"

const NAMES = ["ann", "bob", "cat"]
const LINES = 300

/** Two private lines for one of them, then a line for everybody, and so on. */
const recipientOf = (line: number): string | undefined => (line % 3 === 2 ? undefined : NAMES[Math.floor(line / 3) % 3])

const lineOf = (line: number): string => {
  const to = recipientOf(line)
  return `${to === undefined ? "BCST" : `MESG ${to}`} ${line}`
}

describe("three nodes", () => {
  itNeeds("redis-server")("keep the order of each sender's private and public messages for each recipient", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const people = yield* Effect.forEach(NAMES, (name) => Effect.flatMap(nodeAt(redis), ({ joins }) => joins(name)))
      const lines = Array.from({ length: LINES }, (_, line) => line)
      const talk = (person: Person) =>
        Effect.forEach([0, 1, 2], (part) =>
          person.types(
            lines
              .slice((part * LINES) / 3, ((part + 1) * LINES) / 3)
              .map(lineOf)
              .join("\n")
          )
        )
      yield* Effect.forEach(people, talk, { concurrency: "unbounded" })
      for (const [index, person] of people.entries()) {
        const expected = new Map(
          NAMES.map((sender) => [
            sender,
            lines.filter((line) => {
              const to = recipientOf(line)
              return to === undefined ? sender !== NAMES[index] : to === NAMES[index]
            })
          ])
        )
        const count = [...expected.values()].flat().length
        const heard = new Map<string, Array<number>>(NAMES.map((sender) => [sender, []]))
        for (let at = 0; at < count; at++) {
          const [, sender = "", line] = /^FROM (\w+): (\d+)$/.exec(yield* person.hears) ?? []
          heard.get(sender)?.push(Number(line))
        }
        assert.deepStrictEqual(heard, expected, NAMES[index])
      }
    })
  )

  itNeeds("redis-server")("have one LIST, and see those of a node leave that shuts down", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const [one, two, three] = yield* Effect.all([nodeAt(redis), nodeAt(redis), nodeAt(redis)])
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("bob")
      for (const person of [ann, bob]) yield* asks(person, "WATCH", "WATCH Request Accepted")
      yield* three.joins("cat")
      for (const person of [ann, bob]) yield* hears(person, "JOINED cat")
      yield* three.shutsDown
      for (const person of [ann, bob]) yield* hears(person, "LEFT cat")
      for (const person of [ann, bob]) {
        yield* asks(person, "LIST", "USERNAME               FD", "-".repeat(28))
        yield* hears(person, "ann                    5", "bob                    5", "-".repeat(28))
      }
    })
  )
})
