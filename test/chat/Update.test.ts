/** The chat's state, event by event: what is printed, said and shown. */
import { assert, describe, it } from "@effect/vitest"
import * as Option from "effect/Option"
import { line } from "../../src/chat/Block.ts"
import { complete } from "../../src/chat/Completion.ts"
import * as Editor from "../../src/chat/Editor.ts"
import { hear } from "../../src/chat/Hear.ts"
import { Pasted, Pressed } from "../../src/chat/Keys.ts"
import { type Action, type Event, initial, type Model } from "../../src/chat/Model.ts"
import { Closed, Entered, InputEnded, Resized } from "../../src/chat/Screen.ts"
import { update } from "../../src/chat/Update.ts"
import { inputRow } from "../../src/chat/View.ts"
import { lineOf } from "../../src/client/Command.ts"
import { ConnectionLost, Dismissed, NameRefused } from "../../src/client/Ending.ts"
import type { LinkEvent } from "../../src/client/Link.ts"
import type { Message } from "../../src/client/Message.ts"

const start = (name = "ann", isInteractive = true): Model =>
  initial({ columns: 60, isInteractive, name, history: ["/list"] })

const key = (name: string): Event => Pressed({ key: { name, text: "" } })
const typing = (text: string): ReadonlyArray<Event> =>
  Array.from(text, (character) => Pressed({ key: { name: "", text: character } }))
const enters = (text: string): ReadonlyArray<Event> => [...typing(text), key("return")]
const links = (event: LinkEvent): Event => ({ _tag: "Linked", event, time: 0 })
const hears = (message: Message): Event => links({ _tag: "Heard", message, at: 0 })
const online = (isReclaimed = false): Event => links({ _tag: "Online", name: "ann", isReclaimed })
const pong = hears({ _tag: "Pong" })
const from = (sender: string, text: string, audience: "public" | "private" | "unknown" = "public"): Event =>
  hears({ _tag: "From", sender, text, audience })
const list = (...names: ReadonlyArray<string>): Event =>
  hears({ _tag: "List", members: names.map((name, index) => ({ name, fd: index + 5 })) })
const refused = (reason: "UnknownRecipient" | "MessageTooLong" | "UnknownMessage", text = "Refused."): Event =>
  hears({ _tag: "Refused", reason, text })
const gone = new ConnectionLost({ reason: "it was cut" })

/** An action in a word and its text. */
const told = (action: Action): string => {
  switch (action._tag) {
    case "Print":
      return line(action.block, () => "21:04").trimStart()
    case "Connect":
      return `connected as ${action.name}`
    case "Say":
      return `said ${lineOf(action.command)}`
    case "Ring":
      return "rang"
    case "Remember":
      return `remembered ${action.line}`
    case "Suspend":
      return "suspended"
  }
}

/** The state after some events, and what has been done since the events before `marks`. */
const play = (model: Model, ...events: ReadonlyArray<Event | ReadonlyArray<Event>>) => {
  const done: Array<string> = []
  let state = model
  for (const event of events.flat()) {
    const [next, actions] = update(state, event)
    state = next
    done.push(...actions.map(told))
  }
  const { afterCursor, beforeCursor } = inputRow(state)
  return { model: state, done, row: `${beforeCursor}|${afterCursor}` }
}

/** The exit code; undefined while the chat goes on. (chai takes any two options for equal if one of them is none.) */
const codeOf = ({ exitCode }: Model) => Option.getOrUndefined(exitCode)

/** Connected as ann, with bob and amy here. */
const connected = play(start(), online(), list("ann", "bob", "amy"), pong).model
const act = (...events: ReadonlyArray<Event | ReadonlyArray<Event>>) => play(connected, ...events)

