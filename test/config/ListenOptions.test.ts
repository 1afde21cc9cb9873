import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "@effect/vitest"
import * as ListenOptions from "../../src/config/ListenOptions.ts"
import * as Resolve from "../../src/config/Resolve.ts"

const files = { tlsCert: "cert.pem", tlsKey: "key.pem" }

/** The roles of the sockets 3, 4 and 5, whose ports are 8001, 8443 and 9464. */
const served = (flags: Resolve.Flags, roles: ReadonlyArray<"chat" | "tls" | "ops" | undefined>) => {
  const { configuration } = Resolve.resolve({ flags, environment: {} })
  const passed = roles.map((role, index) => ({ fd: 3 + index, role }))
  const portOf = (fd: number) => [8001, 8443, 9464][fd - 3]
  const { mistakes, options } = ListenOptions.of(configuration, passed, portOf)
  if (mistakes.length > 0) return mistakes.map(({ message }) => message)
  return { chat: options.sockets, tls: options.tls?.sockets, ops: options.ops?.sockets }
}

describe("the operator's token", () => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, "token"), "correct-horse-battery")
  const flags = { port: "8001", opsToken: `@${join(folder, "token")}` }
  const of = (more: Resolve.Flags, roles: ReadonlyArray<"chat" | "ops"> = []) => {
    const passed = roles.map((role, index) => ({ fd: 3 + index, role }))
    const { configuration } = Resolve.resolve({ flags: { ...flags, ...more }, environment: {} })
    const { mistakes, warnings } = ListenOptions.of(configuration, passed)
    return { mistakes: mistakes.map(({ message }) => message), warnings }
  }

  it.each([
    ["needs --ops-port", {}, [], ["--ops-token needs --ops-port"]],
    ["is fine with --ops-port", { opsPort: "9464" }, [], []],
    ["is fine with a socket that was passed for operations", {}, ["ops"], []]
  ] as const)("%s", (_, more, roles, mistakes) => assert.deepStrictEqual<unknown>(of(more, roles).mistakes, mistakes))

  it.each([
    ["127.0.0.1", false],
    ["::1", false],
    ["localhost", false],
    ["0:0:0:0:0:0:0:1", false],
    ["::ffff:127.0.0.1", false],
    ["LOCALHOST", false],
    ["0.0.0.0", true],
    ["::", true],
    ["192.0.2.1", true],
    ["ops.example.org", true]
  ])("on %s other machines can see it: %s", (opsHost, expected) => {
    const expectation = expected
      ? [`--ops-token is sent unencrypted, and other machines can reach --ops-host ${opsHost}`]
      : []
    assert.deepStrictEqual(of({ opsPort: "9464", opsHost }).warnings, expectation)
  })
})

describe("sockets that were passed", () => {
  it.each([
    ["without a name are for lines", {}, [undefined, undefined], { chat: [3, 4], tls: undefined, ops: undefined }],
    ["have the roles that they are named for", files, ["tls", "ops", "chat"], { chat: [5], tls: [3], ops: [4] }],
    [
      "on the port of --tls-port and --ops-port are for TLS and operations",
      { ...files, tlsPort: "8443", opsPort: "9464" },
      [undefined, undefined, undefined],
      { chat: [3], tls: [4], ops: [5] }
    ],
    [
      "have the role that they are named for, whatever their port",
      { ...files, tlsPort: "8443" },
      ["tls", "chat"],
      { chat: [4], tls: [3], ops: undefined }
    ],
    [
      "leave a role that none has to the options",
      { ...files, tlsPort: "9999" },
      ["chat"],
      { chat: [3], tls: [], ops: undefined }
    ],
    ["for TLS need a certificate", {}, ["tls"], ["the socket that was passed for TLS needs --tls-cert and --tls-key"]],
    [
      "for operations alone need a <port>",
      {},
      ["ops"],
      ["<port> is missing, and so are PARTYLINE_PORT and --tls-port"]
    ],
    [
      "without a name, and with a port that the system does not tell, are served for nothing by guess",
      { ...files, tlsPort: "8443" },
      [undefined, undefined, undefined, undefined],
      ["the port of the passed socket 6 is unknown: name it chat, tls or ops (FileDescriptorName=)"]
    ]
  ] as const)("%s", (_, flags, roles, expected) => assert.deepStrictEqual<unknown>(served(flags, roles), expected))
})
