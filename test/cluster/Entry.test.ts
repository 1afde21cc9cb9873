/** Answers of Redis that no script of this version has written are refused in words. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Entry from "../../src/cluster/Entry.ts"

const pageOf = (id: string, ...fields: ReadonlyArray<string>) => Effect.either(Entry.page([["inbox", [[id, fields]]]]))

describe("an entry of the inbox", () => {
  it.effect("is read with its place", () =>
    Effect.gen(function* () {
      const page = yield* yield* pageOf("5-1", "j", "7 node 3 12 Ann")
      assert.deepStrictEqual<unknown>(page, {
        entries: [{ _tag: "Joined", seat: { order: 7, node: "node", token: "3", fd: 12, name: "Ann" } }],
        last: "5-1"
      })
    })
  )

  it.effect.each<readonly [why: string, id: string, ...fields: ReadonlyArray<string>]>([
    ["is of another kind", "5-1", "x", "1"],
    ["has no place", "now", "o", "hi"],
    ["has an order that is no number", "5-1", "j", "first node 3 12 Ann"],
    ["has a descriptor that is no whole number", "5-1", "j", "7 node 3 1.5 Ann"],
    ["has a descriptor beyond all numbers", "5-1", "j", "7 node 3 1e999 Ann"],
    ["has no node", "5-1", "j", "7  3 12 Ann"],
    ["has a name that is none", "5-1", "r", "7 node 3 12 A-nn"],
    ["has too few words", "5-1", "l", "node 3"],
    ["is a message for a name that is none", "5-1", "m", "node", "Ann 3 - b-b", "FROM Ann: hi\r\n"],
    ["is a message that waits for nobody", "5-1", "m", "node", "Ann 3 , *", "FROM Ann: hi\r\n"],
    ["is a message of no node", "5-1", "m", "", "Ann 3 - *", "FROM Ann: hi\r\n"],
    ["was taken by nobody", "5-1", "t", "3"]
  ])("that %s is refused", ([, id, ...fields]) =>
    Effect.map(pageOf(id, ...fields), (page) => assert.isTrue(Either.isLeft(page)))
  )
})

describe("a page of the users' table", () => {
  it.effect("with a cursor that is no number would be asked for without end", () =>
    Effect.map(Effect.either(Entry.users([{}, []])), (users) => assert.isTrue(Either.isLeft(users)))
  )
})
