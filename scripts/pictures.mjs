/**
 * Makes docs/images/terminal.png: a server, telnet and `partyline chat` in real terminals, as tmux shows them.
 *
 *     npm run build && node scripts/pictures.mjs
 *
 * Needs Linux, tmux, telnet and Chromium. The terminals have a network of their own, so port 8001 is free there and the
 * picture has no address of this machine.
 */
import { execFileSync } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { setTimeout } from "node:timers/promises"
import { chromium } from "playwright-core"

const home = mkdtempSync(join(tmpdir(), "partyline-"))
const program = join(home, "partyline")
writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${resolve("dist/bin.js")} "$@"\n`)
chmodSync(program, 0o755)

const env = { PATH: `${home}:${process.env.PATH}`, HOME: home, LANG: "C.UTF-8", TERM: "xterm-256color", PS1: "$ " }
const tmuxArgs = (...args) => ["-S", join(home, "tmux"), "-f", "/dev/null", "-u", ...args]
const tmux = (...args) => execFileSync("tmux", tmuxArgs(...args), { env, encoding: "utf8" })
/** The first call starts the server of tmux, and with it all terminals, in a network that has only a loopback interface. */
const isolated = (...args) =>
  execFileSync(
    "unshare",
    ["--net", "--map-root-user", "sh", "-c", 'ip link set lo up && exec tmux "$@"', "sh", ...tmuxArgs(...args)],
    { env }
  )

const terminal = (call, name, columns, rows) => {
  call("new-session", "-d", "-s", name, "-x", `${columns}`, "-y", `${rows}`, "bash", "--norc")
  const shows = async (text) => {
    for (let attempt = 0; attempt < 250; attempt++) {
      if (tmux("capture-pane", "-p", "-t", name).includes(text)) return
      await setTimeout(20)
    }
    throw new Error(`${name} does not show ${JSON.stringify(text)}:\n${tmux("capture-pane", "-p", "-t", name)}`)
  }
  return {
    shows,
    /** Types a line, and waits for what it brings. */
    enters: async (line, reply) => {
      tmux("send-keys", "-l", "-t", name, "--", line)
      tmux("send-keys", "-t", name, "Enter")
      await shows(reply)
    },
    types: async (text) => {
      tmux("send-keys", "-l", "-t", name, "--", text)
      await shows(text)
    },
    screen: () => ({ text: tmux("capture-pane", "-p", "-e", "-t", name), rows })
  }
}

const colours = ["#3b4252", "#e0787f", "#a3be8c", "#ebcb8b", "#81a1c1", "#c79bd0", "#88c0d0", "#e5e9f0"]
/** The CSS of a sequence that selects colours and weights; those that the program uses. */
const css = (codes) =>
  codes
    .split(";")
    .map((code) => {
      if (code === "1") return "font-weight:bold"
      if (code === "2") return "opacity:.65"
      if (code === "39") return "color:inherit"
      return /^3[0-7]$/.test(code) ? `color:${colours[Number(code[1])]}` : ""
    })
    .join(";")

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
/** A screen as HTML. tmux repeats all that is in force in each sequence that follows a reset. */
const html = ({ rows, text }) => {
  let style = ""
  const parts = text.trimEnd().split(/\x1b\[([\d;]*)m/)
  const spans = parts.map((part, index) => {
    if (index % 2 === 0) return `<span style="${style}">${escaped(part)}</span>`
    style = /^0?$/.test(part) ? "" : `${part.startsWith("0;") ? "" : style};${css(part)}`
    return ""
  })
  return `<pre style="height:${rows * 1.35}em">${spans.join("")}</pre>`
}
const framed = (title, screen) => `<section><h1>${title}</h1>${html(screen)}</section>`

try {
  const server = terminal(isolated, "server", 100, 23)
  const ann = terminal(tmux, "ann", 48, 16)
  const bob = terminal(tmux, "bob", 48, 16)
  await server.enters("partyline 8001", "Waiting for Incoming Connections on [::]:8001")
  await ann.enters("telnet localhost 8001", "Escape character")
  await ann.enters("JOIN ann", "JOIN ann Request Accepted")
  await bob.enters("partyline chat bob@localhost", "Here with you: ann")
  await ann.enters("LIST", "bob  ")
  await bob.enters("Good morning! Is the build green?", "> bob: Good morning")
  await ann.shows("FROM bob: Good morning")
  await ann.enters("BCST It is", "BCST It is")
  await bob.shows("ann: It is")
  await ann.enters("MESG bob the night shift fixed it", "MESG bob")
  await bob.shows("* ann (private)")
  await bob.types("/msg ann thank th")
  await server.shows(": MESG bob")

  const browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-lcd-text"]
  })
  const page = await browser.newPage({ deviceScaleFactor: 1.5, viewport: { width: 860, height: 600 } })
  await page.setContent(`<!doctype html><style>
    body { margin: 0; padding: 12px; display: grid; grid-template-columns: 1fr 1fr; gap: 12px; width: max-content; }
    section { background: #2e3440; color: #d8dee9; border-radius: 8px; overflow: hidden; }
    section:first-child { grid-column: 1 / 3; }
    h1 { margin: 0; padding: 5px 12px; background: #434c5e; font: 12px sans-serif; }
    pre { margin: 8px 12px; font: 13px/1.35 "DejaVu Sans Mono", monospace; }
  </style><main style="display:contents">
    ${framed("the server", server.screen())}
    ${framed("ann, with telnet", ann.screen())}
    ${framed("bob, with partyline chat", bob.screen())}
  </main>`)
  await page.locator("body").screenshot({ path: "docs/images/terminal.png", omitBackground: true })
  await browser.close()
} finally {
  // By its signal: it does not end when its terminal is closed.
  tmux("send-keys", "-t", "server", "C-c")
  const runs = () => tmux("display-message", "-p", "-t", "server", "#{pane_current_command}").trim() !== "bash"
  for (let attempt = 0; attempt < 250 && runs(); attempt++) await setTimeout(20)
  tmux("kill-server")
  rmSync(home, { recursive: true, force: true })
}
