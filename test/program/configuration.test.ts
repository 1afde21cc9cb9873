/** Options in a file: read at the start, printed, and read again on SIGHUP. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serves, tries } from "../support/Program.ts"

/** A configuration file, and a function that replaces its contents. */
const file = (text: string) =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-config-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
    )
    const path = join(folder, "partyline.toml")
    const says = (text: string) => Effect.sync(() => writeFileSync(path, text))
    yield* says(text)
    return { path, says }
  })

const wrong: ReadonlyArray<readonly [string, string]> = [
  ["max-user = 5", 'line 1: there is no option "max-user"; did you mean max-users?'],
  ["# users\n\nmax_users = 5", 'line 3: there is no option "max_users"; did you mean max-users?'],
  ['motd = """\nmax-user = 5\n"""\nmax-user = 5', 'line 4: there is no option "max-user"; did you mean max-users?'],
  ["port = 0\n[limits]\nmax-users = 5", 'line 2: there is no option "limits"'],
  ["limits.max-users = 5", 'line 1: there is no option "limits"'],
  ['config = "other.toml"', 'line 1: there is no option "config"'],
  ["max-users = 0", "line 1: max-users must be a whole number from 1 to 1000000, not 0"],
  ['max-users = "many"', 'line 1: max-users must be a whole number from 1 to 1000000, not "many"'],
  ["ops-token = { a = 1 }", "line 1: ops-token must be @ and the name of a file that can be read"],
  ["max-users = nan", "line 1: max-users must be a whole number from 1 to 1000000, not NaN"],
  ['"\\u001b[2J\\u009b" = 5', 'line 1: there is no option "\\u001b[2J\\u009b"'],
  ["max-users = [5]", "line 1: max-users must be a whole number from 1 to 1000000, not [5]"],
  ["motd = true", "line 1: motd must be a text, not true"],
  [
    'motd = "@/not/there"',
    'line 1: motd must be @ and the name of a file that can be read (ENOENT), not "@/not/there"'
  ],
  ['ops-token = "@/"', 'line 1: ops-token must be @ and the name of a file that can be read (EISDIR), not "@/"'],
  ['trust-proxy = ["10.0.0.1", "proxy"]', "line 1: trust-proxy must be addresses or networks like 10.0.0.0/8"],
  ["trust-proxy = []", "line 1: trust-proxy must be addresses or networks like 10.0.0.0/8"],
  ['outbox = "1MB"', "line 1: outbox must be a number of bytes like 4096, 64k or 1MiB"],
  ['patience = "5 s"', 'line 1: patience must be a duration like 500ms, 5s, 2m or 1h (at most 596h), not "5 s"'],
  ['log-level = "loud"', 'line 1: log-level must be one of debug, info, warning, error, none, not "loud"'],
  ["max-users = 5\nmax-users =", "line 2: Invalid TOML document"]
]

describe("an error in the file is one plain line with its path, and exit code 1:", { concurrent: true }, () => {
  for (const [text, says] of wrong) {
    it.scopedLive(JSON.stringify(text), () =>
      Effect.gen(function* () {
        const { path } = yield* file(text)
        const { code, stderr, stdout } = yield* tries(["0", "--config", path])
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
        expect(stderr).toMatch(/^[^\n]+\n$/)
        expect(stderr).toContain(`partyline: ${path}: ${says}`)
      })
    )
  }

  it.scopedLive("of several errors, each has a line", () =>
    Effect.gen(function* () {
      const { path } = yield* file("max-user = 5\nrate = -1")
      const { code, stderr } = yield* tries(["0", "--config", path])
      expect(code).toBe(1)
      expect(stderr.split("\n")).toEqual([
        `partyline: ${path}: line 1: there is no option "max-user"; did you mean max-users?`,
        `partyline: ${path}: line 2: rate must be a whole number from 0 to 1000000, not -1`,
        ""
      ])
    })
  )

  it.scopedLive("a secret in place of the file that has it, and does not show it", () =>
    Effect.gen(function* () {
      const { path } = yield* file('ops-token = "correct-horse-battery"')
      expect((yield* tries(["0", "--config", path])).stderr.split("\n")[0]).toBe(
        `partyline: ${path}: line 1: ops-token must be @ and the name of a file that can be read`
      )
    })
  )

  it.scopedLive("a missing file", () =>
    Effect.map(tries(["0"], { env: { PARTYLINE_CONFIG: "/not/there.toml" } }), (end) =>
      expect(end).toMatchObject({
        code: 1,
        stdout: "",
        stderr: "partyline: /not/there.toml: there is no such file (ENOENT)\n"
      })
    )
  )
})

