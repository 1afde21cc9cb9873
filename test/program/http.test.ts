/** HTTP and TLS on the plain port, from real programs and a real browser: nothing of it is executed, whatever is served. */
import * as Http from "node:http"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { itNeeds, runs, serves } from "../support/Program.ts"

const ATTACK = "JOIN evil\r\nBCST hi\r\n"
const HTTP = "HTTP Request. Disconnecting User."
const TLS = "TLS Hello. Disconnecting User."
const TEXT = "This is a chat relay for telnet and nc, and has no page.\n"

/** A program in whose room a member sees everything that happens: messages, and who joins. */
const servesMember = (args: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const { connects, joins, port, program } = yield* serves(args)
    const ann = yield* joins("ann")
    yield* ann.types("WATCH")
    expect(yield* ann.hears).toBe("WATCH Request Accepted")
    const [fd] = yield* program.captures(/^Client \((\d+)\): WATCH$/, 1)
    /** Expects that the member heard nothing, and that the log has no line of a command but the member's. */
    const isUndisturbed = Effect.gen(function* () {
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
      yield* program.says(`Client (${fd}): PING`)
      const executed = program.lines.filter(
        (line) =>
          !/^(Starting partyline|Waiting for Incoming Connections on) /.test(line) &&
          !line.startsWith(`Client (${fd}): `) &&
          !/^Client \(\d+\): (Connection Accepted|Connection Handler Assigned|.*Disconnecting User\.)$/.test(line)
      )
      expect(executed).toEqual([])
      expect(program.stdout).not.toContain("evil")
      expect(program.stderr).toBe("")
    })
    /** The number of connections that ended with this leaving line. */
    const endings = (leaving: string) => program.lines.filter((line) => line.endsWith(`): ${leaving}`)).length
    /** Waits until so many connections have ended with this leaving line. */
    const ends = (leaving: string, count: number) =>
      program.until(() => (endings(leaving) >= count ? true : undefined)).pipe(Effect.asVoid)
    return { connects, endings, ends, isUndisturbed, port, program }
  })

describe("curl", { concurrent: true }, () => {
  const test = itNeeds("curl")

  /** Runs curl without its own configuration file, and without a proxy. */
  const curl = (...args: ReadonlyArray<string>) =>
    runs(["curl", "--disable", "--silent", "--show-error", "--include", "--noproxy", "*", ...args])

  const requests = [
    ["GET"],
    ["HEAD", "--head"],
    ["HTTP/1.0", "--http1.0"],
    ["POST", "--data-binary", ATTACK],
    ["a POST in chunks", "--header", "Transfer-Encoding: chunked", "--data-binary", ATTACK],
    ["a POST that expects 100 Continue", "--header", "Expect: 100-continue", "--data-binary", ATTACK],
    ["PUT", "--request", "PUT", "--data-binary", ATTACK],
    ["a method of its own", "--request", "JOIN", "--data-binary", ATTACK],
    ["headers that are commands", "--header", "JOIN evil:", "--header", "JOIN evil;", "--header", "BCST hi: BCST hi"],
    ["a form", "--form", `JOIN evil=${ATTACK}`],
    ["an upgrade to HTTP/2", "--http2", "--data-binary", ATTACK]
  ] as const

  for (const [what, ...args] of requests) {
    test(`${what} is answered where a page is served, and nothing is executed`, () =>
      Effect.gen(function* () {
        const { ends, isUndisturbed, port } = yield* servesMember()
        const { code, stdout } = yield* curl(...args, `http://127.0.0.1:${port}/`)
        expect(code).toBe(0)
        const isAttack = what === "PUT" || args.some((arg) => arg === "--data-binary" || arg === "--form")
        expect(stdout).toMatch(
          isAttack ? /^HTTP\/1\.1 405 / : what.startsWith("headers") ? /^HTTP\/1\.1 400 / : /^HTTP\/1\.1 200 /
        )
        yield* ends(HTTP, 1)
        yield* isUndisturbed
      }))

    test(`${what} is answered with 404 where none is, and nothing is executed`, () =>
      Effect.gen(function* () {
        const { ends, isUndisturbed, port } = yield* servesMember(["--no-web"])
        const { code, stderr, stdout } = yield* curl(...args, `http://127.0.0.1:${port}/`)
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        const head = [
          "HTTP/1.1 404 Not Found",
          "Connection: close",
          "Content-Type: text/plain; charset=utf-8",
          "X-Content-Type-Options: nosniff",
          `Content-Length: ${TEXT.length}`
        ]
        expect(stdout).toBe([...head, "", what === "HEAD" ? "" : TEXT].join("\r\n"))
        yield* ends(HTTP, 1)
        yield* isUndisturbed
      }))
  }

  test("a POST with megabytes of commands is answered with 405, and nothing is executed", () =>
    Effect.gen(function* () {
      const { ends, isUndisturbed, port } = yield* servesMember()
      const upload = `yes 'BCST hi' | head -c 8000000 |
        curl --disable --silent --include --noproxy '*' --header Expect: --data-binary @- http://127.0.0.1:$PORT/`
      const { stdout } = yield* runs(["bash", "-c", upload], { PORT: String(port) })
      expect(stdout).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/)
      yield* ends(HTTP, 1)
      yield* isUndisturbed
    }))

  for (const length of [5000, 100_000]) {
    test(`a path of ${length} letters is answered with 414`, () =>
      Effect.gen(function* () {
        const { ends, isUndisturbed, port } = yield* servesMember()
        const url = `http://127.0.0.1:${port}/${"a".repeat(length)}`
        const { code, stdout } = yield* curl("--data-binary", ATTACK, url)
        expect(code).toBe(0)
        expect(stdout).toMatch(/^HTTP\/1\.1 414 URI Too Long\r\n/)
        yield* ends(HTTP, 1)
        yield* isUndisturbed
      }))
  }

  test("HTTP/2 without an upgrade is closed, and nothing is executed", () =>
    Effect.gen(function* () {
      const { ends, isUndisturbed, port } = yield* servesMember()
      const { code } = yield* curl("--http2-prior-knowledge", "--data-binary", ATTACK, `http://127.0.0.1:${port}/`)
      // The answer is one of HTTP/1.1, which is an error to a client that knows it speaks HTTP/2.
      expect(code).not.toBe(0)
      yield* ends(HTTP, 1)
      yield* isUndisturbed
    }))

  test("https on the plain port is closed as a TLS hello", () =>
    Effect.gen(function* () {
      const { ends, isUndisturbed, port } = yield* servesMember()
      const { code, stdout } = yield* curl("--insecure", "--data-binary", ATTACK, `https://127.0.0.1:${port}/`)
      // 35: the handshake failed.
      expect({ code, stdout }).toEqual({ code: 35, stdout: "" })
      yield* ends(TLS, 1)
      yield* isUndisturbed
    }))
})

