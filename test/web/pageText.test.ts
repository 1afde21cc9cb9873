/** The chat page's reading of the server's lines and of typed text, and its completion by Tab. */
import { assert, describe, it } from "@effect/vitest"
import { addressee, complete, meaningOf, room } from "../../src/web/page/compose.js"
import { heardIn, readLine, type Table } from "../../src/web/page/lines.js"
import { clean, isName, linesOf, mentions } from "../../src/web/page/text.js"

describe("a line from the server", () => {
  it.each([
    ["FROM bob: hi", { kind: "message", from: "bob", text: "hi", isPrivate: false }],
    ["MESG FROM bob: hi", { kind: "message", from: "bob", text: "hi", isPrivate: true }],
    ["FROM *: closing at five", { kind: "message", from: "*", text: "closing at five", isPrivate: false }],
    ["FROM bob:   two: spaces", { kind: "message", from: "bob", text: "  two: spaces", isPrivate: false }],
    ["FROM bob: MESG FROM ann: x", { kind: "message", from: "bob", text: "MESG FROM ann: x", isPrivate: false }],
    ["JOINED bob", { kind: "joined", name: "bob" }],
    ["LEFT JOINED", { kind: "left", name: "JOINED" }],
    ["PONG", { kind: "pong" }],
    [`KEY ${"0a".repeat(16)}`, { kind: "key", key: "0a".repeat(16) }],
    ["JOIN ann Request Accepted", { kind: "accepted", command: "JOIN", name: "ann" }],
    ["RECLAIM ann Request Accepted", { kind: "accepted", command: "RECLAIM", name: "ann" }],
    ["WATCH Request Accepted", { kind: "accepted", command: "WATCH", name: "" }],
    [
      "Username Already Taken (bob). JOIN Discarded.",
      { kind: "refused", command: "JOIN", rule: "taken", about: "bob" }
    ],
    [
      "Invalid Username (a (b)). JOIN Discarded.",
      { kind: "refused", command: "JOIN", rule: "invalid", about: "a (b)" }
    ],
    ["Unable to Reclaim (ann). RECLAIM Discarded.", { kind: "refused", command: "RECLAIM", rule: "key", about: "ann" }],
    ["Unknown Recipient (zoe). MESG Discarded.", { kind: "refused", command: "MESG", rule: "recipient", about: "zoe" }],
    ["Message Too Long. Discarding Message.", { kind: "refused", command: "BCST", rule: "long", about: "" }],
    ["Session Reclaimed. Disconnecting User.", { kind: "farewell", reason: "Session Reclaimed" }],
    ["something newer", { kind: "other", text: "something newer" }]
  ])("%s", (line, heard) => {
    assert.deepEqual(heardIn(line), heard)
  })

  it("a table of LIST is one answer, whatever the names in it", () => {
    const rule = "-".repeat(28)
    const rows = ["PONG                   6", "JOINED                 7", `${"W".repeat(32)} 8`]
    let table: Table
    const heard = []
    for (const line of ["USERNAME               FD", rule, ...rows, rule, "PONG"]) {
      const [next, found] = readLine(table, line)
      table = next
      if (found !== undefined) heard.push(found)
    }
    assert.deepEqual(heard, [{ kind: "list", names: ["PONG", "JOINED", "W".repeat(32)] }, { kind: "pong" }])
  })
})

