/** The chat with any bytes for a server and any keys for a user: nothing but its own drawing reaches the terminal. */
import { deepStrictEqual, ok } from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { type Block, rows } from "../../src/chat/Block.ts"
import { graphemes } from "../../src/chat/Graphemes.ts"
import { gather, type Keypress } from "../../src/chat/Keys.ts"
import { type Action, type Event, initial, type Model } from "../../src/chat/Model.ts"
import * as Paint from "../../src/chat/Paint.ts"
import { Entered, Resized } from "../../src/chat/Screen.ts"
import { update } from "../../src/chat/Update.ts"
import { inputRow } from "../../src/chat/View.ts"
import { lineOf } from "../../src/client/Command.ts"
import { Dialer } from "../../src/client/Dialer.ts"
import { following, Link } from "../../src/client/Link.ts"
import { cleaned } from "./Bytes.ts"
import { leastColumns } from "./Columns.ts"
import { cutAt, places, property, target } from "./Target.ts"

const hostile = FastCheck.oneof(
  FastCheck.constantFrom(
    ...[
      "\u001b[2J",
      "\u001b]0;title\u0007",
      "\u001b[31m",
      "\u009b31m",
      "\r",
      "\0",
      "\u0007",
      "\u007f",
      "\b",
      "\u202e",
      "\u2066"
    ],
    ...[
      "\u2028",
      "\u0085",
      "\ufeff",
      "\u00ad",
      "\u200b",
      "\u200d",
      "\ufe0f",
      "\u0301",
      "\u0600",
      "\t",
      " ",
      "本",
      "👨‍👩‍👧‍👦",
      "🇩🇪"
    ],
    ...[
      "❤️",
      "👍🏿",
      "1\ufe0f\u20e3",
      "سلام",
      "e\u0301\u0301",
      "가",
      "\u1100\u1161",
      "ｱ",
      "\u3000",
      "x".repeat(30),
      "word and word"
    ]
  ),
  FastCheck.fullUnicodeString({ maxLength: 5 })
)
const text = FastCheck.array(hostile, { maxLength: 8 }).map((parts) => parts.join(""))
const line = FastCheck.oneof(
  FastCheck.tuple(
    FastCheck.constantFrom(
      ...[
        "",
        "FROM bob: ",
        "MESG FROM bob: ",
        "FROM *: ",
        "FROM ann: ",
        "JOINED ",
        "LEFT ",
        "KEY ",
        "USERNAME               FD"
      ],
      ...[
        "Unknown Recipient (bob). MESG Discarded.",
        "Incomplete BCST. ",
        "bob                    5",
        "A line holds at most "
      ]
    ),
    text
  ).map(([start, text]) => start + text),
  FastCheck.constantFrom(
    ...[
      "PONG",
      "WATCH Request Accepted",
      "JOINED bob",
      "LEFT bob",
      "-".repeat(28),
      "JOIN ann Request Accepted",
      "FROM bob: ann?"
    ],
    ...[
      "A line holds at most 20 bytes.",
      "Message Too Long. Discarding Message.",
      "Server on Fire. Disconnecting User."
    ]
  ),
  FastCheck.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"))
)
const server = FastCheck.record({
  motd: FastCheck.array(line, { maxLength: 2 }),
  lines: FastCheck.array(line, { maxLength: 20 }),
  end: FastCheck.constantFrom("\r\n", "\n"),
  noise: FastCheck.uint8Array({ maxLength: 20 }),
  places
}).map(({ end, lines, motd, noise, places }) => {
  const said = [...motd, "JOIN ann Request Accepted", ...lines].map((line) => line + end).join("")
  return cutAt(Buffer.concat([Buffer.from(said), Buffer.from(noise)]), places)
})

