/** Spans of the built program, as an OpenTelemetry collector receives them. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { collector, type Post } from "../support/Collector.ts"
import { serves } from "../support/Program.ts"

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string; readonly intValue?: number }
}
interface Span {
  readonly name: string
  readonly kind: number
  readonly parentSpanId?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: ReadonlyArray<Attribute>
}
interface Traces {
  readonly resourceSpans: ReadonlyArray<{
    readonly resource: { readonly attributes: ReadonlyArray<Attribute> }
    readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<Span> }>
  }>
}
const plain = (attributes: ReadonlyArray<Attribute>) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]))

const spansOf = (posts: ReadonlyArray<Post>) =>
  posts.flatMap(({ body }) => {
    const { resourceSpans }: Traces = JSON.parse(body)
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  })

describe("tracing", { concurrent: true }, () => {
  it.scopedLive("sends one span per connection with descriptor, peer, name and ending, and no text of messages", () =>
    Effect.gen(function* () {
      const { endpoint, posts } = yield* collector()
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
        OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20secret",
        OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=test"
      }
      const { connects, joins, program } = yield* serves([], { env })
      const ann = yield* joins("ann")
      const stranger = yield* connects
      const peers = [ann, stranger].map(({ socket }) => `127.0.0.1:${socket.localPort}`)
      for (const caller of [ann, stranger]) {
        yield* caller.types("PING\nPING\nMESG ann secret words\nQUIT")
        yield* caller.isLeft
      }
      const fds = yield* program.captures(/^Client \((\d+)\): Connection Accepted$/, 2)
      // The spans are sent every few seconds.
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => spansOf(posts).length === 2 })
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })

      const spans = spansOf(posts)
      expect(spans.map(({ kind, name, parentSpanId }) => ({ kind, name, parentSpanId }))).toEqual([
        { kind: 2, name: "connection", parentSpanId: undefined },
        { kind: 2, name: "connection", parentSpanId: undefined }
      ])
      expect(spans.map(({ attributes }) => plain(attributes))).toMatchObject([
        { fd: Number(fds[0]), peer: peers[0], name: "ann", ending: "quit" },
        { fd: Number(fds[1]), peer: peers[1], ending: "quit" }
      ])
      for (const { endTimeUnixNano, startTimeUnixNano } of spans) {
        expect(BigInt(endTimeUnixNano) > BigInt(startTimeUnixNano)).toBe(true)
      }
      for (const { body, headers, path } of posts) {
        expect(path).toBe("/v1/traces")
        expect(headers).toMatchObject({ authorization: "Bearer secret", "content-type": "application/json" })
        expect(body).toContain('"partyline"')
        expect(body).toContain("deployment.environment")
        expect(body).not.toContain("secret words")
      }
      expect(program.stdout).not.toContain("secret")
    })
  )

  it.scopedLive("sends protobuf unless JSON is configured", () =>
    Effect.gen(function* () {
      const { endpoint, isAsked, posts } = yield* collector()
      const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${endpoint}/here` }
      const { joins, program } = yield* serves([], { env })
      const ann = yield* joins("ann")
      yield* ann.types("QUIT")
      yield* isAsked
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
      expect(posts.map(({ headers, path }) => [path, headers["content-type"]])).toEqual([
        ["/here", "application/x-protobuf"]
      ])
      expect(posts[0]?.body).toContain("quit")
    })
  )

  it.scopedLive("with a collector that does not answer, serves, and shuts down", () =>
    Effect.gen(function* () {
      const { endpoint, isAsked } = yield* collector({ answers: false })
      const { joins, program } = yield* serves([], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
      const ann = yield* joins("ann")
      yield* ann.types("QUIT")
      yield* isAsked
      yield* joins("ann")
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
    })
  )

  it.scopedLive("with an invalid endpoint, reports it and serves", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves([], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense" } })
      yield* joins("ann")
      yield* program.says(
        "Configuration: connections are not traced: OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http://localhost:4318"
      )
      expect(program.stderr).toBe("")
    })
  )

  it.scopedLive("with a collector that refuses connections, serves and shuts down cleanly", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves([], { env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" } })
      yield* joins("ann")
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
    })
  )
})