describe("typed text", () => {
  it.each([
    ["hello", { kind: "everybody", text: "hello" }],
    ["  indented", { kind: "everybody", text: "  indented" }],
    ["//slash", { kind: "everybody", text: "/slash" }],
    ["/msg bob hi there", { kind: "one", to: "bob", text: "hi there" }],
    ["/MSG bob hi", { kind: "one", to: "bob", text: "hi" }],
    ["/msg bob  x", { kind: "one", to: "bob", text: " x" }],
    ["/list", { kind: "list" }],
    ["/help", { kind: "help" }],
    ["/quit", { kind: "quit" }],
    ["", { kind: "nothing" }],
    [" \t ", { kind: "nothing" }],
    ["\u0007\u202e", { kind: "nothing" }],
    ["a\u0008b\u001b[31m\u202ec", { kind: "everybody", text: "ab[31mc" }]
  ])("%j", (typed, meaning) => {
    assert.deepEqual(meaningOf(typed), meaning)
  })

  it.each(["/msg", "/msg bob", "/msg bob ", "/msg b.b hi", "/quitt", "/", "/ hello"])("%s is a mistake", (typed) => {
    assert.strictEqual(meaningOf(typed).kind, "mistake")
  })

  it("that is an unknown command is answered with what can be typed in its place", () => {
    const why = "There is no command /shrug. /help shows them all. To send it as a text, type //shrug."
    assert.deepEqual(meaningOf("/shrug well"), { kind: "mistake", why })
    assert.deepEqual(meaningOf("//shrug well"), { kind: "everybody", text: "/shrug well" })
  })

  it("says whom it goes to, from the space behind the name on", () => {
    assert.deepEqual(["hi", "/msg bob", "/msg bob ", "/msg bob hi", "//msg bob hi"].map(addressee), [
      "",
      "",
      "bob",
      "bob",
      ""
    ])
  })

  it("leaves room for the command, in bytes", () => {
    assert.strictEqual(room("x".repeat(15), 20), 0)
    assert.strictEqual(room("本本本本本本", 20), -3)
    assert.strictEqual(room("/msg bob hi", 20), 9)
  })
})

describe("Tab", () => {
  const names = ["bob", "Bobby", "carl"]
  /** The text with the caret as |; "moves on" where the focus moves. */
  const tab = (shown: string, times = 1): string => {
    let text = shown.replace("|", "")
    let caret = shown.indexOf("|")
    let previous = complete(text, caret, names, undefined)
    for (let time = 1; time < times && previous !== undefined; time++) {
      previous = complete(previous.text, previous.caret, names, previous)
    }
    if (previous === undefined) return "moves on"
    text = previous.text
    caret = previous.caret
    return `${text.slice(0, caret)}|${text.slice(caret)}`
  }

  it.each([
    ["c|", "carl: |"],
    ["CA|", "carl: |"],
    ["ask c|", "ask carl |"],
    ["ask c| now", "ask carl| now"],
    ["/msg c|", "/msg carl |"],
    ["/msg |", "/msg Bobby |"],
    ["/msg bob tell c|", "/msg bob tell carl |"],
    ["//c|", "//carl |"],
    ["ask b|", "ask Bobby |"],
    ["|", "moves on"],
    ["x|", "moves on"],
    ["ask |", "moves on"],
    ["c|a", "moves on"],
    ["ca|rl", "moves on"],
    ["/l|", "moves on"],
    ["/list c|", "moves on"]
  ])("%s becomes %s", (before, after) => {
    assert.strictEqual(tab(before), after)
  })

  it("goes through all matches, then moves on: it is no trap", () => {
    assert.deepEqual(
      [1, 2, 3].map((times) => tab("/msg b|", times)),
      ["/msg Bobby |", "/msg bob |", "moves on"]
    )
    assert.strictEqual(tab("c|", 2), "moves on")
  })
})

describe("text", () => {
  it("loses what the server removes, and keeps the rest", () => {
    assert.strictEqual(clean("a\u0000\tb\u007f\u009b\u2028\u202ec\u2066é本👩‍👩‍👧"), "a\tbcé本👩‍👩‍👧")
  })

  it("is a name if it is 1 to 32 letters and digits", () => {
    assert.deepEqual(["a", "A1", "x".repeat(32)].map(isName), [true, true, true])
    assert.deepEqual(["", "x".repeat(33), "a b", "é", "<b>", "a\n"].map(isName), [
      false,
      false,
      false,
      false,
      false,
      false
    ])
  })

  it("mentions a name as a word of its own, whatever its case", () => {
    assert.deepEqual(
      ["Ann?", "hi ann", "anna", "joann"].map((text) => mentions(text, "ann")),
      [true, true, false, false]
    )
  })

  it("has lines", () => {
    assert.deepEqual(linesOf("a\r\nb\r\rc\n \n\u2028d\n"), ["a", "b", "c", "d"])
  })
})
