import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Telemetry from "../../src/config/Telemetry.ts"

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" }
const url = "http://collector:4318/v1/traces"
const usual = { url, headers: {}, format: "protobuf", serviceName: "partyline" }

const cases: ReadonlyArray<readonly [string, { readonly [name: string]: string }, object | string | undefined]> = [
  ["no endpoint, no tracing", { OTEL_SERVICE_NAME: "x" }, undefined],
  ["an empty endpoint is none", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }, undefined],
  ["an endpoint for everything has a path for traces", endpoint, usual],
  [
    "an endpoint for traces is taken as it is, and goes first",
    { ...endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://here/x" },
    { ...usual, url: "http://here/x" }
  ],
  ["tracing can be disabled", { ...endpoint, OTEL_SDK_DISABLED: "true" }, undefined],
  ["traces can go nowhere", { ...endpoint, OTEL_TRACES_EXPORTER: "none" }, undefined],
  ["JSON if asked for", { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" }, { ...usual, format: "json" }],
  [
    "headers are pairs, with values as in an address",
    { ...endpoint, OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20a=b, x = 1 ,broken,y=%zz" },
    { ...usual, headers: { authorization: "Bearer a=b", x: "1", y: "%zz" } }
  ],
  [
    "an endpoint that is no address",
    { OTEL_EXPORTER_OTLP_ENDPOINT: "localhost:4318" },
    "OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http://localhost:4318"
  ],
  [
    "a protocol that is not spoken",
    { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
    "OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf, http/json"
  ],
  ["a name of one's own", { ...endpoint, OTEL_SERVICE_NAME: "chat" }, { ...usual, serviceName: "chat" }],
  [
    "a name among the attributes",
    { ...endpoint, OTEL_RESOURCE_ATTRIBUTES: "service.name=chat" },
    { ...usual, serviceName: undefined }
  ]
]

describe("OpenTelemetry's variables", () => {
  it.effect.each(cases)("%s", ([, variables, expected]) =>
    Effect.map(
      Effect.withConfigProvider(Telemetry.tracing, ConfigProvider.fromMap(new Map(Object.entries(variables)))),
      (tracing) => assert.deepStrictEqual<unknown>(Either.merge(tracing), expected)
    )
  )
})