describe("nc", { concurrent: true }, () => {
  const test = itNeeds("nc")

  test("sees that HTTP/2 is answered with 505", () =>
    Effect.gen(function* () {
      const { ends, isUndisturbed, port } = yield* servesMember()
      const preface = `printf 'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\nJOIN evil\\r\\nBCST hi\\r\\n' | nc -N 127.0.0.1 $PORT`
      const { code, stdout } = yield* runs(["bash", "-c", preface], { PORT: String(port) })
      expect(code).toBe(0)
      expect(stdout).toMatch(/^HTTP\/1\.1 505 HTTP Version Not Supported\r\n/)
      yield* ends(HTTP, 1)
      yield* isUndisturbed
    }))
})

describe("a request line", { concurrent: true }, () => {
  for (const [after, first] of [
    ["nothing", ""],
    ["empty lines", "\n\r\n\r\r\0\r\n"],
    ["telnet bytes", "\xff\xfd\x03\xff\xfb\x1f\xff\xfa\x18\0xterm\xff\xf0\xff\xfc\x01"],
    ["a byte order mark", "\xef\xbb\xbf"],
    ["telnet bytes, a byte order mark and an empty line", "\xff\xf1\xef\xbb\xff\xf1\xbf\r\n\xff\xf1"]
  ] as const) {
    const bytes = Buffer.from(`${first}POST / HTTP/1.1\r\nHost: localhost\r\n\r\n${ATTACK}`, "latin1")

    it.scopedLive(`after ${after} is recognized`, () =>
      Effect.gen(function* () {
        const { connects, ends, isUndisturbed } = yield* servesMember()
        const eve = yield* connects
        yield* eve.sends(bytes)
        expect((yield* eve.isLeft).join("\n")).toContain("HTTP/1.1 405 Method Not Allowed")
        yield* ends(HTTP, 1)
        yield* isUndisturbed
      })
    )

    it.scopedLive(`after ${after} is recognized, byte by byte with pauses`, () =>
      Effect.gen(function* () {
        const { connects, ends, isUndisturbed } = yield* servesMember()
        const eve = yield* connects
        eve.socket.setNoDelay()
        for (const byte of bytes) yield* Effect.zipRight(eve.sends(Uint8Array.of(byte)), Effect.sleep("3 millis"))
        expect((yield* eve.isLeft).join("\n")).toContain("HTTP/1.1 405 Method Not Allowed")
        yield* ends(HTTP, 1)
        yield* isUndisturbed
      })
    )
  }
})

describe("a field of 16 KB with a byte that is not allowed", { concurrent: true }, () => {
  for (const [what, value] of [
    ["blanks", " \t".repeat(8000)],
    ["blanks on both sides", `${" ".repeat(8000)}x${" ".repeat(8000)}`],
    ["blanks between letters", "x ".repeat(8000)]
  ] as const) {
    it.scopedLive(`behind ${what} holds nobody up`, () =>
      Effect.gen(function* () {
        const { connects, ends, isUndisturbed } = yield* servesMember()
        const eve = yield* connects
        yield* eve.sends(`GET / HTTP/1.1\r\nHost: localhost\r\nX:${value}\0\r\n\r\n`)
        expect((yield* eve.isLeft).join("\n")).toContain("HTTP/1.1 400 Bad Request")
        yield* ends(HTTP, 1)
        yield* isUndisturbed
      })
    )
  }
})

