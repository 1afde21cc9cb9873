/** The command line with random words, variables and files: it succeeds, or says in one line each what is wrong. */
import { deepStrictEqual, match, ok } from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import { run } from "../../src/cli/Cli.ts"
import { options as known } from "../../src/config/Options.ts"
import { settings } from "../../src/config/Settings.ts"
import { load } from "../../src/transports/Certificate.ts"
import { cleaned } from "./Bytes.ts"
import { liveProperty, target } from "./Target.ts"

const flags = Object.values(settings).map(({ flag }) => flag)
const flag = FastCheck.constantFrom(...flags)
const hostile = [
  "\u001b[2J",
  "\u009b31m",
  "\u202e",
  "\u2028",
  "\u007f",
  "\ufeff",
  "\n",
  "\r\n",
  "\t",
  '"',
  "\\",
  "#",
  "'",
  "é👋",
  "\0"
]
const text = FastCheck.oneof(
  FastCheck.constantFrom(
    ...[
      "0",
      "1",
      "10",
      "007",
      "-1",
      "1.5",
      "1e3",
      "nan",
      "inf",
      "99999999999999999999",
      "64k",
      "1MiB",
      "1MB",
      "5s",
      "500ms"
    ],
    ...[
      "5 s",
      "596h",
      "597h",
      "0s",
      "true",
      "false",
      "debug",
      "json",
      "localhost",
      "::1",
      "10.0.0.0/8, ::1",
      "10.0.0.0/33"
    ],
    ...[
      "",
      " ",
      "main",
      "@",
      "@/not/there",
      "redis://localhost:6379",
      "rediss://u:p@h/0",
      "redis-sentinel://a,b/m",
      "a,b",
      "box"
    ],
    ...["https://example.org", "__proto__", "constructor", "toString", "x".repeat(300)]
  ),
  FastCheck.array(FastCheck.oneof(FastCheck.constantFrom(...hostile), FastCheck.string({ maxLength: 4 })), {
    maxLength: 5
  }).map((parts) => parts.join("")),
  FastCheck.fullUnicodeString({ maxLength: 10 })
)

/** A value of TOML, some of them of the wrong kind, and some no value at all. */
const value = FastCheck.oneof(
  text.map((text) => JSON.stringify(text)),
  text,
  FastCheck.constantFrom(
    ...[
      "0",
      "5",
      "-5",
      "+5",
      "1_000",
      "0x1f",
      "1e400",
      "-0",
      "nan",
      "-inf",
      "9223372036854775807",
      "92233720368547758080"
    ],
    ...[
      "true",
      "[]",
      "[[]]",
      '["a", "b"]',
      "['a', 5]",
      "{}",
      "{ a = 1 }",
      "1979-05-27T07:32:00Z",
      "07:32:00",
      "''",
      '""'
    ],
    ...[
      "'''\na\nb'''",
      '"""\\\n a"""',
      '"\\u001b[2J"',
      '"\\u009b"',
      '"\\ud800"',
      '"\\x"',
      "",
      "#",
      `${"[".repeat(2000)}`
    ]
  )
)
const key = FastCheck.oneof(
  { weight: 6, arbitrary: flag },
  {
    weight: 1,
    arbitrary: FastCheck.constantFrom(
      "max-user",
      "max_users",
      "limits.max-users",
      "__proto__",
      '"a b"',
      '"\\u001b[2J"',
      '"\\u009b31m"',
      "''",
      "é"
    )
  },
  { weight: 1, arbitrary: text.map((text) => JSON.stringify(text)) }
)
const statement = FastCheck.oneof(
  { weight: 12, arbitrary: FastCheck.tuple(key, value).map(([key, value]) => `${key} = ${value}`) },
  {
    weight: 2,
    arbitrary: FastCheck.constantFrom(
      "",
      "# comment",
      "[limits]",
      "[[limits]]",
      "[a.b]",
      "=",
      "max-users",
      "\ufeff",
      "\0"
    )
  },
  { weight: 1, arbitrary: text }
)
const contents = FastCheck.oneof(
  { weight: 6, arbitrary: FastCheck.array(statement, { maxLength: 6 }).map((lines) => Buffer.from(lines.join("\n"))) },
  { weight: 1, arbitrary: FastCheck.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)) }
)

/** No word may make the program serve or look around the machine. */
const refused = ["--check", "--probe"]
const word = FastCheck.oneof(
  FastCheck.tuple(flag, text).map(([flag, text]) => [`--${flag}`, text]),
  FastCheck.tuple(flag, text).map(([flag, text]) => [`--${flag}=${text}`]),
  flag.map((flag) => [`--${flag}`]),
  FastCheck.constantFrom(...known.flatMap(({ flags }) => flags).filter((flag) => !refused.includes(flag))).map(
    (flag) => [flag]
  ),
  text.map((text) => [text])
).filter((words) => !words.some((word) => refused.some((flag) => word.startsWith(flag))))

const variable = FastCheck.tuple(
  FastCheck.oneof(
    flag.map((flag) => `PARTYLINE_${flag.toUpperCase().replaceAll("-", "_")}`),
    FastCheck.constantFrom(
      "PARTYLINE_MAX_USER",
      "PARTYLINE_",
      "PARTYLINE_PORT_1_TCP",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_PROTOCOL"
    )
  ),
  text.map((text) => text.replaceAll("\0", ""))
)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-options-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

interface End {
  readonly isSuccess: boolean
  readonly out: string
  readonly complaints: ReadonlyArray<string>
}