const names = [
  "return",
  "tab",
  "up",
  "down",
  "left",
  "right",
  "backspace",
  "delete",
  "home",
  "end",
  "escape",
  "undefined"
]
const press = FastCheck.oneof(
  hostile.map((sequence): ReadonlyArray<Keypress> => [{ sequence }]),
  FastCheck.record({
    name: FastCheck.oneof(FastCheck.constantFrom(...names), FastCheck.constantFrom(..."abcdefghijklmnopqrstuvwxy")),
    ctrl: FastCheck.boolean(),
    meta: FastCheck.boolean(),
    sequence: hostile
  }).map((keypress): ReadonlyArray<Keypress> => [keypress]),
  FastCheck.constantFrom("/msg bob ", "/raw PING", "/raw ", "/list", "//", "ann").map((sequence) => [
    { sequence },
    { name: "return" }
  ]),
  FastCheck.array(FastCheck.oneof(text, FastCheck.constantFrom("\n", "\r\n")), { maxLength: 4 }).map((parts) => [
    { name: "paste-start" },
    { sequence: parts.join("") },
    { name: "paste-end" },
    { name: "return" }
  ])
)
/** The user's steps between the server's lines. */
const doing: FastCheck.Arbitrary<ReadonlyArray<Event>> = FastCheck.oneof(
  { weight: 6, arbitrary: press.map((keypresses) => gather(undefined, keypresses)[0]) },
  { weight: 1, arbitrary: FastCheck.integer({ min: 1, max: 100 }).map((columns) => [Resized({ columns })]) },
  { weight: 1, arbitrary: text.map((line) => [Entered({ line: line.replace(/[\r\n]/g, "") })]) }
)

/** Everything that a server's bytes become, by the real link. */
const linkedOf = (chunks: ReadonlyArray<Uint8Array>): Promise<ReadonlyArray<Event>> => {
  const wire = { bytes: Stream.fromIterable(chunks), send: () => Effect.void }
  const dialer = Layer.succeed(Dialer, { dial: Effect.succeed(wire) })
  const options = { name: "ann", reconnects: false, greeting: following }
  return Effect.runPromise(
    Effect.flatMap(Link, ({ events }) => Stream.runCollect(events)).pipe(
      Effect.map((events) => Array.from(events, (event): Event => ({ _tag: "Linked", event, time: 0 }))),
      Effect.provide(Layer.provide(Link.layer(options), dialer))
    )
  )
}

/** The escape sequences of Paint and Block. */
const own = /\u001b(?:\[(?:1|1;35|36|32|33|2|1;31|0)m|\[\?7[lh]|[78]|\[J|\[\d+A|\[\?2004[lh])/g

const isPlain = (text: string): void => deepStrictEqual(cleaned(text).replaceAll("\t", ""), text, "a control character")

/** No row is wider than it may be, unless it holds a single character. */
const fits = (row: string, columns: number): void => {
  const isOne = graphemes(row.trim()).length <= 1
  ok(
    leastColumns(row) <= Math.max(1, columns - 1) || isOne,
    `${leastColumns(row)} of ${columns} columns: ${JSON.stringify(row)}`
  )
}

const isShown = (block: Block, columns: number): void => {
  isPlain(block.speaker)
  const look = { columns, clock: () => "21:04" }
  const plain = rows(block, { ...look, isColoured: false })
  for (const row of plain) {
    isPlain(row)
    fits(row, columns)
  }
  const coloured = rows(block, { ...look, isColoured: true })
  deepStrictEqual(
    coloured.map((row) => row.replace(own, "")),
    plain
  )
  isPlain(Paint.above(coloured).replace(own, "").replaceAll("\r\n", ""))
}

const isDone = (action: Action, columns: number): void => {
  if (action._tag === "Print") isShown(action.block, columns)
  if (action._tag === "Remember") isPlain(action.line)
  // One line for the server, whatever was typed.
  if (action._tag === "Say") deepStrictEqual(/[\r\n]/.test(lineOf(action.command)), false)
}

const isDrawn = (model: Model): void => {
  const { afterCursor, beforeCursor } = inputRow(model)
  isPlain(beforeCursor)
  isPlain(afterCursor)
  fits(beforeCursor + afterCursor, model.columns)
  isPlain(Paint.draw({ afterCursor, beforeCursor }).replace(own, ""))
}

export const screen = target(
  "the chat: no bytes of a server and no keys drive the terminal, or break its rows",
  property(
    FastCheck.record({
      server,
      doings: FastCheck.array(doing, { maxLength: 20 }),
      columns: FastCheck.integer({ min: 1, max: 100 })
    }),
    async ({ columns, doings, server }) => {
      const linked = await linkedOf(server)
      const events = linked.flatMap((event, index) => [event, ...(doings[index] ?? [])])
      let model = initial({ columns, isInteractive: true, name: "ann", history: [] })
      for (const event of events) {
        const [next, actions] = update(model, event)
        model = next
        for (const action of actions) isDone(action, model.columns)
        isDrawn(model)
      }
    }
  )
)
