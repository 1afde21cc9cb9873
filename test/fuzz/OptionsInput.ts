/** Random words, variables and files of options. */
import * as FastCheck from "effect/FastCheck"
import { options as known } from "../../src/config/Options.ts"
import { settings } from "../../src/config/Settings.ts"

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
export const contents = FastCheck.oneof(
  { weight: 6, arbitrary: FastCheck.array(statement, { maxLength: 6 }).map((lines) => Buffer.from(lines.join("\n"))) },
  { weight: 1, arbitrary: FastCheck.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)) }
)

/** No word may make the program serve or look around the machine. */
const refused = ["--check", "--probe"]
export const word = FastCheck.oneof(
  FastCheck.tuple(flag, text).map(([flag, text]) => [`--${flag}`, text]),
  FastCheck.tuple(flag, text).map(([flag, text]) => [`--${flag}=${text}`]),
  flag.map((flag) => [`--${flag}`]),
  FastCheck.constantFrom(...known.flatMap(({ flags }) => flags).filter((flag) => !refused.includes(flag))).map(
    (flag) => [flag]
  ),
  text.map((text) => [text])
).filter((words) => !words.some((word) => refused.some((flag) => word.startsWith(flag))))

export const variable = FastCheck.tuple(
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

/** A file with pieces of certificates and keys. */
export const pem = FastCheck.array(
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
