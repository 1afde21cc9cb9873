import { assert, describe, it } from "@effect/vitest"
import { type Command, parse } from "../../src/protocol/Command.ts"

const cases: ReadonlyArray<readonly [line: string, command: Command]> = [
  ["JOIN bob", { _tag: "Join", name: "bob" }],
  ["JOIN", { _tag: "Join", name: "" }],
  ["JOIN ", { _tag: "Join", name: "" }],
  ["JOIN  bob", { _tag: "Join", name: " bob" }],
  ["JOIN bob ", { _tag: "Join", name: "bob " }],
  ["JOIN bob smith", { _tag: "Join", name: "bob smith" }],
  ["LIST", { _tag: "List" }],
  ["LIST of all", { _tag: "List" }],
  ["MESG bob hi", { _tag: "Mesg", name: "bob", text: "hi", bytes: 2 }],
  ["MESG bob  hi  there ", { _tag: "Mesg", name: "bob", text: " hi  there ", bytes: 11 }],
  ["MESG bob", { _tag: "Mesg", name: "bob", text: "", bytes: 0 }],
  ["MESG bob ", { _tag: "Mesg", name: "bob", text: "", bytes: 0 }],
  ["MESG", { _tag: "Mesg", name: "", text: "", bytes: 0 }],
  ["MESG ", { _tag: "Mesg", name: "", text: "", bytes: 0 }],
  ["MESG  x", { _tag: "Mesg", name: "", text: "x", bytes: 1 }],
  ["BCST hello, all", { _tag: "Bcst", text: "hello, all", bytes: 10 }],
  ["BCST  hello", { _tag: "Bcst", text: " hello", bytes: 6 }],
  ["BCST", { _tag: "Bcst", text: "", bytes: 0 }],
  ["BCST ", { _tag: "Bcst", text: "", bytes: 0 }],
  ["PING", { _tag: "Ping" }],
  ["PING 1", { _tag: "Ping" }],
  ["QUIT", { _tag: "Quit" }],
  ["QUIT now", { _tag: "Quit" }],
  ["HELO", { _tag: "Unknown" }],
  ["join bob", { _tag: "Unknown" }],
  [" JOIN bob", { _tag: "Unknown" }],
  ["JOIN\tbob", { _tag: "Unknown" }],
  ["LISTS", { _tag: "Unknown" }],
  [" ", { _tag: "Unknown" }],
  ["", { _tag: "Unknown" }]
]

describe("a line parses to a command", () => {
  it.each(cases)("%j", (line, command) => {
    assert.deepStrictEqual(parse(line, true), command)
    assert.deepStrictEqual(parse(line, false), command)
  })

  it("has its text cleaned and measured, and its name as it was typed", () => {
    const text = "\u001b[2Jné \u202e€"
    assert.deepStrictEqual(parse(`MESG b\u0007b ${text}`, false), {
      _tag: "Mesg",
      name: "b\u0007b",
      text: "[2Jné €",
      bytes: 10
    })
    assert.deepStrictEqual(parse(`BCST ${text}`, false), { _tag: "Bcst", text: "[2Jné €", bytes: 10 })
  })
})
