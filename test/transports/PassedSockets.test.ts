import { assert, describe, it } from "@effect/vitest"
import { passed, portIn } from "../../src/transports/PassedSockets.ts"

const unnamed = (...fds: ReadonlyArray<number>) => fds.map((fd) => ({ fd, role: undefined }))

describe("the sockets passed to process 42", () => {
  it.each([
    [{ LISTEN_PID: "42", LISTEN_FDS: "1" }, unnamed(3)],
    [{ LISTEN_PID: "42", LISTEN_FDS: "3" }, unnamed(3, 4, 5)],
    [{}, []],
    [{ LISTEN_FDS: "1" }, []],
    [{ LISTEN_PID: "41", LISTEN_FDS: "1" }, []],
    [{ LISTEN_PID: "42" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "0" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "-1" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "many" }, []],
    [{ LISTEN_PID: "42", LISTEN_FDS: "99999999" }, []]
  ])("by %j are %j", (env, expected) => assert.deepStrictEqual<unknown>(passed(env, 42), expected))

  it.each([
    ["chat:tls:ops", ["chat", "tls", "ops"]],
    ["ops:chat:chat", ["ops", "chat", "chat"]],
    ["partyline.socket:tls:unknown", [undefined, "tls", undefined]],
    ["CHAT::tls ", [undefined, undefined, undefined]],
    ["tls", ["tls", undefined, undefined]],
    ["chat:chat:chat:tls", ["chat", "chat", "chat"]],
    ["constructor:__proto__:length", [undefined, undefined, undefined]]
  ])("with the names %j are for %j", (LISTEN_FDNAMES, expected) => {
    const found = passed({ LISTEN_PID: "42", LISTEN_FDS: "3", LISTEN_FDNAMES }, 42)
    assert.deepStrictEqual<unknown>(
      found.map(({ role }) => role),
      expected
    )
  })
})

describe("the port of a socket", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 00000000:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 103 1 0000000049d52f4f 100 0 0 10 0",
    "   1: 0100007F:2108 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 104 1 0000000049d52f4f 100 0 0 10 0",
    "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 00000000000000000000000000000000:24F8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 105 1 0000000049d52f4f 100 0 0 10 0",
    ""
  ].join("\n")
  it.each([
    [103, 8001],
    [104, 8456],
    [105, 9464],
    [10, undefined],
    [1, undefined]
  ])("with inode %i is %s", (inode, port) => assert.strictEqual(portIn(table, inode), port))
})