describe("coming online", () => {
  it("greets, asks for the limit of a line, and shows who is here", () => {
    const { done, row } = play(start(), online(), list("ann", "bob", "amy"), pong)
    assert.deepStrictEqual(done, [
      "21:04 = You are ann. What you type goes to everybody; /help shows more.",
      "said HELP",
      "said PING",
      "21:04 = Here with you: amy, bob"
    ])
    assert.strictEqual(row, "ann> |")
  })

  it("shows nothing of the help that it asked for", () => {
    const help = [hears({ _tag: "Notice", text: "LIST" }), hears({ _tag: "LineLimit", bytes: 9, text: "A line" })]
    const { done, model } = play(connected, online(), help, pong)
    assert.lengthOf(done, 3)
    assert.strictEqual(model.maxLine, 9)
  })

  it("is the same with a server that knows no help", () => {
    const { done } = play(start(), online(), refused("UnknownMessage"), pong, enters("hi"))
    assert.deepStrictEqual(done.slice(3), ["said BCST hi", "said PING"])
  })

  it("shows the message of the day", () => {
    const { done } = play(start(), hears({ _tag: "Motd", text: "FROM bob: hi" }))
    assert.deepStrictEqual(done, ["21:04 = FROM bob: hi"])
  })
})

describe("a line that was typed", () => {
  it.each<readonly [line: string, done: ReadonlyArray<string>]>([
    ["hello", ["said BCST hello", "said PING"]],
    ["//shrug", ["said BCST /shrug", "said PING"]],
    ["/msg bob hi", ["said MESG bob hi", "said PING"]],
    ["/list", ["said LIST", "said PING", "remembered /list"]],
    ["/raw WATCH", ["said WATCH", "said PING"]],
    ["/raw PING", ["said PING"]],
    ["", []]
  ])("%j is said, and the input row is empty again", (text, done) => {
    const played = act(enters(text))
    assert.deepStrictEqual(played.done, done)
    assert.match(played.row, /ann> \|$/)
  })

  it("is on its way until PONG, then it is in the log", () => {
    const before = act(enters("hello"), enters("/msg bob psst"))
    assert.strictEqual(before.row, "(sending 2 lines) ann> |")
    assert.strictEqual(act(enters("hello")).row, "(sending: hello) ann> |")
    const after = play(before.model, pong, pong)
    assert.deepStrictEqual(after.done, ["21:04 > ann: hello", "21:04 > ann to bob (private): psst"])
    assert.strictEqual(after.row, "ann> |")
  })

  it("that is refused is shown with the reason", () => {
    const { done } = act(enters("/msg zoe hi"), refused("UnknownRecipient"), pong)
    assert.deepStrictEqual(done.slice(2), ["21:04 ! Not sent, nobody here is called zoe: hi", "rang"])
  })

  it("that is too long is not sent, and stays to be shortened", () => {
    const limited = play(connected, hears({ _tag: "LineLimit", bytes: 10, text: "" })).model
    const exact = play(limited, enters("hello"))
    assert.deepStrictEqual(exact.done, ["said BCST hello", "said PING"])
    // Six characters, of which one takes two bytes.
    const { done, row } = play(limited, enters("hell\u00f6"))
    assert.deepStrictEqual(done, ["! Too long: 11 bytes of 10. Nothing was sent.", "rang"])
    assert.strictEqual(row, "(11 of 10 bytes) ann> hell\u00f6|")
  })

  it("shows its bytes before it is full", () => {
    const limited = play(connected, hears({ _tag: "LineLimit", bytes: 20, text: "" })).model
    assert.strictEqual(play(limited, typing("123456789012")).row, "ann> 123456789012|")
    assert.strictEqual(play(limited, typing("1234567890123")).row, "(18 of 20 bytes) ann> 1234567890123|")
  })

  it("without a connection is not sent, and stays", () => {
    const { done, row } = play(start(), enters("hello"))
    assert.deepStrictEqual(done, ["! Not connected: nothing was sent. Your line is kept.", "rang"])
    assert.strictEqual(row, "(connecting) ann> hello|")
  })

  it("that is a command nobody knows is not sent", () => {
    const { done } = act(enters("/mgs bob secret"))
    assert.deepStrictEqual(done, ["! There is no /mgs: /help shows the commands. To send it as a text, type //mgs."])
  })

  it("is the raw line's reply that is shown as it is", () => {
    const { done } = act(enters("/raw FOO"), refused("UnknownMessage", "Unknown Message."), pong)
    assert.deepStrictEqual(done.slice(2), ["21:04 ! Unknown Message."])
    assert.deepStrictEqual(act(enters("/raw PING"), pong).done.slice(1), ["21:04 = PONG"])
    const accepted = hears({ _tag: "Accepted", command: "UNWATCH" })
    assert.deepStrictEqual(act(enters("/raw UNWATCH"), accepted, pong).done.slice(2), [
      "21:04 = UNWATCH Request Accepted"
    ])
  })

  it.each(["/quit", "/raw QUIT"])("%s ends the chat", (text) => {
    assert.strictEqual(codeOf(act(enters(text)).model), 0)
  })

  it("asks for help", () => assert.include(act(enters("/help")).done.join("\n"), "/msg <name> <text>"))
})

