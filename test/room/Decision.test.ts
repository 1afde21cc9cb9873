import { assert, describe, it } from "@effect/vitest"
import { DECISION_BYTES } from "../../src/Limits.ts"
import { type Command, parse } from "../../src/protocol/Command.ts"
import { LineDecoder } from "../../src/protocol/LineDecoder.ts"
import { isUsername } from "../../src/protocol/Username.ts"
import * as Decision from "../../src/room/Decision.ts"
import type { Delivery } from "../../src/room/Draft.ts"
import * as Roster from "../../src/room/Roster.ts"
import { render } from "../../src/status/StatusLine.ts"

const member = (name: string, fd: number): Roster.Member => {
  if (!isUsername(name)) throw new Error(`not a username: ${name}`)
  return { name, fd }
}

const [ann, bob, cat] = [member("ann", 5), member("Bob", 6), member("cat", 7)]

/** The roster of ann (5), Bob (6) and cat (7), in the order of their JOINs. */
const roster = [ann, bob, cat].reduce<Roster.Roster<Roster.Member>>(Roster.add, Roster.empty())

const anns: Decision.Client = { fd: 5, member: ann, maxLine: 64 }

/** The commands of these bytes. */
const commandsOf = (input: Uint8Array | string, maxLine = 64) =>
  new LineDecoder<Command>(maxLine, parse).push(Buffer.from(input))

/** The decision for the input of ann or, if not `registered`, of an unregistered client (9). */
const decide = (input: string, registered = true) => {
  const client: Decision.Client = registered ? anns : { fd: 9, member: undefined, maxLine: 64 }
  const commands = commandsOf(input)
  const decision = Decision.decide(roster, client, commands, 0, commands.length, { isObserved: true })
  const to = (recipient: Delivery<Roster.Member>["to"]) =>
    decision.deliveries
      .filter((delivery) => delivery.to === recipient)
      .map(({ text }) => text)
      .join("")
  return {
    decision,
    replies: to("self"),
    own: to(ann),
    bob: to(bob),
    others: to("others"),
    log: decision.events.map(render)
  }
}

const table = [
  "USERNAME               FD",
  "----------------------------",
  "ann                    5",
  "Bob                    6",
  "cat                    7",
  "----------------------------",
  ""
].join("\r\n")

const help = [
  "JOIN <username>            register: 1 to 32 letters and digits",
  "LIST                       show who is registered",
  "MESG <username> <message>  send to one user",
  "BCST <message>             send to everybody else",
  "PING                       answered PONG once the lines before it are handled",
  "WATCH, UNWATCH             show who joins and leaves, or stop",
  "KEY                        get a key for RECLAIM",
  "RECLAIM <username> <key>   take your name back after a lost connection",
  "QUIT                       leave",
  "A line holds at most 64 bytes.",
  ""
].join("\r\n")

interface Row {
  readonly sent: string
  readonly replies?: string
  readonly own?: string
  readonly bob?: string
  readonly others?: string
  readonly log: ReadonlyArray<string>
  readonly next?: string
}

const incompleteMesg = 'Incomplete MESG. Use "MESG <username> <message>".\r\n'
const incompleteBcst = 'Incomplete BCST. Use "BCST <message>".\r\n'
const unknownMessage = "Unknown Message. Discarding UNKNOWN Message.\r\n"
const unrecognizable = "Client (5): Unrecognizable Message. Discarding UNKNOWN Message."

