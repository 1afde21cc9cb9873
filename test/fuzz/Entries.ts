/** Entries of a node's inbox at Redis: what the scripts write is read back, and whatever else comes is refused in words. */
import { deepStrictEqual, ok } from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Entry from "../../src/cluster/Entry.ts"
import { EngineError } from "../../src/cluster/Script.ts"
import { isUsername, type Username } from "../../src/protocol/Username.ts"
import { property, target } from "./Target.ts"

const name = FastCheck.stringMatching(/^[A-Za-z0-9]{1,32}$/).map((name) => name as Username)
const token = FastCheck.nat().map(String)
const node = FastCheck.hexaString({ minLength: 8, maxLength: 16 })
const seat = FastCheck.record({ order: FastCheck.nat(), node, token, fd: FastCheck.nat(), name })
const waits = FastCheck.array(
  name.map((name) => name.toLowerCase()),
  { maxLength: 3 }
)
const message = FastCheck.record({
  sender: name,
  token,
  waitsFor: waits,
  to: FastCheck.oneof(
    name.map((name) => name.toLowerCase()),
    FastCheck.constant("*")
  ),
  lines: FastCheck.fullUnicodeString({ maxLength: 30 }).map((text) => `${text}\r\n`)
})
const entry: FastCheck.Arbitrary<Entry.Entry> = FastCheck.oneof(
  FastCheck.record({ _tag: FastCheck.constantFrom("Joined" as const, "Reclaimed" as const), seat }),
  FastCheck.record({
    _tag: FastCheck.constant("Left" as const),
    seats: FastCheck.array(FastCheck.record({ node, token, name }), { minLength: 1, maxLength: 3 })
  }),
  FastCheck.record({
    _tag: FastCheck.constant("Messages" as const),
    node,
    messages: FastCheck.array(message, { minLength: 1, maxLength: 3 })
  }),
  FastCheck.record({
    _tag: FastCheck.constant("Taken" as const),
    token,
    recipient: name.map((name) => name.toLowerCase())
  }),
  FastCheck.record({ _tag: FastCheck.constant("Said" as const), text: FastCheck.fullUnicodeString({ maxLength: 30 }) })
)

const record = ({ fd, name, node, order, token }: Entry.Seat): string => [order, node, token, fd, name].join(" ")

/** The fields as the scripts of the engine write them. */
const fieldsOf = (entry: Entry.Entry): ReadonlyArray<string> => {
  switch (entry._tag) {
    case "Joined":
      return ["j", record(entry.seat)]
    case "Reclaimed":
      return ["r", record(entry.seat)]
    case "Left":
      return entry.seats.flatMap(({ name, node, token }) => ["l", [node, token, name].join(" ")])
    case "Messages":
      return [
        "m",
        entry.node,
        ...entry.messages.flatMap(({ lines, sender, to, token, waitsFor }) => [
          [sender, token, waitsFor.join() || "-", to].join(" "),
          lines
        ])
      ]
    case "Taken":
      return ["t", `${entry.token} ${entry.recipient}`]
    case "Said":
      return ["o", entry.text]
  }
}

const id = FastCheck.tuple(FastCheck.nat(), FastCheck.nat(9)).map((parts) => parts.join("-"))
const answerOf = (entries: ReadonlyArray<readonly [id: string, entry: Entry.Entry]>): unknown => [
  ["inbox", entries.map(([id, entry]) => [id, fieldsOf(entry)])]
]

/** A copy with something else in the place of one of its parts. */
const damaged = (value: unknown, path: ReadonlyArray<number>, other: unknown): unknown => {
  const [first, ...rest] = path
  if (Array.isArray(value) && first !== undefined && value.length > 0) {
    return value.map((part, index) => (index === first % value.length ? damaged(part, rest, other) : part))
  }
  if (typeof value !== "string" || typeof other !== "number") return other
  return value.slice(0, other % (value.length + 1)) + (other % 3 === 0 ? " " : other % 3 === 1 ? "x" : "-1e999")
}
const damage = FastCheck.record({
  path: FastCheck.array(FastCheck.nat(8), { maxLength: 6 }),
  other: FastCheck.oneof(
    FastCheck.nat(50),
    FastCheck.anything(),
    FastCheck.constantFrom("", "j", "m", "t", "l 1", "-", "NaN x y z ann", "1 n 2 3.5 ann", "__proto__")
  )
})

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0

/** Whether a room can go on with it. */
const isWhole = (entry: Entry.Entry): boolean => {
  switch (entry._tag) {
    case "Joined":
    case "Reclaimed": {
      const { fd, name, node, order, token } = entry.seat
      return isCount(order) && isCount(fd) && isUsername(name) && node !== "" && token !== ""
    }
    case "Left":
      return entry.seats.every(({ name, node, token }) => isUsername(name) && node !== "" && token !== "")
    case "Messages":
      return (
        entry.node !== "" &&
        entry.messages.every(({ sender, to, token, waitsFor }) => {
          return isUsername(sender) && token !== "" && (to === "*" || isUsername(to)) && waitsFor.every(isUsername)
        })
      )
    case "Taken":
      return entry.token !== "" && isUsername(entry.recipient)
    case "Said":
      return true
  }
}

const refusedInWords = (error: unknown): void => ok(error instanceof EngineError, String(error))

export const entries = target(
  "entries of a node's inbox at Redis, whole and damaged",
  property(FastCheck.array(FastCheck.tuple(id, entry), { minLength: 1, maxLength: 5 }), (all) => {
    const page = Effect.runSync(Entry.page(answerOf(all)))
    deepStrictEqual(page, { entries: all.map(([, entry]) => entry), last: all.at(-1)?.[0] })
  }),
  property(
    FastCheck.record({ all: FastCheck.array(FastCheck.tuple(id, entry), { minLength: 1, maxLength: 3 }), damage }),
    ({ all, damage: { other, path } }) => {
      const page = Effect.runSync(Effect.either(Entry.page(damaged(answerOf(all), path, other))))
      if (Either.isLeft(page)) return refusedInWords(page.left)
      for (const entry of page.right.entries) ok(isWhole(entry), JSON.stringify(entry))
      ok(page.right.last === undefined || /^\d+-\d+$/.test(page.right.last), String(page.right.last))
      ok(page.right.entries.length === 0 || page.right.last !== undefined)
    }
  ),
  property(FastCheck.record({ seats: FastCheck.array(seat, { maxLength: 3 }), cursor: token, damage }), (input) => {
    const { cursor, seats, damage } = input
    const answer = [cursor, seats.flatMap((seat) => [seat.name.toLowerCase(), record(seat)])]
    deepStrictEqual(Effect.runSync(Entry.users(answer)), { cursor, seats })
    const users = Effect.runSync(Effect.either(Entry.users(damaged(answer, damage.path, damage.other))))
    if (Either.isLeft(users)) return refusedInWords(users.left)
    for (const seat of users.right.seats) ok(isWhole({ _tag: "Joined", seat }), JSON.stringify(seat))
    ok(/^\d+$/.test(users.right.cursor), users.right.cursor)
  }),
  property(FastCheck.anything(), (answer) => {
    const page = Effect.runSync(Effect.either(Entry.page(answer)))
    if (Either.isLeft(page)) refusedInWords(page.left)
    const users = Effect.runSync(Effect.either(Entry.users(answer)))
    if (Either.isLeft(users)) refusedInWords(users.left)
    ok(/^\d+-\d+$/.test(Entry.lastOf(answer)))
  })
)