describe("a message", () => {
  it.each<readonly [event: Event, done: ReadonlyArray<string>]>([
    [from("bob", "hello"), ["21:04   bob: hello"]],
    [from("bob", "psst", "private"), ["21:04 * bob (private): psst", "rang"]],
    [from("bob", "hm", "unknown"), ["21:04 * bob (perhaps private): hm"]],
    [from("bob", "Ann, are you there?"), ["21:04   bob: Ann, are you there?", "rang"]],
    [from("bob", "annual"), ["21:04   bob: annual"]],
    [from("*", "we close"), ["21:04 = The operator: we close", "rang"]],
    [hears({ _tag: "Joined", name: "zoe" }), ["21:04 + zoe is here"]],
    [hears({ _tag: "Left", name: "bob" }), ["21:04 - bob has left"]],
    [list("ann"), ["21:04 = Nobody else is here."]],
    [hears({ _tag: "Notice", text: "?" }), ["21:04 = ?"]],
    [hears({ _tag: "Key", key: "0" }), []]
  ])("%j", (event, done) => assert.deepStrictEqual(act(event).done, done))

  it("of who joins and leaves changes what Tab knows", () => {
    const { model } = act(hears({ _tag: "Joined", name: "zoe" }), hears({ _tag: "Left", name: "bob" }))
    assert.deepStrictEqual([...model.people].sort(), ["amy", "zoe"])
    assert.strictEqual(play(model, typing("z"), key("tab")).row, "ann> zoe: |")
  })

  // Sorted at each of them, the names take minutes, and this runs into the time that a test may take.
  it("of 20,000 who join makes a list that Tab shows in order", () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `u${(index * 7919) % 20_000}`)
    const joined = (model: Model, name: string) => hear(model, { _tag: "Joined", name }, 0)[0]
    const model = names.reduce(joined, start())
    const shown = complete({ ...Editor.empty, before: "u1999" }, model.people)?.candidates
    assert.deepStrictEqual(shown?.slice(0, 3), ["u1999", "u19990", "u19991"])
  })

  it("of somebody who is not in the list teaches no name: the message of the day can look like one", () => {
    assert.deepStrictEqual(act(from("mallory", "hi"), typing("m"), key("tab")).done, ["21:04   mallory: hi", "rang"])
  })
})

