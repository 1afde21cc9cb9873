/** How the chat page joins, loses its connection, and comes back. */
import { assert, describe, it } from "@effect/vitest"
import { pause } from "../../src/web/page/connection.js"
import { at, entries, KEY, plays, RULE, sent, types, waits } from "../support/PageFold.ts"

describe("joining", () => {
  it("connects, joins, and asks for KEY, WATCH and LIST, in this order", () => {
    const page = plays()
    assert.deepEqual(types(page.gives({ type: "JoinAsked", name: "ann" })), ["connect", "wake"])
    assert.deepEqual(sent(page.opens()), ["JOIN ann"])
    assert.deepEqual(sent(page.hears("JOIN ann Request Accepted")), ["KEY", "WATCH", "LIST"])
    page.hears(`KEY ${KEY}`, "USERNAME               FD", RULE, "ann                    6", RULE)
    assert.deepInclude(page.now(), { phase: "in", name: "ann", key: KEY, people: ["ann"] })
  })

  it.each([
    ["", /Choose a name first/],
    ["<b>", /“<b>” cannot be a name here\. A name is 1 to 32 letters/],
    ["x".repeat(33), /1 to 32 letters/]
  ])("refuses the name %j before it is sent, with the rule", (name, words) => {
    const page = plays()
    assert.deepEqual(types(page.gives({ type: "JoinAsked", name })), ["focus"])
    assert.match(page.now().refusal, words)
  })

  it("is not asked for again before there is an answer", () => {
    const page = plays()
    page.gives({ type: "JoinAsked", name: "ann" })
    assert.deepEqual(page.gives({ type: "JoinAsked", name: "ann" }), [])
    page.opens()
    assert.deepEqual(page.gives({ type: "JoinAsked", name: "bob" }), [])
    page.gives({ type: "Stuck", link: page.now().link, heard: 0, at, chance: 0 })
    assert.deepEqual(types(page.gives({ type: "JoinAsked", name: "ann" })), ["connect", "wake"])
  })

  it("tries another name on the same connection after a refusal", () => {
    const page = plays()
    page.gives({ type: "JoinAsked", name: "bob" })
    page.opens()
    page.hears("Username Already Taken (bob). JOIN Discarded.")
    assert.strictEqual(page.now().phase, "out")
    assert.match(page.now().refusal, /already; capital and small letters count as the same/)
    assert.deepEqual(sent(page.gives({ type: "JoinAsked", name: "ann" })), ["JOIN ann"])
  })

  it("gives each name its own time: the deadline of a refused one ends nothing", () => {
    const page = plays()
    page.gives({ type: "JoinAsked", name: "bob" })
    page.opens()
    page.hears("Username Already Taken (bob). JOIN Discarded.")
    const [, wake] = page.gives({ type: "JoinAsked", name: "ann" })
    const { link } = page.now()
    assert.deepEqual(page.gives({ type: "Stuck", link, heard: 0, at, chance: 0 }), [])
    assert.deepInclude(wake, { type: "wake", event: "Stuck", heard: 1 })
    page.gives({ type: "Stuck", link, heard: 1, at, chance: 0 })
    assert.match(page.now().refusal, /does not answer/)
  })

  it.each([
    ["Too Many Users. Disconnecting User.", /The room is full/],
    ["Too Many Connections. Disconnecting User.", /--max-per-address/]
  ])("%s: says why, and comes back only when asked", (line, words) => {
    const page = plays()
    page.gives({ type: "JoinAsked", name: "ann" })
    page.opens()
    page.hears(line)
    assert.deepEqual(waits(page.breaks()), [])
    assert.match(page.now().refusal, words)
    assert.deepEqual(types(page.gives({ type: "JoinAsked", name: "ann" })), ["connect", "wake"])
  })

  it("says so when the server does not answer", () => {
    const page = plays()
    page.gives({ type: "JoinAsked", name: "ann" })
    page.breaks()
    assert.match(page.now().refusal, /does not answer/)
    page.gives({ type: "JoinAsked", name: "ann" })
    page.gives({ type: "Stuck", link: page.now().link, heard: 0, at, chance: 0 })
    assert.match(page.now().refusal, /does not answer/)
  })

  it("takes lines before the first reply for the message of the day, whatever they look like", () => {
    const page = plays()
    page.gives({ type: "JoinAsked", name: "ann" })
    page.opens()
    const actions = page.hears("Welcome.", "", "FROM bob: JOINED", "JOIN ann Request Accepted")
    assert.deepEqual(entries(actions), [">: Welcome.\n\nFROM bob: JOINED", ">: You are in the room as ann."])
    assert.strictEqual(page.now().unread, 0)
  })
})

