import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import { parse } from "smol-toml"
import { ConfigFileError } from "../../src/config/ConfigFile.ts"
import * as PrintConfig from "../../src/config/PrintConfig.ts"
import * as Resolve from "../../src/config/Resolve.ts"
import { settings } from "../../src/config/Settings.ts"

const { configuration } = Resolve.resolve({
  flags: { maxUsers: "2", host: "::1" },
  environment: { PARTYLINE_MAX_USERS: "3", PARTYLINE_MAX_LINE: "300", PARTYLINE_RATE: "", PARTYLINE_PORT: "8001" },
  file: {
    path: "partyline.toml",
    contents: new Map(
      Object.entries({
        "max-users": "4",
        "max-line": "400",
        outbox: "64k",
        rate: "7",
        "trust-proxy": "::1, 10.0.0.0/8"
      })
    ),
    mistakes: []
  }
})

describe("an option", () => {
  it.each([
    ["maxUsers", { text: "2", from: "--max-users", value: 2 }],
    ["host", { text: "::1", from: "--host", value: "::1" }],
    ["maxLine", { text: "300", from: "PARTYLINE_MAX_LINE", value: 300 }],
    ["port", { text: "8001", from: "PARTYLINE_PORT", value: 8001 }],
    ["outbox", { text: "64k", from: "partyline.toml", value: 65536 }],
    ["rate", { text: "7", from: "partyline.toml", value: 7 }],
    ["patience", { text: settings.patience.fallback, from: undefined, value: Duration.seconds(5) }],
    ["config", { text: undefined, from: undefined, value: undefined }]
  ] as const)("%s is %j", (name, expected) => assert.deepStrictEqual<unknown>(configuration[name], expected))
})

describe("mistakes", () => {
  const resolution = Resolve.resolve({
    flags: { port: "80x", maxUsers: "0", patience: "1s" },
    environment: { PARTYLINE_MAX_LINE: "many", PARTYLINE_PATIENCE: "soon" },
    file: { path: "x.toml", contents: new Map(), mistakes: [new ConfigFileError({ path: "x.toml", problem: "no" })] }
  })

  it("are all reported, each with the place where the option was set", () => {
    assert.deepStrictEqual(
      resolution.mistakes.map(({ message }) => message),
      [
        "x.toml: no",
        '<port> must be a whole number from 0 to 65535, not "80x"',
        '--max-users must be a whole number from 1 to 1000000, not "0"',
        'PARTYLINE_MAX_LINE must be a number of bytes like 4096, 64k or 1MiB (from 1 to 64MiB), not "many"'
      ]
    )
  })

  it("do not show a secret", () => {
    const secret = "correct-horse-battery"
    for (const sources of [
      { flags: { opsToken: secret }, environment: {} },
      { flags: {}, environment: { PARTYLINE_OPS_TOKEN: secret } },
      { flags: { cluster: `redis://:${secret}@a,b` }, environment: {} },
      { flags: {}, environment: { PARTYLINE_CLUSTER: `redis://:${secret}%@cache` } }
    ]) {
      const { mistakes } = Resolve.resolve(sources)
      assert.strictEqual(mistakes.length, 1)
      assert.notInclude(mistakes.join(), secret)
    }
  })

  it("leave their options at the defaults, so that the rest can be checked", () => {
    assert.strictEqual(resolution.configuration.maxUsers.value, 10)
    assert.strictEqual(resolution.configuration.port.value, undefined)
  })
})

/** The service for browsers with these options, or the first mistake. */
const web = (flags: Resolve.Flags, environment: { readonly [name: string]: string } = {}) => {
  const { configuration, mistakes } = Resolve.resolve({ flags, environment })
  return mistakes[0]?.message ?? Resolve.webOf(configuration)
}

describe("a switch", () => {
  it.each([
    [{}, {}, false],
    [{ noWeb: "true" }, {}, true],
    [{}, { PARTYLINE_NO_WEB: "true" }, true],
    [{}, { PARTYLINE_NO_WEB: "false" }, false]
  ])("by %j and %j is %s", (flags, environment, isOff) => {
    assert.deepStrictEqual(web(flags, environment), isOff ? undefined : { hosts: [], origins: [] })
  })

  it("is true or false", () => assert.match(String(web({}, { PARTYLINE_NO_WEB: "maybe" })), /true, false/))
})

describe("names and origins for browsers", () => {
  it("are lists", () => {
    assert.deepStrictEqual(
      web({ webHost: "chat.example.org, box", webOrigin: "https://a.example,http://b.example:3000" }),
      { hosts: ["chat.example.org", "box"], origins: ["https://a.example", "http://b.example:3000"] }
    )
  })

  it.each([
    { webHost: "a,,b" },
    { webHost: "http://a" },
    { webHost: "a:80" },
    { webOrigin: "a.example" },
    { webOrigin: "null" },
    { webOrigin: "https://a.example/path" }
  ])("%j is refused", (flags) => assert.match(String(web(flags)), /^--web-\w+ must be /))
})

describe("the printed configuration", () => {
  const printed = PrintConfig.toml("1.2.3", configuration)

  it("names the origin of each option, and comments defaults out", () => {
    assert.match(printed, /^max-users = 2 +# from --max-users$/m)
    assert.match(printed, /^outbox = "64k" +# from partyline\.toml$/m)
    assert.match(printed, /^port = 8001 +# from PARTYLINE_PORT$/m)
    assert.match(printed, /^trust-proxy = \["::1", "10\.0\.0\.0\/8"\] +# from partyline\.toml$/m)
    assert.match(printed, /^host = "::1" +# from --host$/m)
    assert.match(printed, /^#patience = "5s" +# the default$/m)
  })

  it("has no control character, in a value or the name of a file", () => {
    const flags = { motd: "a\u007f\u009bb" }
    const file = { path: "a\nb.toml", contents: new Map([["max-users", "5"]]), mistakes: [] }
    const { configuration } = Resolve.resolve({ flags, environment: {}, file })
    const printed = PrintConfig.toml("1.2.3", configuration)
    assert.match(printed, /^motd = "a\\u007f\\u009bb" +# from --motd$/m)
    assert.match(printed, /^max-users = 5 +# from a\\u000ab\.toml$/m)
  })

  it("has the texts as they were, in TOML that can be read", () => {
    for (const motd of ["0", "7", "007", "99999999999999999999", "1.50", "true", 'a "b" \\ #c', " "]) {
      const { configuration } = Resolve.resolve({ flags: { motd }, environment: {} })
      const read = parse(PrintConfig.toml("1.2.3", configuration))
      assert.strictEqual(String(read["motd"]), motd)
    }
  })

  it("has every option but --config", () => {
    for (const { flag } of Object.values(settings)) {
      if (flag !== "config") assert.match(printed, new RegExp(`^#?${flag} = `, "m"))
    }
  })
})
