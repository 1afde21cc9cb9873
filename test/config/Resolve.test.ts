import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as PrintConfig from "../../src/config/PrintConfig.ts"
import * as Resolve from "../../src/config/Resolve.ts"
import { settings } from "../../src/config/Settings.ts"

const configuration = Either.getOrThrow(
  Resolve.resolve({
    flags: { maxUsers: "2", host: "::1" },
    environment: { PARTYLINE_MAX_USERS: "3", PARTYLINE_MAX_LINE: "300" },
    file: {
      path: "partyline.toml",
      contents: new Map(Object.entries({ "max-users": "4", "max-line": "400", outbox: "4000" }))
    }
  })
)

describe("an option", () => {
  it.each([
    ["maxUsers", { text: "2", from: "--max-users", value: 2 }],
    ["host", { text: "::1", from: "--host", value: "::1" }],
    ["maxLine", { text: "300", from: "PARTYLINE_MAX_LINE", value: 300 }],
    ["outbox", { text: "4000", from: "partyline.toml", value: 4000 }],
    ["patience", { text: settings.patience.fallback, from: undefined, value: Duration.seconds(5) }],
    ["config", { text: undefined, from: undefined, value: undefined }]
  ] as const)("%s is %j", (name, expected) => assert.deepStrictEqual<unknown>(configuration[name], expected))

  it.each([
    [{ flags: { maxUsers: "0" }, environment: {} }, '"0"'],
    [{ flags: {}, environment: { PARTYLINE_MAX_USERS: "many" } }, '"many"']
  ])("%j is refused with its flag and its variable", (sources, text) => {
    assert.strictEqual(
      Either.getOrThrow(Either.flip(Resolve.resolve(sources))).message,
      `--max-users (or PARTYLINE_MAX_USERS) must be a whole number from 1 to 1000000, not ${text}`
    )
  })
})

describe("the printed configuration", () => {
  const printed = PrintConfig.toml("1.2.3", configuration)

  it("names the origin of each option, and comments defaults out", () => {
    assert.match(printed, /^max-users = 2 +# from --max-users$/m)
    assert.match(printed, /^outbox = 4000 +# from partyline\.toml$/m)
    assert.match(printed, /^host = "::1" +# from --host$/m)
    assert.match(printed, /^#patience = "5s" +# the default$/m)
  })

  it("has every option but --config", () => {
    for (const { flag } of Object.values(settings)) {
      if (flag !== "config") assert.match(printed, new RegExp(`^#?${flag} = `, "m"))
    }
  })
})