describe("the link", () => {
  const lost = links({ _tag: "Lost", why: gone })
  const nameRefused = new NameRefused({
    answer: { _tag: "Refused", reason: "UsernameTaken", text: "Username Already Taken (ann). JOIN Discarded." }
  })

  it("that is lost is said once, and what was on its way is not confirmed", () => {
    const { done, row } = act(enters("one"), lost, links({ _tag: "Connecting", attempt: 1 }), lost, lost)
    assert.deepStrictEqual(done.slice(2), [
      "21:04 ! Not confirmed: ann: one",
      "21:04 ! The connection is lost: it was cut. Trying again.",
      "rang"
    ])
    assert.strictEqual(row, "(connecting) ann> |")
    const later = act(lost, links({ _tag: "Connecting", attempt: 12 }))
    assert.strictEqual(later.row, "(not connected, try 12) ann> |")
  })

  it("that is lost in another way says that too", () => {
    const taken = links({ _tag: "Lost", why: nameRefused })
    assert.deepStrictEqual(act(lost, lost, taken, taken).done, [
      "21:04 ! The connection is lost: it was cut. Trying again.",
      "rang",
      "21:04 ! Somebody here has this name already. Trying again.",
      "rang"
    ])
  })

  it("that is back says whether the place was kept", () => {
    const reclaimed = act(lost, online(true)).done.at(-3)
    assert.strictEqual(reclaimed, "21:04 = Connected again. You are still ann, and what was kept for you follows.")
    const joined = act(lost, online()).done.at(-3)
    assert.strictEqual(joined, "21:04 = Connected again as ann. What was said meanwhile did not reach you.")
  })

  it("that is back sends nothing again", () => {
    const { done } = act(enters("one"), lost, online(true), pong)
    assert.lengthOf(
      done.filter((line) => line === "said BCST one"),
      1
    )
  })

  const over = (why: ConnectionLost | NameRefused | Dismissed) => links({ _tag: "Over", why })
  const dismissed = new Dismissed({
    farewell: { _tag: "Farewell", reason: "SessionReclaimed", text: "Session Reclaimed. Disconnecting User." }
  })

  it.each<readonly [why: string, model: Model, event: Event, code: number]>([
    ["by a farewell", connected, over(dismissed), 1],
    ["without a connection", start(), over(gone), 2],
    ["by a refused name, and nobody can be asked", start("ann", false), over(nameRefused), 1]
  ])("that is over %s ends the chat", (_, model, event, code) => {
    assert.strictEqual(codeOf(play(model, event).model), code)
  })

  it("that is over by a refused name asks for another", () => {
    const { done, model, row } = play(start(), over(nameRefused))
    assert.deepStrictEqual(done, [
      "21:04 ! Somebody here has this name already.",
      "= Type a name for yourself: 1 to 32 letters and digits."
    ])
    assert.deepStrictEqual([codeOf(model), row], [undefined, "Your name: |"])
  })
})

describe("a name", () => {
  it("is asked for until it can be one", () => {
    const asked = play(start(""), enters("a b"))
    assert.deepStrictEqual(asked.done, ["! a b is no name: names are 1 to 32 letters and digits."])
    const { done, model } = play(asked.model, key("ctrl-u"), enters(" zoe "))
    assert.deepStrictEqual([done, model.name], [["connected as zoe"], "zoe"])
  })
})

describe("a key", () => {
  it.each<readonly [key: string, typed: string, code: number | undefined, row: string]>([
    ["ctrl-c", "half", undefined, "ann> |"],
    ["ctrl-c", "", 130, "ann> |"],
    ["ctrl-d", "half", undefined, "ann> half|"],
    ["ctrl-d", "", 0, "ann> |"],
    ["escape", "half", undefined, "ann> half|"]
  ])("%s after %j", (name, typed, code, row) => {
    const played = act(typing(typed), key(name))
    assert.deepStrictEqual([codeOf(played.model), played.row], [code, row])
  })

  it("Ctrl-Z stops the program", () => assert.deepStrictEqual(act(key("ctrl-z")).done, ["suspended"]))

  it("Up and Down bring back what was typed, and what is half typed is not lost", () => {
    const { model } = act(enters("one"), pong, typing("half"))
    assert.strictEqual(play(model, key("up")).row, "ann> one|")
    assert.strictEqual(play(model, key("up"), key("up")).row, "ann> /list|")
    assert.strictEqual(play(model, key("up"), key("down")).row, "ann> half|")
  })

  it("Tab with several names shows them", () => {
    const { done, row } = act(list("ann", "amy", "amos"), typing("am"), key("tab"))
    assert.deepStrictEqual([done.slice(1), row], [["= amos  amy"], "ann> am|"])
  })
})