const registered: ReadonlyArray<Row> = [
  { sent: "LIST", replies: table, log: ["Client (5): LIST"] },
  { sent: "LIST please", replies: table, log: ["Client (5): LIST"] },
  { sent: "PING", replies: "PONG\r\n", log: ["Client (5): PING"] },
  { sent: "PING 7", replies: "PONG\r\n", log: ["Client (5): PING"] },
  {
    sent: "JOIN eve",
    replies: "User Already Registered: Username (ann), FD (5)\r\n",
    log: ["Client (5): User Already Registered. Discarding JOIN."]
  },
  { sent: "HELP", replies: help, log: ["Client (5): HELP"] },
  { sent: "HELP me", replies: help, log: ["Client (5): HELP"] },
  { sent: "WATCH", replies: "WATCH Request Accepted\r\n", log: ["Client (5): WATCH"] },
  { sent: "UNWATCH", replies: "UNWATCH Request Accepted\r\n", log: ["Client (5): UNWATCH"] },
  { sent: "KEY", log: ["Client (5): KEY"], next: "Key" },
  {
    sent: "RECLAIM eve 0123",
    replies: "User Already Registered: Username (ann), FD (5)\r\n",
    log: ["Client (5): User Already Registered. Discarding RECLAIM."]
  },
  { sent: "MESG Bob hi", bob: "FROM ann: hi\r\n", log: ["Client (5): MESG Bob"] },
  { sent: "MESG BOB hi", bob: "FROM ann: hi\r\n", log: ["Client (5): MESG BOB"] },
  { sent: "MESG bob  two  spaces ", bob: "FROM ann:  two  spaces \r\n", log: ["Client (5): MESG bob"] },
  { sent: "MESG bob né", bob: "FROM ann: né\r\n", log: ["Client (5): MESG bob"] },
  { sent: "MESG bob \u0007\u009b2Jhi\u202e", bob: "FROM ann: 2Jhi\r\n", log: ["Client (5): MESG bob"] },
  {
    sent: "MESG bob I hate\u007f\u007f\u007f\u007flove you",
    bob: "FROM ann: I love you\r\n",
    log: ["Client (5): MESG bob"]
  },
  { sent: "MESG ann hi", own: "FROM ann: hi\r\n", log: ["Client (5): MESG ann"] },
  { sent: "MESG bob", replies: incompleteMesg, log: ["Client (5): MESG bob"] },
  { sent: "MESG bob ", replies: incompleteMesg, log: ["Client (5): MESG bob"] },
  { sent: "MESG bob \u0007", replies: incompleteMesg, log: ["Client (5): MESG bob"] },
  { sent: "MESG", replies: incompleteMesg, log: ["Client (5): MESG"] },
  { sent: "MESG  x", replies: incompleteMesg, log: ["Client (5): MESG"] },
  { sent: "MESG nobody", replies: incompleteMesg, log: ["Client (5): MESG nobody"] },
  {
    sent: "MESG zed hi",
    replies: "Unknown Recipient (zed). MESG Discarded.\r\n",
    log: ["Client (5): MESG zed", "Unable to Locate Recipient (zed) in Database. Discarding MESG."]
  },
  {
    sent: `MESG \u001b]${"z".repeat(50)} hi`,
    replies: `Unknown Recipient (]${"z".repeat(31)}). MESG Discarded.\r\n`,
    log: [
      `Client (5): MESG ]${"z".repeat(31)}`,
      `Unable to Locate Recipient (]${"z".repeat(31)}) in Database. Discarding MESG.`
    ]
  },
  {
    sent: "MESG b\u0007ob hi",
    replies: "Unknown Recipient (bob). MESG Discarded.\r\n",
    log: ["Client (5): MESG bob", "Unable to Locate Recipient (bob) in Database. Discarding MESG."]
  },
  {
    sent: "MESG \u0001 hi",
    replies: "Unknown Recipient (). MESG Discarded.\r\n",
    log: ["Client (5): MESG ", "Unable to Locate Recipient () in Database. Discarding MESG."]
  },
  { sent: "BCST hi, all", others: "FROM ann: hi, all\r\n", log: ["Client (5): BCST"] },
  { sent: "BCST \u009b31mhi", others: "FROM ann: 31mhi\r\n", log: ["Client (5): BCST"] },
  { sent: "BCST", replies: incompleteBcst, log: ["Client (5): BCST"] },
  { sent: "BCST ", replies: incompleteBcst, log: ["Client (5): BCST"] },
  { sent: "BCST \u0000", replies: incompleteBcst, log: ["Client (5): BCST"] },
  { sent: "HELO", replies: unknownMessage, log: [unrecognizable] },
  { sent: "list", replies: unknownMessage, log: [unrecognizable] },
  { sent: "   ", replies: unknownMessage, log: [unrecognizable] },
  { sent: "", log: [] },
  {
    sent: "x".repeat(65),
    replies: "Message Too Long. Discarding Message.\r\n",
    log: ["Client (5): Message Too Long. Discarding Message."]
  }
]

