import { assert, describe, it } from "@effect/vitest"
import * as Configuration from "../src/config/Resolve.ts"
import { settings } from "../src/config/Settings.ts"
import * as Reload from "../src/Reload.ts"

const file = (contents: { readonly [flag: string]: string }) => ({
  path: "partyline.toml",
  contents: new Map(Object.entries(contents))
})

describe("an option", () => {
  const args = ["8001", "--max-users", "2", "--host=::1"]
  const env = { PARTYLINE_MAX_USERS: "3", PARTYLINE_MAX_LINE: "300" }
  const holds = Configuration.resolve(args, env, file({ "max-users": "4", "max-line": "400", outbox: "4000" }))

  it.each([
    ["maxUsers", "2", "--max-users"],
    ["host", "::1", "--host"],
    ["maxLine", "300", "PARTYLINE_MAX_LINE"],
    ["outbox", "4000", "partyline.toml"],
    ["patience", settings.patience.fallback, undefined],
    ["config", undefined, undefined]
  ] as const)("%s is %s, from %s", (name, text, from) => assert.deepStrictEqual(holds[name], { text, from }))

  it("is in the printed file, commented out where it is the default", () => {
    const printed = Configuration.toml("1.2.3", holds)
    assert.match(printed, /^max-users = 2 +# from --max-users$/m)
    assert.match(printed, /^outbox = 4000 +# from partyline\.toml$/m)
    assert.match(printed, /^host = "::1" +# from --host$/m)
    assert.match(printed, /^#patience = "5s" +# the default$/m)
    for (const { flag } of Object.values(settings)) {
      if (flag !== "config") assert.match(printed, new RegExp(`^#?${flag} = `, "m"))
    }
  })
})

describe("when the file is read again", () => {
  const changes = (now: { readonly [flag: string]: string }, then: { readonly [flag: string]: string }) =>
    Reload.changes(Configuration.resolve([], {}, file(now)), Configuration.resolve([], {}, file(then)))

  it("what is the same changes nothing", () => {
    assert.deepStrictEqual(changes({ "max-users": "10" }, {}), [])
  })

  it("what can change does, for everybody or for those who come", () => {
    assert.deepStrictEqual(changes({}, { "max-users": "20", "max-line": "80" }), [
      { holds: { maxUsers: 20 }, line: "Configuration: max-users Is Now 20 (Was 10)" },
      {
        holds: { maxLine: 80 },
        line: "Configuration: max-line Is Now 80 (Was 4096), for Those who Connect from Now on"
      }
    ])
  })

  it("what cannot change waits for a restart, and it is said", () => {
    assert.deepStrictEqual(changes({ "log-format": "json" }, { host: "::1" }), [
      { holds: {}, line: "Configuration: host Stays not set; ::1 Needs a Restart" },
      { holds: {}, line: "Configuration: log-format Stays json; text Needs a Restart" }
    ])
  })
})
