import { assert, describe, it } from "@effect/vitest"
import * as HttpHead from "../../src/protocol/HttpHead.ts"
import { answer } from "../../src/web/Answer.ts"

const policy = { hosts: ["box"], origins: ["https://chat.example.org"] }
const KEY = "AAAAAAAAAAAAAAAAAAAAAA=="
const whole = `Connection: keep-alive, Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|Sec-WebSocket-Key: ${KEY}`
/** Fields of an upgrade, by what is wrong with them. */
const upgrades: { readonly [what: string]: string } = {
  upgrade: whole,
  "upgrade, version 8": whole.replace("13", "8"),
  "upgrade to h2c": whole.replace("websocket", "h2c"),
  "upgrade without Connection": whole.replace(", Upgrade", ""),
  "upgrade without a key": whole.replace(KEY, "x")
}

/** The answer to a request line and fields with `|` between them: a status, `page` or `websocket`. */
const answerTo = (line: string, fields: string): string => {
  const all = fields.split("|").flatMap((field) => (upgrades[field] ?? field).split("|"))
  const text = [`${line} HTTP/1.1`, ...all, "", ""].join("\r\n")
  const answered = answer(HttpHead.parse(Buffer.from(text, "latin1")), policy)
  return answered._tag === "Refusal" ? String(answered.status) : answered._tag.toLowerCase()
}

describe("a request is answered by the first check that it fails", () => {
  it.each([
    ["GET /", "Host: localhost:8001", "page"],
    ["HEAD /", "Host: localhost:8001", "page"],
    ["GET /?room=1", "Host: box", "page"],
    ["GET /", "Host: localhost|upgrade", "page"],
    ["GET /ws", "Host: localhost|upgrade", "websocket"],
    ["GET /ws?x", "Host: localhost|upgrade", "websocket"],
    ["GET /ws", "Host: localhost|Origin: http://localhost|upgrade", "websocket"],
    ["GET /ws", "Host: localhost|Origin: https://chat.example.org|upgrade", "websocket"],
    // The host, before everything else.
    ["POST /x", "no colon", "400"],
    ["POST /x", "Origin: null", "400"],
    ["POST /x", "Host:|Origin: null", "400"],
    ["POST /x", "Host: localhost|Host: localhost|Origin: null", "400"],
    ["POST /x", "Host: evil.example|Origin: null", "421"],
    ["POST /x", "Host: a b|Origin: null", "421"],
    // The path.
    ["POST /x", "Host: localhost|Origin: null", "404"],
    ["GET /ws/", "Host: localhost|upgrade", "404"],
    ["GET /%77s", "Host: localhost|upgrade", "404"],
    ["GET //", "Host: localhost", "404"],
    ["OPTIONS *", "Host: localhost", "404"],
    ["GET", "Host: localhost", "404"],
    // The method.
    ["POST /", "Host: localhost|Origin: null", "405"],
    ["OPTIONS /ws", "Host: localhost|Origin: null|upgrade", "405"],
    ["JOIN /", "Host: localhost", "405"],
    ["get /", "Host: localhost", "405"],
    // The upgrade.
    ["GET /ws", "Host: localhost|Origin: null", "426"],
    ["HEAD /ws", "Host: localhost|Origin: null|upgrade", "426"],
    ["GET /ws", "Host: localhost|Origin: null|upgrade, version 8", "426"],
    ["GET /ws", "Host: localhost|Origin: null|upgrade to h2c", "426"],
    ["GET /ws", "Host: localhost|Origin: null|upgrade without Connection", "426"],
    // The origin.
    ["GET /ws", "Host: localhost|Origin: null|upgrade", "403"],
    ["GET /ws", "Host: localhost|Origin: http://evil.example|upgrade", "403"],
    ["GET /ws", "Host: localhost|Origin: http://localhost:8002|upgrade without a key", "403"],
    ["GET /", "Host: localhost|Origin: null", "403"],
    ["GET /ws", "Host: localhost|upgrade without a key", "400"]
  ])("%s with %s: %s", (line, fields, expected) => assert.strictEqual(answerTo(line, fields), expected))

  it("tells how to allow a host, and repeats nothing that is not the name of one", () => {
    const lineFor = (host: string) => {
      const head = HttpHead.parse(Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`))
      const answered = answer(head, policy)
      return answered._tag === "Refusal" ? answered.line : ""
    }
    assert.match(lineFor("chat.example.org:8001"), /--web-host chat\.example\.org$/)
    assert.notInclude(lineFor("<script>"), "<")
  })
})