describe("a registered client that sends", () => {
  it.each(registered)("$sent", ({ sent, replies = "", own = "", bob = "", others = "", log, next = "Continue" }) => {
    const outcome = decide(`${sent}\n`)
    assert.deepStrictEqual(
      { replies: outcome.replies, own: outcome.own, bob: outcome.bob, others: outcome.others, log: outcome.log },
      { replies, own, bob, others, log }
    )
    assert.strictEqual(outcome.decision.next._tag, next)
  })
})

const strangers: ReadonlyArray<readonly [sent: string, discarded: string]> = [
  ["LIST", "LIST"],
  ["MESG Bob hi", "MESG"],
  ["MESG", "MESG"],
  ["BCST hi", "BCST"],
  ["PING", "PING"],
  ["WATCH", "WATCH"],
  ["UNWATCH", "UNWATCH"],
  ["KEY", "KEY"],
  ["HELO", "UNKNOWN Message"],
  ["x".repeat(65), "UNKNOWN Message"]
]

describe("an unregistered client that sends", () => {
  it.each(strangers)("%s is told how to register", (sent, discarded) => {
    const outcome = decide(`${sent}\n`, false)
    assert.strictEqual(outcome.replies, 'Unregistered User. Use "JOIN <username>" to Register.\r\n')
    assert.strictEqual(outcome.bob + outcome.others, "")
    assert.deepStrictEqual(outcome.log, [`Unable to Locate Client (9) in Database. Discarding ${discarded}.`])
  })

  it("HELP is told the commands", () => {
    const outcome = decide("HELP\n", false)
    assert.strictEqual(outcome.replies, help)
    assert.deepStrictEqual(outcome.log, ["Client (9): HELP"])
  })

  it.each([
    ["RECLAIM ann 0123", { name: "ann", key: "0123" }],
    ["RECLAIM ann  0 1 ", { name: "ann", key: " 0 1 " }],
    ["RECLAIM ann", { name: "ann", key: "" }],
    ["RECLAIM", { name: "", key: "" }]
  ])("%s asks the room for that seat", (sent, asked) => {
    const { decision, replies } = decide(`${sent}\nLIST\n`, false)
    assert.deepStrictEqual(decision.next, { _tag: "Reclaim", ...asked })
    assert.strictEqual(decision.position, 1)
    assert.strictEqual(replies, "")
  })

  it("JOIN asks the room for a seat, and nothing after it is decided before", () => {
    const { decision, replies } = decide("LIST\nJOIN eve\nLIST\n", false)
    assert.deepStrictEqual(decision.next, { _tag: "Join", name: "eve" })
    assert.strictEqual(decision.position, 2)
    assert.strictEqual(replies, 'Unregistered User. Use "JOIN <username>" to Register.\r\n')
  })
})

describe("QUIT", () => {
  it.each([true, false])("ends the session, and later lines are dropped (registered: %s)", (isRegistered) => {
    const { decision, log, replies } = decide("QUIT\nPING\n", isRegistered)
    assert.strictEqual(decision.next._tag, "Quit")
    assert.strictEqual(replies, "")
    assert.deepStrictEqual(log, [`Client (${isRegistered ? 5 : 9}): QUIT`])
  })
})

