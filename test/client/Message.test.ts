import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { beginning, type Message, type Reading, read } from "../../src/client/Message.ts"
import * as Reply from "../../src/protocol/Reply.ts"
import type { Username } from "../../src/protocol/Username.ts"

/** All messages of these lines. */
const readAll = (lines: ReadonlyArray<string>, from: Reading = beginning) => {
  let reading = from
  const messages: Array<Message> = []
  for (const line of lines) {
    const [next, found] = read(reading, line)
    reading = next
    messages.push(...found)
  }
  return { reading, messages }
}

const joined = readAll(["JOIN ann Request Accepted"]).reading
const watching = readAll(["WATCH Request Accepted"], joined).reading
const linesOf = (reply: string) => reply.split("\r\n").slice(0, -1)
/** Tests give names as the server has them. */
const name = (text: string) => text as Username

const table = (...members: ReadonlyArray<readonly [string, number]>) =>
  linesOf(Reply.table(members.map(([user, fd]) => ({ name: name(user), fd }))))

const cases: ReadonlyArray<readonly [line: string, message: Message]> = [
  ["FROM bob: hi", { _tag: "From", sender: "bob", text: "hi", audience: "public" }],
  ["MESG FROM bob: hi", { _tag: "From", sender: "bob", text: "hi", audience: "private" }],
  ["FROM *: all out", { _tag: "From", sender: "*", text: "all out", audience: "public" }],
  ["FROM bob: FROM eve: hi", { _tag: "From", sender: "bob", text: "FROM eve: hi", audience: "public" }],
  ["FROM bob:  two spaces ", { _tag: "From", sender: "bob", text: " two spaces ", audience: "public" }],
  ["FROM PONG: PONG", { _tag: "From", sender: "PONG", text: "PONG", audience: "public" }],
  ["JOINED bob", { _tag: "Joined", name: "bob" }],
  ["JOINED JOINED", { _tag: "Joined", name: "JOINED" }],
  ["LEFT bob", { _tag: "Left", name: "bob" }],
  ["PONG", { _tag: "Pong" }],
  ["UNWATCH Request Accepted", { _tag: "Accepted", command: "UNWATCH" }],
  [`KEY ${"0a".repeat(16)}`, { _tag: "Key", key: "0a".repeat(16) }],
  ...(
    [
      [Reply.alreadyRegistered(name("ann"), 5), "AlreadyRegistered"],
      [Reply.usernameTaken("ann"), "UsernameTaken"],
      [Reply.invalidUsername("(a) b"), "InvalidUsername"],
      [Reply.unknownRecipient("eve"), "UnknownRecipient"],
      [Reply.incompleteMesg, "IncompleteMesg"],
      [Reply.incompleteBcst, "IncompleteBcst"],
      [Reply.unableToReclaim("ann"), "UnableToReclaim"],
      [Reply.unknownMessage, "UnknownMessage"],
      [Reply.messageTooLong, "MessageTooLong"],
      [Reply.unregistered, "Unregistered"]
    ] as const
  ).map(([reply, reason]) => {
    const text = reply.trimEnd()
    return [text, { _tag: "Refused", reason, text }] as const
  }),
  ...(
    [
      [Reply.tooManyUsers, "TooManyUsers"],
      [Reply.tooManyConnections, "TooManyConnections"],
      [Reply.tooManyAttempts, "TooManyAttempts"],
      [Reply.registrationTimedOut, "RegistrationTimedOut"],
      [Reply.idleTooLong, "IdleTooLong"],
      [Reply.sessionReclaimed, "SessionReclaimed"],
      [Reply.serverShuttingDown, "ServerShuttingDown"],
      ["Removed by Operator. Disconnecting User.", "RemovedByOperator"],
      ["Server on Fire. Disconnecting User.", "Other"],
      ["constructor. Disconnecting User.", "Other"]
    ] as const
  ).map(([reply, reason]) => {
    const text = reply.trimEnd()
    return [text, { _tag: "Farewell", reason, text }] as const
  }),
  ...["", "[Yes]", "pong", "PONG ", "JOINED", "JOINED a b", "LEFT ", "FROM a b: hi", "FROM bob hi", "KEY 0a"].map(
    (text) => [text, { _tag: "Notice", text }] as const
  )
]

