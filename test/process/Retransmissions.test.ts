import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { parse, sockets } from "../../src/process/Retransmissions.ts"

const HEADER =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     "

const LISTENING =
  "   0: 00000000:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 0000000049d52f4f 100 0 0 10 0                       "
const SILENT =
  " 396: 0100007F:1F41 0100007F:D0C5 01 00000000:00000000 02:00000BB8 00000000     0        0 2239186 2 00000000446c9c21 20 0 0 10 -1                   "
const IN_FLIGHT =
  "  77: 0100007F:1F41 0100007F:CE64 01 00000006:00000000 01:0000000A 00000000     0        0 2169175 2 00000000a4d6a045 20 0 0 10 -1                   "
const RETRANSMITTING =
  "  78: 0100007F:1F41 0100007F:CE65 01 00001F40:00000000 01:00000046 0000000A     0        0 2169176 2 00000000a4d6a045 80 0 0 1 -1                    "
const HALF_CLOSED =
  "  79: 0100007F:1F41 0100007F:CE66 08 00000006:00000010 01:00000046 00000002 65534        0 2169177 2 00000000a4d6a045 80 0 0 1 -1                    "
const ZERO_WINDOW =
  "  20: 0100007F:1F41 0100007F:DD38 01 000D8F3E:00000000 04:00000030 00000000     0        1 2174498 2 00000000a14c5e20 20 0 0 10 -1                   "
const ZERO_WINDOW_AFTER_LOSS =
  "  20: 0100007F:1F41 0100007F:DD39 01 000D8F3E:00000000 04:00000030 00000003     0        1 2174499 2 00000000a14c5e20 20 0 0 10 -1                   "
const HANDSHAKE =
  "  21: 0100007F:1F41 0100007F:DD40 03 00000000:00000000 01:00000030 00000002     0        0 0 1 00000000a14c5e20                                      "
const ORPHAN =
  "  22: 0100007F:1F41 0100007F:DD41 04 00000001:00000000 01:00000030 00000004     0        0 0 1 00000000a14c5e20 80 0 0 1 -1                          "
const TIME_WAIT =
  "   1: 0100007F:1F41 0100007F:D2F6 06 00000000:00000000 03:00001614 00000000     0        0 0 3 000000005c2c168f                                      "
const MAPPED =
  "   1: 0000000000000000FFFF00000100007F:1F41 0000000000000000FFFF00000100007F:E852 01 00000006:00000000 01:0000003F 00000002     0        0 2239187 2 00000000f679aa34 81 0 0 1 -1"
const IPV6 =
  "   1: 00000000000000000000000001000000:1F41 00000000000000000000000001000000:D198 01 00000007:00000000 01:0000003D 00000003     0        0 2239225 2 00000000c3e14b9a 80 0 0 1 -1"

const table = (...rows: ReadonlyArray<string>) => [HEADER, ...rows, ""].join("\n")

describe("a table of sockets", () => {
  it.each([
    ["no row", table(), []],
    ["a file that is not there", "", []],
    ["a socket that listens", table(LISTENING), []],
    ["a silent socket, whose keep-alive timer runs", table(SILENT), []],
    ["a socket that waits for its first acknowledgement", table(IN_FLIGHT), []],
    ["a socket that retransmits", table(RETRANSMITTING), [[2169176, { count: 10, unacknowledged: 8000 }]]],
    ["a socket whose peer has half-closed", table(HALF_CLOSED), [[2169177, { count: 2, unacknowledged: 6 }]]],
    ["a socket whose peer has a full buffer", table(ZERO_WINDOW), []],
    ["the same after packets were lost", table(ZERO_WINDOW_AFTER_LOSS), []],
    ["a handshake", table(HANDSHAKE), []],
    ["a socket that its program has closed", table(ORPHAN), []],
    ["a connection in TIME_WAIT", table(TIME_WAIT), []],
    ["an IPv4 client of an IPv6 socket", table(MAPPED), [[2239187, { count: 2, unacknowledged: 6 }]]],
    ["an IPv6 client", table(IPV6), [[2239225, { count: 3, unacknowledged: 7 }]]],
    [
      "several that retransmit among others",
      table(LISTENING, RETRANSMITTING, IN_FLIGHT, HALF_CLOSED, SILENT) + table(IPV6, ZERO_WINDOW),
      [
        [2169176, { count: 10, unacknowledged: 8000 }],
        [2169177, { count: 2, unacknowledged: 6 }],
        [2239225, { count: 3, unacknowledged: 7 }]
      ]
    ]
  ])("with %s", (_, text, expected) => {
    assert.deepStrictEqual<ReadonlyArray<unknown>>([...parse(text)], expected)
  })
})

describe("the sockets of the system", () => {
  it.effect("can be asked for everywhere, and a closed descriptor has no inode", () =>
    Effect.gen(function* () {
      yield* sockets.retransmitting
      assert.isUndefined(sockets.inodeOf(-1))
    })
  )
})
