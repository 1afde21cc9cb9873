import { assert, describe, it } from "@effect/vitest"
import { retransmittingInodes } from "../../src/process/TcpTable.ts"

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"
const row = (timer: string, retransmitted: string, inode: number) =>
  `   1: 0100007F:1F41 0100007F:D5A2 01 0000001B:00000000 ${timer}:0000005D ${retransmitted}     0        0 ${inode} 3 0000000000000000 21 4 30 10 -1          `

describe("the table of TCP sockets", () => {
  it.each([
    ["an idle socket", row("00", "00000000", 7), []],
    ["keep-alive", row("02", "00000000", 7), []],
    ["a first transmission", row("01", "00000000", 7), []],
    ["retransmissions", row("01", "00000005", 7), ["7"]],
    ["a closed window, which is probed", row("04", "00000005", 7), []],
    ["no table", "", []]
  ])("%s", (_, row, inodes) => {
    assert.deepStrictEqual(retransmittingInodes(`${HEAD}\n${row}\n`), inodes)
  })

  it("has the inode of every socket that retransmits, IPv6 too", () => {
    const ipv6 =
      "   0: 0000000000000000FFFF00000100007F:1F41 0000000000000000FFFF00000100007F:D5A2 01 0000001B:00000000 01:0000005D 0000000A  1000        0 4711 3 0000000000000000 21 4 30 10 -1"
    assert.deepStrictEqual(retransmittingInodes([HEAD, row("01", "00000001", 3), ipv6, ""].join("\n")), ["3", "4711"])
  })
})
