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
  ["MESG bob hi", { _tag: "Mesg", name: "bob", text: "hi" }],
  ["MESG bob  hi  there ", { _tag: "Mesg", name: "bob", text: " hi  there " }],
  ["MESG bob", { _tag: "Mesg", name: "bob", text: "" }],
  ["MESG bob ", { _tag: "Mesg", name: "bob", text: "" }],
  ["MESG", { _tag: "Mesg", name: "", text: "" }],
  ["MESG ", { _tag: "Mesg", name: "", text: "" }],
  ["MESG  x", { _tag: "Mesg", name: "", text: "x" }],
  ["BCST hello, all", { _tag: "Bcst", text: "hello, all" }],
  ["BCST  hello", { _tag: "Bcst", text: " hello" }],
  ["BCST", { _tag: "Bcst", text: "" }],
  ["BCST ", { _tag: "Bcst", text: "" }],
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
    assert.deepStrictEqual(parse(line), command)
  })
})