/** Runs the command line in this process, with these variables and no others of partyline. */
const runs = (words: ReadonlyArray<string>, variables: ReadonlyArray<readonly [string, string]>): Effect.Effect<End> =>
  Effect.gen(function* () {
    const out: Array<string> = []
    const errors: Array<string> = []
    const into = (lines: Array<string>) => (text: unknown) => Effect.sync(() => void lines.push(String(text)))
    const console = yield* Console.consoleWith(Effect.succeed)
    const recording = { ...console, log: into(out), error: into(errors) }
    const names = Object.keys(process.env).filter((name) => /^(?:PARTYLINE|OTEL)_/.test(name))
    for (const name of names) delete process.env[name]
    for (const [name, text] of variables) process.env[name] = text
    const exit = yield* run(["node", "partyline", ...words]).pipe(
      Effect.provide(NodeContext.layer),
      Effect.withConsole(recording),
      Effect.exit,
      Effect.ensuring(
        Effect.sync(() => {
          for (const [name] of variables) delete process.env[name]
        })
      )
    )
    return { isSuccess: Exit.isSuccess(exit), out: out.join("\n"), complaints: errors }
  })

const USAGE = /^usage: /

/** What every run owes to its user. */
const isClear = ({ complaints, isSuccess, out }: End): void => {
  for (const complaint of complaints) {
    if (USAGE.test(complaint)) continue
    match(complaint, /^partyline: /)
    ok(!complaint.includes("a fault of partyline's own"), complaint)
    deepStrictEqual(cleaned(complaint), complaint)
  }
  deepStrictEqual(new Set(complaints).size, complaints.length, complaints.join("\n"))
  if (isSuccess) return
  deepStrictEqual(out, "")
  ok(
    complaints.some((complaint) => !USAGE.test(complaint)),
    "nothing was said"
  )
}

/** The configuration without the origins of its values. */
const valuesOf = (printed: string): string => printed.replace(/ *# (?:from |the default|not set).*$/gm, "")

const printsWhatItReads = liveProperty(
  folder,
  FastCheck.record({
    contents,
    hasFile: FastCheck.boolean(),
    words: FastCheck.array(word, { maxLength: 4 }).map((words) => words.flat()),
    variables: FastCheck.array(variable, { maxLength: 3 })
  }),
  (folder, { contents, hasFile, variables, words }) =>
    Effect.gen(function* () {
      const path = join(folder, "partyline.toml")
      writeFileSync(path, contents)
      const all = ["--print-config", ...words, ...(hasFile ? ["--config", path] : [])]
      const first = yield* runs(all, variables)
      isClear(first)
      if (!first.isSuccess || !first.out.startsWith("# Configuration")) return
      writeFileSync(path, first.out)
      const second = yield* runs(["--print-config", "--config", path], [])
      isClear(second)
      deepStrictEqual(second.complaints, [])
      deepStrictEqual(
        valuesOf(second.out).replace(/^#(?=[a-z-]+ = )/gm, ""),
        valuesOf(first.out).replace(/^#(?=[a-z-]+ = )/gm, "")
      )
    }),
  50
)

/** With a fault in an option, the server does not start, and says the same as --print-config. */
const startsWithoutFault = liveProperty(
  folder,
  FastCheck.record({ contents, variables: FastCheck.array(variable, { maxLength: 2 }) }),
  (folder, { contents, variables }) =>
    Effect.gen(function* () {
      const path = join(folder, "partyline.toml")
      writeFileSync(path, contents)
      const printed = yield* runs(["--print-config", "--config", path], variables)
      if (printed.isSuccess) return
      const started = yield* runs(["0", "--config", path], variables)
      isClear(started)
      deepStrictEqual(started.isSuccess, false)
      for (const complaint of printed.complaints)
        if (!USAGE.test(complaint) && !/<port>|PARTYLINE_PORT/.test(complaint))
          ok(started.complaints.includes(complaint), complaint)
    })
)

const pem = FastCheck.array(
  FastCheck.oneof(
    FastCheck.constantFrom(
      ...[
        "-----BEGIN CERTIFICATE-----\n",
        "-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\n",
        "-----END PRIVATE KEY-----\n"
      ],
      ...["MIIB", "AAAA", "\n", "=", "-----BEGIN EC PRIVATE KEY-----\n", "-----END EC PRIVATE KEY-----\n", "-----"]
    ),
    FastCheck.base64String({ maxLength: 200 })
  ),
  { maxLength: 8 }
).map((parts) => parts.join(""))

/** Files named by options: certificates and keys, a message of the day, a token. */
const readsFiles = liveProperty(
  folder,
  FastCheck.record({ cert: pem, key: pem, bytes: FastCheck.uint8Array({ maxLength: 60 }) }),
  (folder, { bytes, cert, key }) =>
    Effect.gen(function* () {
      const file = (name: string, contents: string | Uint8Array) => {
        const path = join(folder, name)
        writeFileSync(path, contents)
        return path
      }
      const files = { cert: file("cert.pem", cert), key: file("key.pem", key), clientCa: file("ca.pem", bytes) }
      const { message } = yield* Effect.flip(load(files))
      match(message, /^cannot use [^\n]+: [^\n]+$/)
      const path = file("text", bytes)
      isClear(yield* runs(["--print-config", "--motd", `@${path}`, "--ops-token", `@${path}`], []))
    }).pipe(Effect.orDie)
)

export const options = target(
  "the command line, variables and files of options: one clear line for each fault, and nothing else",
  printsWhatItReads,
  startsWithoutFault,
  readsFiles
)