describe("the output of --print-config", () => {
  it.scopedLive("is the configuration (flag before environment before file), and gives the same one as --config", () =>
    Effect.gen(function* () {
      const { path, says } = yield* file(
        'max-users = 2\nmax-line = 300\noutbox = "64k"\ntrust-proxy = ["127.0.0.1", "10.0.0.0/8"]\n'
      )
      const env = { PARTYLINE_MAX_USERS: "3", PARTYLINE_MAX_LINE: "400" }
      const first = yield* tries(["--max-users", "5", "--print-config", "--config", path], { env })
      expect(first).toMatchObject({ code: 0, stderr: "" })
      const origins = (stdout: string) => stdout.match(/^[a-z].* # from .*$/gm)?.map((line) => line.replace(/ +/g, " "))
      expect(origins(first.stdout)).toEqual([
        "max-users = 5 # from --max-users",
        "max-line = 400 # from PARTYLINE_MAX_LINE",
        `outbox = "64k" # from ${path}`,
        `trust-proxy = ["127.0.0.1", "10.0.0.0/8"] # from ${path}`
      ])
      yield* says(first.stdout)
      const second = yield* tries(["--config", path, "--print-config"])
      expect(second.stdout).toBe(first.stdout.replace(/# from .*$/gm, `# from ${path}`))
    })
  )

  it.scopedLive("is an error if an option is wrong", () =>
    Effect.map(tries(["--print-config", "--max-users", "0"]), ({ code, stderr, stdout }) => {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toContain("--max-users")
    })
  )
})

describe("on SIGHUP", () => {
  it.scopedLive("options change without dropping a connection, and a broken file changes nothing", () =>
    Effect.gen(function* () {
      const { path, says } = yield* file("max-users = 1")
      const { connects, joins, program } = yield* serves(["--config", path])
      const ann = yield* joins("ann")
      const tooMany = yield* connects
      yield* tooMany.types("JOIN bob")
      expect(yield* tooMany.hears).toBe("Too Many Users. Disconnecting User.")

      yield* says('max-users = 2\nidle-timeout = "1m"')
      yield* program.signals("SIGHUP")
      yield* program.says("Configuration: max-users Is Now 2 (Was 1)")
      yield* program.says("Configuration: idle-timeout Stays 0; 1m Needs a Restart")
      const bob = yield* connects
      yield* bob.types("JOIN bob\nMESG ann hello")
      expect(yield* bob.hears).toBe("JOIN bob Request Accepted")
      expect(yield* ann.hears).toBe("FROM bob: hello")

      yield* says("max-users = none")
      yield* program.signals("SIGHUP")
      yield* program.until(() =>
        program.lines.find((line) => line.startsWith(`Configuration Not Changed: ${path}: line 1:`))
      )
      // Fewer seats than users: all stay, and no other can join.
      yield* says("max-users = 1")
      yield* program.signals("SIGHUP")
      yield* program.says("Configuration: max-users Is Now 1 (Was 2)")
      yield* bob.types("PING")
      expect(yield* bob.hears).toBe("PONG")
      yield* bob.types("QUIT")
      expect(yield* bob.isLeft).toEqual([])
      const cid = yield* connects
      yield* cid.types("JOIN cid")
      expect(yield* cid.hears).toBe("Too Many Users. Disconnecting User.")
    })
  )
})
