import { assert, describe, it } from "@effect/vitest"
import * as Environment from "../../src/config/Environment.ts"
import { nearest } from "../../src/config/Nearest.ts"

const flags = ["port", "ops-port", "max-users", "motd"]

/** The variables that Kubernetes sets in a container for a service with a named port. */
const kubernetes = (service: string, address: string, port: number) => ({
  [`${service}_SERVICE_HOST`]: address,
  [`${service}_SERVICE_PORT`]: String(port),
  [`${service}_SERVICE_PORT_CHAT`]: String(port),
  [`${service}_PORT`]: `tcp://${address}:${port}`,
  [`${service}_PORT_${port}_TCP`]: `tcp://${address}:${port}`,
  [`${service}_PORT_${port}_TCP_PROTO`]: "tcp",
  [`${service}_PORT_${port}_TCP_PORT`]: String(port),
  [`${service}_PORT_${port}_TCP_ADDR`]: address
})

describe("a variable", () => {
  it.each([
    ["9464", "9464"],
    ["", undefined],
    ["tcp://10.0.0.7:9464", undefined],
    ["udp://10.0.0.7:9464", undefined],
    ["tcp", "tcp"]
  ])("with the value %j is %j", (value, text) => {
    assert.strictEqual(Environment.textOf({ PARTYLINE_OPS_PORT: value }, "ops-port"), text)
  })

  it("that is not set has no text", () => {
    assert.strictEqual(Environment.textOf({}, "ops-port"), undefined)
  })
})

describe("the warnings about an environment", () => {
  const warnings = (environment: Environment.Environment) => Environment.warnings(environment, flags)

  it("are none about variables that are used, empty, or another program's", () => {
    const environment = { PARTYLINE_PORT: "8001", PARTYLINE_MAX_USER: "", PATH: "/bin", OPS_PORT: "tcp://10.0.0.7:1" }
    assert.deepStrictEqual(warnings(environment), [])
  })

  it("are one line about all variables of services", () => {
    const environment = {
      ...kubernetes("PARTYLINE", "10.0.0.7", 8001),
      ...kubernetes("PARTYLINE_OPS", "10.0.0.8", 9464),
      ...kubernetes("OTHER", "10.0.0.9", 80)
    }
    const names = Object.keys(environment).filter((name) => name.startsWith("PARTYLINE"))
    assert.deepStrictEqual(warnings(environment), [
      `set for a service of Kubernetes, and not used: ${names.sort().join(", ")}`
    ])
    assert.strictEqual(Environment.textOf(environment, "port"), undefined)
  })

  it.each([
    ["PARTYLINE_MAX_USER", "there is no variable PARTYLINE_MAX_USER; did you mean PARTYLINE_MAX_USERS?"],
    ["PARTYLINE_MAXUSERS", "there is no variable PARTYLINE_MAXUSERS; did you mean PARTYLINE_MAX_USERS?"],
    ["PARTYLINE_OPSPORT", "there is no variable PARTYLINE_OPSPORT; did you mean PARTYLINE_OPS_PORT?"]
  ])("are a line about %s, with the nearest right one", (name, line) => {
    assert.deepStrictEqual(warnings({ [name]: "5" }), [line])
  })
})

describe("the nearest spelling", () => {
  const known = ["max-users", "max-line", "motd", "config", "--help"]

  it.each([
    ["max-user", "max-users"],
    ["max_users", "max-users"],
    ["MaxUsers", "max-users"],
    ["mtod", "motd"],
    ["--hepl", "--help"],
    ["conf", "config"],
    ["zebra", undefined],
    ["", undefined]
  ])("of %j is %j", (word, found) => {
    assert.strictEqual(nearest(word, known), found)
  })
})