describe("a paste", () => {
  const paste = (text: string) => Pasted({ text })

  it("of one line is typed, without its end", () => {
    const { done, row } = act(typing("say "), paste("hello\u0007 you\r"))
    assert.deepStrictEqual([done, row], [[], "ann> say hello you|"])
  })

  it("of several lines asks, and Enter sends them as texts", () => {
    // Many blank lines must not take longer than many others.
    const asked = act(paste(`one\r\n/quit\r${"\r\n".repeat(1000)}three\r\r\n`))
    assert.deepStrictEqual(asked.done, [])
    assert.strictEqual(asked.row, "3 lines to everybody: Enter sends them, Esc drops them |")
    assert.deepStrictEqual(play(asked.model, typing("x"), key("return")).done, [
      "said BCST one",
      "said PING",
      "said BCST /quit",
      "said PING",
      "said BCST three",
      "said PING"
    ])
  })

  it("is dropped by Escape, and the line is as it was", () => {
    const { done, row } = act(typing("half"), paste("one\rtwo"), key("escape"))
    assert.deepStrictEqual([done, row], [[], "ann> half|"])
  })

  it.each([
    ["\rhello\u0007\r\r", "ann> hello|"],
    ["\r \r", "ann>  |"]
  ])("of one line or none, and empty ones (%j), is typed", (text, row) => {
    assert.deepStrictEqual(act(paste(text)).row, row)
  })

  it("waits for the answer to the one before", () => {
    const asked = act(paste("one\rtwo"))
    for (const text of ["three", "three\rfour"]) {
      const { done, row } = play(asked.model, paste(text))
      assert.deepStrictEqual([done, row], [["rang"], asked.row])
    }
    assert.strictEqual(play(asked.model, paste("three"), key("escape")).row, "ann> |")
  })

  it("behind /msg and a name goes to that name alone", () => {
    const { done, row } = act(typing("/msg bob a"), paste("b\rc"))
    assert.strictEqual(row, "2 lines to bob: Enter sends them, Esc drops them |")
    assert.deepStrictEqual(play(act(typing("/msg bob a"), paste("b\rc")).model, key("return")).done, [
      "said MESG bob ab",
      "said PING",
      "said MESG bob c",
      "said PING"
    ])
    assert.deepStrictEqual(done, [])
  })

  it("behind two slashes begins with one", () => {
    const { done } = act(typing("//a"), paste("b\rc"), key("return"))
    assert.deepStrictEqual(done, ["said BCST /ab", "said PING", "said BCST c", "said PING"])
  })

  it("of several lines behind another command is refused", () => {
    assert.include(act(typing("/msg bob"), paste("b\rc")).done[0], "Several lines can be pasted")
  })

  it("says which of its lines are too long", () => {
    const limited = play(connected, hears({ _tag: "LineLimit", bytes: 10, text: "" })).model
    const { done } = play(limited, paste("one\r123456\rtwo"), key("return"))
    assert.deepStrictEqual(done, [
      "said BCST one",
      "said PING",
      "! Too long: 11 bytes of 10. Not sent: 123456 ...",
      "rang",
      "said BCST two",
      "said PING"
    ])
  })
})

describe("a pipe", () => {
  const pipe = start("ann", false)
  const code = (...events: ReadonlyArray<Event>) => codeOf(play(pipe, ...events).model)

  it("may have its lines before the connection is there", () => {
    const { done } = play(pipe, Entered({ line: "one" }), InputEnded(), online())
    assert.deepStrictEqual(done.slice(1), ["said HELP", "said PING", "said BCST one", "said PING"])
  })

  it("is shown without what could drive a terminal, as it is sent", () => {
    const { done } = play(pipe, online(), pong, Entered({ line: "a\u001b[2J\u009bb" }), pong)
    assert.deepStrictEqual(done.slice(-3), ["said BCST a[2Jb", "said PING", "21:04 > ann: a[2Jb"])
  })

  it("that has ended ends the chat when all its lines are handled", () => {
    const before = [Entered({ line: "one" }), InputEnded(), online(), pong]
    assert.isUndefined(code(...before))
    assert.strictEqual(code(...before, pong), 0)
    assert.strictEqual(code(InputEnded()), 0)
    const listing = [online(), pong, Entered({ line: "/list" }), InputEnded(), list("ann", "bob")]
    assert.isUndefined(code(...listing))
    assert.strictEqual(code(...listing, pong), 0)
  })
})

describe("the screen", () => {
  it("may get another width", () => assert.strictEqual(act(Resized({ columns: 6 })).row, "n> |"))
  it("that is closed ends the chat", () => assert.strictEqual(codeOf(act(Closed({ exitCode: 143 })).model), 143))
})