describe("a read of many lines", () => {
  it("becomes one delivery for each run of lines to the same recipients", () => {
    const { decision } = decide("MESG bob 1\nMESG Bob 2\nBCST 3\nBCST 4\nPING\nPING\nMESG bob 5\n")
    assert.deepStrictEqual(
      decision.deliveries.map(({ text }) => text),
      ["FROM ann: 1\r\nFROM ann: 2\r\n", "FROM ann: 3\r\nFROM ann: 4\r\n", "PONG\r\nPONG\r\n", "FROM ann: 5\r\n"]
    )
  })

  it("has the size of a delivery in bytes, not characters", () => {
    const { decision } = decide("MESG bob é\nMESG bob €😀\n")
    assert.strictEqual(decision.deliveries[0]?.bytes, Buffer.byteLength("FROM ann: é\r\nFROM ann: €😀\r\n"))
  })

  it("is decided in parts of bounded size if the lines are LISTs", () => {
    const commands = commandsOf("LIST\n".repeat(13_000))
    let position = 0
    let parts = 0
    while (position < commands.length) {
      const decision = Decision.decide(roster, anns, commands, position, commands.length, { isObserved: true })
      const bytes = decision.deliveries.reduce((sum, delivery) => sum + delivery.bytes, 0)
      assert.isAbove(decision.position, position)
      assert.isAtMost(bytes, DECISION_BYTES + table.length)
      position = decision.position
      parts++
    }
    assert.isAbove(parts, 10)
  })

  it("has telnet answers in order among the replies, and never in one text with UTF-8", () => {
    const answer = "\xff\xfc\x01"
    const unknown = "Unknown Recipient (né). MESG Discarded.\r\n"
    const input = Buffer.concat([
      Buffer.from("PING\n"),
      Buffer.from("\xff\xfd\x01", "latin1"),
      Buffer.from("MESG né hi\n")
    ])
    const commands = commandsOf(input)
    const { deliveries } = Decision.decide(roster, anns, commands, 0, commands.length, { isObserved: true })
    assert.deepStrictEqual(deliveries, [
      { to: "self", text: `PONG\r\n${answer}`, bytes: 9, kind: "reply" },
      { to: "self", text: unknown, bytes: Buffer.byteLength(unknown), kind: "reply" }
    ])
  })

  it("makes no events if the status log does not observe them", () => {
    const commands = commandsOf("PING\nMESG zed hi\nQUIT\n")
    const { events } = Decision.decide(roster, anns, commands, 0, commands.length, { isObserved: false })
    assert.deepStrictEqual(events, [])
  })
})

describe("while the engine of a room cannot be reached", () => {
  const nobody = Roster.empty<Roster.Member>()
  const answer = (sent: string) => {
    const commands = commandsOf(`${sent}\n`)
    const decided = Decision.decide(nobody, anns, commands, 0, 1, { isObserved: true, isUnavailable: true })
    const text = decided.deliveries.map(({ text }) => text).join("")
    return { text, log: decided.events.map(render), next: decided.next._tag }
  }

  it.each(["LIST", "MESG bob hi", "BCST hi", "WATCH", "KEY"])("%s is discarded", (sent) => {
    const [command = ""] = sent.split(" ")
    const { log, next, text } = answer(sent)
    assert.strictEqual(next, "Continue")
    assert.strictEqual(text, `Room Unavailable. ${command} Discarded.\r\n`)
    assert.strictEqual(log.at(-1), `Client (5): Room Unavailable. Discarding ${command}.`)
  })

  it.each([
    ["PING", "PONG\r\n"],
    ["HELP", help],
    ["UNWATCH", "UNWATCH Request Accepted\r\n"],
    ["MESG bob", incompleteMesg],
    ["hello", unknownMessage],
    ["QUIT", ""]
  ])("%s is answered as ever", (sent, expected) => {
    assert.strictEqual(answer(sent).text, expected)
  })
})
