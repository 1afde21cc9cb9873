/** The exports of the package, as it was built. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { ConnectionFailed } from "../src/connection/DisconnectReason.ts"
import { BindError } from "../src/connection/Listener.ts"
import { InvalidLimits } from "../src/LimitValues.ts"
import { InvalidUsername, UnableToReclaim, UsernameTaken } from "../src/room/Registry.ts"
import { CertificateError } from "../src/transports/Certificate.ts"

const bundle = new URL("../dist/index.js", import.meta.url)
const errors = [
  ...readFileSync(bundle, "utf8").matchAll(
    /(\w+) = class (?:\w+ )?extends \w+\.TaggedError|class (\w+) extends \w+\.TaggedError/g
  )
].map(([, assigned, declared]) => assigned ?? declared ?? "")

describe("the package", () => {
  it("exports every error that a program can meet", async () => {
    const library: object = await import(bundle.href)
    const names = Object.entries(library).flatMap(([name, value]) => [
      name,
      ...(typeof value === "object" && value !== null ? Object.keys(value) : [])
    ])
    assert.includeMembers(errors, ["BindError", "CertificateError", "InvalidLimits", "SlowConsumer", "UnableToReclaim"])
    assert.includeMembers(names, errors)
  })

  it.each([
    [
      new BindError({ host: "127.0.0.1", port: 8001, code: "EADDRINUSE" }),
      "cannot listen on 127.0.0.1 port 8001: the port is in use (EADDRINUSE)"
    ],
    [new CertificateError({ file: "key.pem", reason: "it has expired" }), "cannot use key.pem: it has expired"],
    [new InvalidLimits({ problems: ["one", "two"] }), "one; two"],
    [new UsernameTaken({ name: "bob" }), 'the name "bob" is taken'],
    [new InvalidUsername({ name: "b\n" }), 'the name "b\\n" is not 1 to 32 ASCII letters and digits'],
    [new UnableToReclaim({ name: "bob" }), 'the name "bob" cannot be reclaimed with this key'],
    [new ConnectionFailed({ code: "ECONNRESET" }), "the connection failed: ECONNRESET"]
  ])("has errors with a message: %s", (error, message) => {
    assert.strictEqual(error.message, message)
  })
})
