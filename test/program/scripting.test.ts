/** The recipes of docs/scripting.md, run as they are written there. */
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { itNeeds, serves, starts } from "../support/Program.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const page = readFileSync(join(root, "docs/scripting.md"), "utf8")
const recipes = new Map(
  Array.from(page.matchAll(/<!-- recipe: (\w+) -->\n```sh\n([\s\S]*?)```/g), ([, name = "", script = ""]) => [
    name,
    script
  ])
)

/** A folder with `partyline` in it, a server with ann in it who WATCHes, and a way to start a recipe there. */
const kitchen = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const command = join(folder, "partyline")
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(root, "dist/bin.js")}" "$@"\n`)
  chmodSync(command, 0o755)
  const { joins, port } = yield* serves()
  const ann = yield* joins("ann")
  yield* ann.types("WATCH")
  yield* ann.hears
  const cooks = (name: string) => {
    const script = (recipes.get(name) ?? "exit 99").replaceAll("localhost:8001", `127.0.0.1:${port}`)
    const whole = script.replaceAll("localhost 8001", `127.0.0.1 ${port}`)
    const path = `${folder}:${process.env["PATH"] ?? ""}`
    return Effect.tap(starts(["setsid", "bash", "-c", `cd "${folder}"\n${whole}`], { PATH: path }), ({ child }) =>
      Effect.addFinalizer(() => Effect.ignore(Effect.try(() => process.kill(-(child.pid ?? 0), "SIGKILL"))))
    )
  }
  /** The next line that is not about joining and leaving. */
  const hears = Effect.repeat(ann.hears, { until: (line) => !/^(?:JOINED|LEFT) /.test(line) })
  /** Waits until somebody has joined, and gives the name. */
  const arrival = Effect.map(Effect.repeat(ann.hears, { until: (line) => line.startsWith("JOINED ") }), (line) =>
    line.slice(7)
  )
  return { ann, arrival, cooks, folder, hears }
})

describe("the recipes", () => {
  it("are all tested here", () => {
    expect([...recipes.keys()].sort()).toEqual(["bot", "build", "log", "nc", "wait"])
  })

  for (const [makefile, result] of [
    ["all:\n\ttrue\n", "green"],
    ["all:\n\tfalse\n", "broken"]
  ] as const) {
    itNeeds("make")(`a build that is ${result}`, () =>
      Effect.gen(function* () {
        const { cooks, folder, hears } = yield* kitchen
        writeFileSync(join(folder, "Makefile"), makefile)
        const script = yield* cooks("build")
        expect(yield* hears).toMatch(new RegExp(`^FROM builder: The build of partyline-\\w+ is ${result}$`))
        expect((yield* script.ended).code).toBe(0)
      })
    )
  }

  it.scopedLive("wait for a word", () =>
    Effect.gen(function* () {
      const { ann, arrival, cooks } = yield* kitchen
      const script = yield* cooks("wait")
      expect(yield* arrival).toBe("deployer")
      yield* ann.types("MESG deployer go")
      const { code, stdout } = yield* script.ended
      expect(code).toBe(0)
      expect(stdout).toMatch(/^(?:MESG )?FROM ann: go\nGoing on\n$/)
    })
  )

  it.scopedLive("a bot that answers", () =>
    Effect.gen(function* () {
      const { ann, arrival, cooks, hears } = yield* kitchen
      const script = yield* cooks("bot")
      yield* script.until(() => (script.stderr.includes("listening on") ? true : undefined))
      expect(yield* arrival).toBe("echo")
      yield* ann.types("MESG echo -x: $(date) *")
      expect(yield* hears).toMatch(/^MESG FROM \w+: You said: -x: \$\(date\) \*$/)
    })
  )

  it.scopedLive("follow a log", () =>
    Effect.gen(function* () {
      const { arrival, cooks, folder, hears } = yield* kitchen
      const log = join(folder, "app.log")
      writeFileSync(log, "ERROR before\n")
      yield* cooks("log")
      expect(yield* arrival).toBe("log")
      // tail has begun to follow, or will.
      const adding = Effect.sync(() => appendFileSync(log, "INFO fine\nERROR on fire\n"))
      const repeatedly = Effect.repeat(adding, Schedule.spaced("100 millis"))
      expect(yield* Effect.raceFirst(hears, Effect.zipRight(repeatedly, Effect.never))).toBe("FROM log: ERROR on fire")
    })
  )

  itNeeds("nc")("nothing but nc", () =>
    Effect.gen(function* () {
      const { cooks, hears } = yield* kitchen
      const script = yield* cooks("nc")
      expect(yield* hears).toBe("FROM robot: The build is green")
      expect(yield* script.ended).toMatchObject({ code: 0, stdout: "JOIN robot Request Accepted\r\nPONG\r\n" })
    })
  )
})