describe("a broken connection", () => {
  it("is tried again at once, then after 1, 2, 4 … 30 seconds, for ever", () => {
    const page = plays()
    page.joins()
    const pauses = waits(page.breaks())
    for (let attempt = 0; attempt < 8; attempt++) {
      page.gives({ type: "PauseOver", link: page.now().link })
      pauses.push(...waits(page.breaks()))
    }
    assert.deepEqual(pauses, [0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
    assert.strictEqual(pause(3, 1), 2000)
  })

  it("is reclaimed with the key, and the page says so", () => {
    const page = plays()
    page.joins()
    page.breaks()
    page.gives({ type: "PauseOver", link: page.now().link })
    assert.deepEqual(sent(page.opens()), [`RECLAIM ann ${KEY}`])
    assert.match(entries(page.hears("RECLAIM ann Request Accepted")).join(), /Back as ann, with your seat kept/)
    assert.strictEqual(page.now().key, "")
  })

  it("is joined anew when the seat is gone, and the page says what is missing", () => {
    const page = plays()
    page.joins()
    page.hears("Server Shutting Down. Disconnecting User.")
    page.breaks()
    page.gives({ type: "PauseOver", link: page.now().link })
    page.opens()
    assert.deepEqual(sent(page.hears("Unable to Reclaim (ann). RECLAIM Discarded.")), ["JOIN ann"])
    assert.match(entries(page.hears("JOIN ann Request Accepted")).join(), /in between did not reach you/)
  })

  it("asks for another name if somebody else has taken it", () => {
    const page = plays()
    page.joins()
    page.breaks()
    page.gives({ type: "PauseOver", link: page.now().link })
    page.opens()
    page.hears("Unable to Reclaim (ann). RECLAIM Discarded.", "Username Already Taken (ann). JOIN Discarded.")
    assert.strictEqual(page.now().phase, "out")
    assert.match(page.now().refusal, /Somebody is here as “ann”/)
  })

  it("is tried at once when the network comes back", () => {
    const page = plays()
    page.joins()
    page.breaks()
    assert.deepEqual(types(page.gives({ type: "Awoken" })), ["connect", "wake"])
    assert.deepEqual(page.gives({ type: "Awoken" }), [])
  })

  it("is found by a PING when the page comes into view", () => {
    const page = plays()
    page.joins()
    const actions = page.gives({ type: "Awoken" })
    assert.deepEqual([sent(actions), waits(actions)], [["PING"], [3000]])
    const { heard, link } = page.now()
    assert.deepEqual(types(page.gives({ type: "Silent", link, heard, at, chance: 0 })).slice(0, 1), ["disconnect"])
    assert.strictEqual(page.now().phase, "lost")
  })

  it("is not suspected when anything at all was heard after the PING", () => {
    const page = plays()
    page.joins()
    page.gives({ type: "Awoken" })
    const { heard, link } = page.now()
    page.hears("FROM bob: hi")
    assert.deepEqual(page.gives({ type: "Silent", link, heard, at, chance: 0 }), [])
  })

  it.each(["Session Reclaimed", "Idle Too Long", "Too Many Attempts", "Removed by Operator", "Some New Reason"])(
    "after “%s” is not tried again unless asked",
    (reason) => {
      const page = plays()
      page.joins()
      page.hears(`${reason}. Disconnecting User.`)
      assert.deepEqual([...page.breaks(), ...page.gives({ type: "Awoken" })], [])
      assert.strictEqual(page.now().phase, "over")
      assert.notStrictEqual(page.now().ending, "")
      assert.deepEqual(types(page.gives({ type: "JoinAsked", name: "ann" })), ["connect", "wake"])
    }
  )

  it("late events of an older connection change nothing", () => {
    const page = plays()
    page.joins()
    const old = page.now().link
    page.breaks()
    page.gives({ type: "PauseOver", link: old })
    const before = page.now()
    page.gives({ type: "Heard", link: old, line: "FROM bob: late", at })
    page.gives({ type: "Closed", link: old, at, chance: 0 })
    assert.strictEqual(page.now(), before)
  })
})

describe("a page that is loaded again", () => {
  it("remembers name and key only when it is unloaded, and takes the seat back", () => {
    const page = plays()
    page.joins()
    assert.deepEqual(page.gives({ type: "Unloading" }), [{ type: "remember", name: "ann", key: KEY }])
    const next = plays()
    next.gives({ type: "Started", name: "ann", key: KEY })
    assert.deepEqual(sent(next.opens()), [`RECLAIM ann ${KEY}`])
  })

  it("shows the form if there was no seat", () => {
    const page = plays()
    assert.deepEqual(page.gives({ type: "Unloading" }), [])
    assert.deepEqual(page.gives({ type: "Started", name: "", key: "" }), [])
  })

  it("keeps a half-written text when it leaves, and says where it would go", () => {
    const page = plays()
    page.joins()
    page.gives({ type: "Typed", text: "/msg bob half" })
    page.gives({ type: "LeaveAsked" })
    assert.strictEqual(page.now().draft, "/msg bob half")
  })

  it("leaves with QUIT and forgets the room", () => {
    const page = plays()
    page.joins()
    const actions = page.submits("/quit")
    assert.deepEqual([sent(actions), types(actions)], [["QUIT"], ["edit", "send", "disconnect", "clear", "focus"]])
    assert.deepInclude(actions[0], { text: "" })
    assert.deepInclude(page.now(), { phase: "out", key: "", name: "ann" })
    assert.deepEqual(page.gives({ type: "Unloading" }), [])
  })
})
