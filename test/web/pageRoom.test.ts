/** Messages, attention and the input of the chat page. */
import { assert, describe, it } from "@effect/vitest"
import type { Action } from "../../src/web/page/model.js"
import { at, entries, plays, RULE, sent, settled, types } from "../support/PageFold.ts"

describe("messages", () => {
  it("private and public ones are told apart, with sender and recipient", () => {
    const page = plays()
    page.joins()
    assert.deepEqual(entries(page.hears("FROM bob: hi all", "MESG FROM bob: hi ann")), [
      "bob>: hi all",
      "bob>ann: hi ann"
    ])
    const [spoken] = page.hears("MESG FROM bob: hi ann").filter(({ type }) => type === "announce")
    assert.deepInclude(spoken, { text: "private, bob: hi ann" })
  })

  it("go to everybody, or with /msg to one, and are confirmed by the PONG behind them", () => {
    const page = plays()
    page.joins()
    assert.deepEqual(sent(page.submits("hello")), ["BCST hello", "PING"])
    assert.deepEqual(sent(page.submits("/msg bob psst")), ["MESG bob psst", "PING"])
    const [first, second] = page.actions.flatMap((action) => (action.type === "append" ? [action.entry] : []))
    assert.deepInclude(first, { from: "ann", to: "", isOwn: true, isPrivate: false })
    assert.deepInclude(second, { from: "ann", to: "bob", isOwn: true, isPrivate: true })
    assert.deepEqual(settled(page.hears("FROM bob: x", "PONG")), [`${first?.id} sent`])
    assert.deepEqual(settled(page.hears("Unknown Recipient (bob). MESG Discarded.", "PONG")), [`${second?.id} refused`])
  })

  it("that were not confirmed when the connection broke are marked, and never sent again", () => {
    const page = plays()
    page.joins()
    page.submits("one")
    page.submits("two")
    page.hears("PONG")
    assert.deepEqual(
      settled(page.breaks()).map((text) => text.split(" ")[1]),
      ["unknown"]
    )
    page.gives({ type: "PauseOver", link: page.now().link })
    page.opens()
    assert.deepEqual(sent(page.hears("RECLAIM ann Request Accepted")), ["KEY", "WATCH", "LIST"])
  })

  it("too long are stopped before they are sent, with the number of bytes", () => {
    const page = plays(20)
    page.joins()
    assert.deepEqual(page.submits("x".repeat(16)), [])
    assert.match(page.now().hint, /Too long by 1 bytes\. A line holds 20/)
    page.gives({ type: "Typed", text: "x".repeat(14) })
    assert.strictEqual(page.now().hint, "1 bytes left")
  })

  it("stay in the input while there is no connection", () => {
    const page = plays()
    page.joins()
    page.breaks()
    assert.deepEqual(page.submits("hello"), [])
    assert.match(page.now().hint, /stays here/)
  })

  it("the list of who is here follows JOINED and LEFT", () => {
    const page = plays()
    page.joins()
    page.hears("JOINED carl", "LEFT bob")
    assert.deepEqual(page.now().people, ["ann", "carl"])
    assert.deepEqual(sent(page.submits("/list")), ["LIST"])
  })
})

// With work for the square of the number, each of these takes minutes, and runs into the time that a test may take.
describe("much at once", () => {
  const many = 60_000

  it("a list of 60,000 names is read", () => {
    const page = plays()
    page.joins()
    const rows = Array.from({ length: many }, (_, index) => `${`u${index}`.padEnd(22)} 7`)
    page.hears("USERNAME               FD", RULE, ...rows, RULE)
    assert.strictEqual(page.now().people.length, many)
    assert.strictEqual(page.now().people.at(-1), `u${many - 1}`)
  })

  it("a paste of 20,000 lines is sent", () => {
    const page = plays()
    page.joins()
    page.gives({ type: "Pasted", lines: Array.from({ length: many / 3 }, (_, index) => `line ${index}`) })
    const actions = page.gives({ type: "PasteAnswered", answer: "send", text: "", caret: 0, at })
    assert.strictEqual(sent(actions).length, (2 * many) / 3)
    assert.strictEqual(types(actions).at(-1), "focus")
  })

  it("a name is completed behind a word of a million letters", () => {
    const page = plays()
    page.joins()
    const text = `${"x".repeat(1_000_000)} b`
    const [edited] = page.gives({ type: "Tabbed", text, caret: text.length })
    assert.deepInclude(edited, { type: "edit", caret: text.length + 3 })
  })
})