describe("a line of the server", () => {
  it.each(cases)("%s", (line, message) => {
    assert.deepStrictEqual(readAll([line], watching).messages, [message])
  })

  it("does not say whether a message is private before WATCH is accepted, after UNWATCH, and after RECLAIM", () => {
    const audiences = (lines: ReadonlyArray<string>) =>
      readAll([...lines, "FROM bob: hi"], joined).messages.flatMap((message) =>
        message._tag === "From" ? [message.audience] : []
      )
    assert.deepStrictEqual(audiences([]), ["unknown"])
    assert.deepStrictEqual(audiences(["WATCH Request Accepted"]), ["public"])
    assert.deepStrictEqual(audiences(["WATCH Request Accepted", "UNWATCH Request Accepted"]), ["unknown"])
    assert.deepStrictEqual(audiences(["WATCH Request Accepted", "RECLAIM ann Request Accepted"]), ["unknown"])
  })
})

describe("LIST's table", () => {
  it("is one message, whatever the users are called", () => {
    const names = ["ann", "JOINED", "PONG", "FROM", "USERNAME", "x".repeat(32), "y".repeat(22)]
    const members = names.map((user, index) => ({ name: user, fd: index + 5 }))
    const lines = table(...members.map(({ fd, name }) => [name, fd] as const))
    assert.deepStrictEqual(readAll([...lines, "PONG"], watching).messages, [
      { _tag: "List", members },
      { _tag: "Pong" }
    ])
  })

  it("can be empty", () => {
    assert.deepStrictEqual(readAll(table(), watching).messages, [{ _tag: "List", members: [] }])
  })

  it("that is not one is dropped, and the line that proves it is read", () => {
    const [head = "", rule = "", row = ""] = table(["ann", 5])
    for (const begun of [[head], [head, rule], [head, rule, row]]) {
      assert.deepStrictEqual(readAll([...begun, "FROM bob: hi"], watching).messages, [
        { _tag: "From", sender: "bob", text: "hi", audience: "public" }
      ])
    }
  })

  it("of 100,000 rows is read", () => {
    const members = Array.from({ length: 100_000 }, (_, fd) => [`user${fd}`, fd] as const)
    const [message] = readAll(table(...members), watching).messages
    assert.strictEqual(message?._tag === "List" ? message.members.length : 0, 100_000)
  })
})

describe("HELP", () => {
  it("is notices and the limit of a line", () => {
    const { messages } = readAll(linesOf(Reply.help(4096)), watching)
    assert.deepStrictEqual(messages.at(-1), {
      _tag: "LineLimit",
      bytes: 4096,
      text: "A line holds at most 4096 bytes."
    })
    assert.isTrue(messages.slice(0, -1).every(({ _tag }) => _tag === "Notice"))
  })
})

describe("the beginning of a connection", () => {
  const beginnings: ReadonlyArray<readonly [line: string, tag: Message["_tag"]]> = [
    ["Welcome", "Motd"],
    ["FROM eve: hi", "Motd"],
    ["PONG", "Motd"],
    ["JOINED eve", "Motd"],
    ["", "Motd"],
    [Reply.unknownRecipient("eve").trimEnd(), "Motd"],
    [Reply.usernameTaken("ann").trimEnd(), "Refused"],
    [Reply.invalidUsername("").trimEnd(), "Refused"],
    [Reply.unableToReclaim("ann").trimEnd(), "Refused"],
    ["JOIN ann Request Accepted", "Accepted"],
    ["RECLAIM ann Request Accepted", "Accepted"],
    [Reply.tooManyConnections.trimEnd(), "Farewell"]
  ]
  it.each(beginnings)("%s", (line, tag) => {
    const { messages, reading } = readAll([line])
    assert.deepStrictEqual(
      messages.map(({ _tag }) => _tag),
      [tag]
    )
    assert.strictEqual(reading.isAnswered, tag !== "Motd")
  })
})

describe("for all lines", () => {
  const line = FastCheck.oneof(
    FastCheck.fullUnicodeString({ maxLength: 40 }),
    FastCheck.constantFrom(...table(["ann", 5]), "PONG", "FROM bob: hi", "WATCH Request Accepted", "JOINED bob")
  )
  it.prop(
    "each is a part of exactly one message, or of a table that was dropped",
    [FastCheck.array(line)],
    ([lines]) => {
      const { messages } = readAll(lines)
      assert.isAtMost(messages.length, lines.length)
      const relayed = lines.filter((text) => /^FROM [A-Za-z0-9]+: /.test(text)).length
      assert.strictEqual(messages.filter(({ _tag }) => _tag === "From" || _tag === "Motd").length >= relayed, true)
    }
  )
})
