/** A real Prometheus that scrapes the program under the load generator of the benchmarks. */
import { fork } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { freePort } from "../support/freePort.ts"
import { asks, servesWatched } from "../support/Operator.ts"
import { itNeeds, runs, starts } from "../support/Program.ts"
import { looks } from "../support/waiting.ts"

const pathOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

interface Dashboard {
  readonly panels: ReadonlyArray<{ readonly targets: ReadonlyArray<{ readonly expr: string }> }>
}
const dashboard: Dashboard = JSON.parse(readFileSync(pathOf("docs/ops/grafana-dashboard.json"), "utf8"))
const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

/** The load generator's counts of its own traffic. */
interface Load {
  /** Lines sent. */
  readonly sent: number
  /** Messages expected to arrive. */
  readonly wanted: number
  readonly lost: number
  readonly duplicated: number
  readonly failed?: string
}

/** The response to an instant query. */
interface QueryAnswer {
  readonly status: string
  readonly data: { readonly result: ReadonlyArray<{ readonly value: readonly [number, string] }> }
}

const loads = (port: number, workload: { readonly [key: string]: unknown }) =>
  Effect.gen(function* () {
    const job = { port, pids: [process.pid], dialect: "partyline", workload, warmUp: 0, milliseconds: 1000 }
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => fork(pathOf("bench/load/main.mjs"), ["--load", JSON.stringify(job)])),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    return yield* Effect.async<Load>((resume) => {
      child.once("message", (load: Load) => resume(Effect.succeed(load)))
      child.once("error", (error) => resume(Effect.die(error)))
    })
  })

/** Starts a Prometheus that scrapes the port ten times a second. `answers` evaluates a query. */
const prometheus = (opsPort: number) =>
  Effect.gen(function* () {
    const folder = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "prometheus-"))),
      (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
    )
    const example = readFileSync(pathOf("docs/ops/prometheus.yml"), "utf8")
    const config = example.replace("127.0.0.1:9464", `127.0.0.1:${opsPort}`).replace("15s", "100ms")
    writeFileSync(join(folder, "prometheus.yml"), config)
    const port = yield* freePort
    const program = yield* starts([
      "prometheus",
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`
    ])
    yield* program.until(() => (program.stderr.includes("Server is ready to receive web requests") ? true : undefined))
    const answers = (query: string) =>
      Effect.map(asks(port, `/api/v1/query?query=${encodeURIComponent(query)}`), ({ body }) => {
        const answer: QueryAnswer = JSON.parse(body)
        expect({ query, ...answer }).toMatchObject({ query, status: "success" })
        return answer.data.result.map(({ value }) => Number(value[1]))
      })
    return { answers }
  })

describe("Prometheus", () => {
  itNeeds("prometheus")("has the same counts as the load generator, and a result for each query of the dashboard", () =>
    Effect.gen(function* () {
      const { opsPort, port } = yield* servesWatched()
      const { answers } = yield* prometheus(opsPort)
      const pair = yield* loads(port, { clients: 10, pace: 4000, size: 64 })
      const fanout = yield* loads(port, { clients: 10, pace: 500, size: 64, isFanout: true })
      for (const load of [pair, fanout]) expect(load).toMatchObject({ lost: 0, duplicated: 0 })
      expect(pair.sent).toBeGreaterThan(100)
      expect(fanout.wanted).toBe(fanout.sent * 9)

      const expected = {
        'sum(partyline_lines_total{command="mesg"})': pair.sent,
        'sum(partyline_lines_total{command="bcst"})': fanout.sent,
        'sum(partyline_lines_total{command="join"})': 20,
        partyline_deliveries_total: pair.wanted + fanout.wanted,
        partyline_sent_bytes_total:
          (pair.wanted + fanout.wanted) * `FROM u0000: ${"x".repeat(64)}\r\n`.length +
          20 * "JOIN u0000 Request Accepted\r\n".length,
        partyline_connections_accepted_total: 20,
        "sum(partyline_connections_ended_total)": 20,
        partyline_connections: 0,
        partyline_registered_users: 0,
        partyline_outbox_bytes: 0,
        "sum(partyline_connections_refused_total)": 0
      }
      const told = Effect.forEach(Object.keys(expected), (query) =>
        Effect.map(answers(query), ([value]) => [query, value] as const)
      ).pipe(Effect.map(Object.fromEntries))
      // The next scrape comes up to 100 ms later.
      const isScraped = (found: unknown) => isDeepStrictEqual(found, expected)
      yield* looks(`the counts of the load, ${JSON.stringify(expected)}`, Effect.delay(told, "100 millis"), isScraped)
      for (const query of queries) {
        const here = query.replaceAll("$__rate_interval", "10s").replaceAll("$instance", ".*")
        // A rate is of two scrapes.
        yield* looks(`an answer to ${query}`, Effect.delay(answers(here), "20 millis"), ({ length }) => length > 0)
      }
    })
  )

  itNeeds("promtool")("accepts the example configuration", () =>
    Effect.map(runs(["promtool", "check", "config", pathOf("docs/ops/prometheus.yml")]), (end) =>
      expect(end).toMatchObject({ code: 0, stderr: "" })
    )
  )
})

describe("the Grafana dashboard", () => {
  it.scopedLive("queries only metrics that exist", () =>
    Effect.gen(function* () {
      const { asks } = yield* servesWatched()
      const { body } = yield* asks("/metrics")
      const there = new Set([...body.matchAll(/^([a-z_]+)[{ ]/gm)].map(([, name]) => name))
      const asked = queries.flatMap((query) => query.match(/\b(?:partyline|process|nodejs)_[a-z_]+/g) ?? [])
      expect(asked.length).toBeGreaterThan(20)
      expect(asked.filter((name) => !there.has(name))).toEqual([])
    })
  )
})