describe("a web page in Chromium", () => {
  const test = itNeeds("chromium")

  /** Serves an empty page on a port of its own, and returns its address. */
  const page = Effect.map(
    Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((_, response) =>
          response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>page</title>")
        )
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          server.closeAllConnections()
        })
    ),
    (server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`
    }
  )

  /** Ways to send something to `url`, in the language of the page. Each connects once at least. */
  const attempts: { readonly [way: string]: string } = {
    "fetch, POST": 'fetch(url, { method: "POST", mode: "no-cors", body: attack })',
    "fetch, POST of bytes": 'fetch(url, { method: "POST", mode: "no-cors", body: new TextEncoder().encode(attack) })',
    "fetch, kept alive": 'fetch(url, { method: "POST", mode: "no-cors", keepalive: true, body: attack })',
    "fetch, a body of a megabyte": 'fetch(url, { method: "POST", mode: "no-cors", body: attack.repeat(50_000) })',
    "fetch, a method that is asked for first": 'fetch(url, { method: "JOIN", body: attack })',
    "fetch, a header":
      'fetch(url, { mode: "no-cors", headers: { Accept: "JOIN evil", "Accept-Language": "BCST hi" } })',
    "fetch, a path of 5,000 letters":
      'fetch(url + "a".repeat(5000), { method: "POST", mode: "no-cors", body: attack })',
    "fetch, encoded line ends":
      'fetch(url + "a".repeat(5000) + "%0D%0AJOIN evil%0D%0ABCST hi%0D%0A", { mode: "no-cors" })',
    "fetch, line ends in the query": 'fetch(url + "?\\r\\nJOIN evil\\nBCST hi\\n", { mode: "no-cors" })',
    XMLHttpRequest: `
      const request = new XMLHttpRequest()
      request.open("POST", url)
      request.send(attack)`,
    sendBeacon: "navigator.sendBeacon(url, attack)",
    "a form in plain text": 'post("text/plain")',
    "a form with parts": 'post("multipart/form-data")',
    "a form in the address": 'post("application/x-www-form-urlencoded")',
    "a WebSocket": 'new WebSocket(url.replace("http", "ws") + "ws", ["JOIN", "evil"])',
    "a WebSocket elsewhere": 'new WebSocket(url.replace("http", "ws") + "JOIN%0Aevil", ["JOIN", "evil"])',
    EventSource: "new EventSource(url)",
    "an image": 'new Image().src = url + "?JOIN evil"',
    "a script": 'add("script", "src")',
    "a style sheet": 'add("link", "href")',
    "a frame": 'add("iframe", "src")'
  }

  /** Functions of the page for the ways above. */
  const library = (port: number) => `
    const url = "http://127.0.0.1:${port}/"
    const attack = ${JSON.stringify(ATTACK)}
    const add = (name, attribute) => {
      const element = document.createElement(name)
      element.rel = "stylesheet"
      element[attribute] = url + "?JOIN evil"
      document.body.append(element)
    }
    const post = (enctype) => {
      const frame = document.createElement("iframe")
      frame.name = "frame" + Math.random()
      const form = document.createElement("form")
      Object.assign(form, { action: url, method: "POST", enctype, target: frame.name })
      for (const name of ["first", attack]) {
        const field = document.createElement("textarea")
        Object.assign(field, { name, value: attack })
        form.append(field)
      }
      document.body.append(frame, form)
      form.submit()
    }`

  test("cannot speak in the room", () =>
    Effect.gen(function* () {
      const { endings, ends, isUndisturbed, port, program } = yield* servesMember()
      const tab = yield* opens(yield* page)
      for (const way of Object.values(attempts)) {
        const known = endings(HTTP)
        yield* awaits(() => tab.page.evaluate(`(() => {${library(port)}\n${way}\n})()`))
        yield* ends(HTTP, known + 1)
      }
      yield* awaits(() => tab.page.evaluate(`fetch("https://127.0.0.1:${port}/", { mode: "no-cors" }).catch(() => {})`))
      yield* ends(TLS, 1)
      yield* isUndisturbed
      expect(program.lines.filter((line) => line.includes("JOIN"))).toHaveLength(1)
    }))

  test("sees the answer when it is the port's own", () =>
    Effect.gen(function* () {
      const { isUndisturbed, port } = yield* servesMember(["--no-web"])
      const tab = yield* opens(`http://127.0.0.1:${port}/`)
      expect(yield* awaits(() => tab.page.locator("body").textContent())).toBe(TEXT)
      yield* isUndisturbed
    }))
})