describe("attention", () => {
  it("counts what came while away, and marks where it began, once", () => {
    const page = plays()
    page.joins()
    page.gives({ type: "Away" })
    const marks = page.hears("FROM bob: 1", "FROM bob: 2").filter(({ type }) => type === "mark")
    assert.deepEqual([marks.length, page.now().unread], [1, 2])
    page.gives({ type: "Back" })
    assert.strictEqual(page.now().unread, 0)
  })

  it("counts messages below while the reader is further up, and shows one's own", () => {
    const page = plays()
    page.joins()
    page.gives({ type: "Scrolled", isAtEnd: false })
    page.hears("FROM bob: 1", "FROM bob: 2", "JOINED carl")
    assert.strictEqual(page.now().below, 2)
    page.submits("hello")
    assert.deepInclude(page.now(), { isFollowing: true, below: 0 })
  })

  it("rings and notifies only if asked to: away for each message, here for private ones and one's name", () => {
    const page = plays()
    page.joins()
    const calls = (line: string, time: number) =>
      types(page.gives({ type: "Heard", link: page.now().link, line, at: time })).filter(
        (type) => type === "ring" || type === "notify"
      )
    page.gives({ type: "Away" })
    assert.deepEqual(calls("MESG FROM bob: hi", at), [])
    page.gives({ type: "SoundToggled" })
    assert.deepEqual(types(page.gives({ type: "NotificationsToggled", permission: "default" })), ["askPermission"])
    page.gives({ type: "NotificationsToggled", permission: "granted" })
    assert.deepEqual(calls("FROM bob: hi", at + 5000), ["ring", "notify"])
    assert.deepEqual(calls("FROM bob: at once", at + 5001), [])
    page.gives({ type: "Back" })
    assert.deepEqual(calls("FROM bob: hi", at + 10_000), [])
    assert.deepEqual(calls("FROM bob: Ann, hi", at + 15_000), ["ring"])
    assert.deepEqual(calls("MESG FROM bob: hi", at + 20_000), ["ring"])
  })

  it.each(["insecure", "denied", "unsupported"])("says why notifications are %s", (permission) => {
    const page = plays()
    page.gives({ type: "NotificationsToggled", permission })
    assert.isFalse(page.now().hasNotifications)
    assert.notStrictEqual(page.now().hint, "")
  })
})

describe("the input", () => {
  const shownBy = (actions: ReadonlyArray<Action>) =>
    actions.flatMap((action) => (action.type === "edit" ? [action.text] : []))

  it("walks through what was sent, and keeps a half-written line", () => {
    const page = plays()
    page.joins()
    for (const text of ["one", "two", "two"]) page.submits(text)
    const up = (text: string) => shownBy(page.gives({ type: "Browsed", step: 1, text }))
    const down = (text: string) => shownBy(page.gives({ type: "Browsed", step: -1, text }))
    assert.deepEqual([up("half"), up("two"), up("one")], [["two"], ["one"], []])
    assert.deepEqual([down("one"), down("two"), down("half")], [["two"], ["half"], []])
  })

  it("brings back what Escape has emptied", () => {
    const page = plays()
    page.joins()
    assert.deepEqual(shownBy(page.gives({ type: "Emptied", text: "half" })), [""])
    assert.deepEqual(page.gives({ type: "Emptied", text: "" }), [])
    assert.deepEqual(shownBy(page.gives({ type: "Browsed", step: 1, text: "" })), ["half"])
  })

  it("a click on a name begins a private message, or puts the name into the text", () => {
    const page = plays()
    page.joins()
    const picks = (text: string, caret = text.length) =>
      shownBy(page.gives({ type: "Picked", name: "bob", text, caret }))
    assert.deepEqual(picks(""), ["/msg bob "])
    assert.deepEqual(picks("/msg ca"), ["/msg bob "])
    assert.deepEqual(picks("ask"), ["ask bob "])
    assert.deepEqual(picks("ask now", 4), ["ask bob now"])
  })

  it("asks before it sends several lines, to whom the input is addressed, and a slash in them is text", () => {
    const page = plays()
    page.joins()
    page.gives({ type: "Pasted", lines: ["/quit", "a\u0007b", "\u0007"] })
    assert.deepEqual(page.now().pasted, ["/quit", "ab"])
    const answers = (answer: "send" | "join" | "drop", text: string) =>
      page.gives({ type: "PasteAnswered", answer, text, caret: text.length, at })
    assert.deepEqual(sent(answers("send", "")), ["BCST /quit", "PING", "BCST ab", "PING"])
    page.gives({ type: "Pasted", lines: ["one", "two"] })
    assert.deepEqual(sent(answers("send", "/msg bob ")), ["MESG bob one", "PING", "MESG bob two", "PING"])
    page.gives({ type: "Pasted", lines: ["one", "two"] })
    assert.deepEqual(shownBy(answers("join", "say ")), ["say one two"])
    page.gives({ type: "Pasted", lines: ["/quit", "two"] })
    assert.deepEqual(shownBy(answers("join", "")), ["//quit two"])
    page.gives({ type: "Pasted", lines: ["one", "two"] })
    assert.deepEqual(sent(answers("drop", "")), [])
    assert.deepEqual(page.now().pasted, [])
  })

  it.each(["/msg bob", "/msg", "/list"])("takes no lines behind %s, which names nobody yet", (text) => {
    const page = plays()
    page.joins()
    page.gives({ type: "Typed", text })
    page.gives({ type: "Pasted", lines: ["one", "two"] })
    assert.deepEqual(page.now().pasted, [])
    assert.match(page.now().hint, /behind \/msg, a name and a space/)
  })

  it("sends none of several lines if one is too long", () => {
    const page = plays(20)
    page.joins()
    page.gives({ type: "Pasted", lines: ["short", "x".repeat(20)] })
    assert.deepEqual(sent(page.gives({ type: "PasteAnswered", answer: "send", text: "", caret: 0, at })), [])
    assert.match(page.now().hint, /1 of the lines are longer than 20 bytes/)
  })
})
