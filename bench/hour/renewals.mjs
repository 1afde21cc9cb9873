/** Reloads: a file of options and a certificate that are written anew before each SIGHUP, and the newcomers that see it. */
import { execFileSync } from "node:child_process"
import { copyFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const PERIOD = 3000
const CERTIFICATES = ["one", "two"]

export class Renewals {
  count = 0
  /** The last greeting that a newcomer was sent, and the last certificate that one saw; and how often each was a new one. */
  last = {}
  seen = { greeting: 0, certificate: 0 }

  /** @param folder gets the files. Needs the program openssl. */
  constructor(folder) {
    this.folder = folder
    for (const name of CERTIFICATES) {
      const to = ["-keyout", this.path(`${name}.key`), "-out", this.path(`${name}.crt`), "-subj", `/CN=${name}`]
      const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
      execFileSync("openssl", ["req", "-x509", "-days", "365", ...key, ...to], { stdio: "ignore" })
    }
    this.writes()
  }

  /** The server's options. */
  get options() {
    return `--config ${this.path("toml")} --tls-cert ${this.path("crt")} --tls-key ${this.path("key")}`
  }

  path(name) {
    return join(this.folder, name)
  }

  writes() {
    const name = CERTIFICATES[this.count % 2]
    copyFileSync(this.path(`${name}.crt`), this.path("crt"))
    copyFileSync(this.path(`${name}.key`), this.path("key"))
    writeFileSync(this.path("toml"), `motd = "Greeting ${this.count}"\nburst = ${100 + (this.count % 2)}\n`)
  }

  async goOn(crowd, pid) {
    while (!crowd.isOver) {
      await Promise.race([sleep(PERIOD), crowd.over])
      if (crowd.isOver) return
      this.count++
      this.writes()
      process.kill(pid, "SIGHUP")
    }
  }

  /** A line of a newcomer. */
  hears(line) {
    if (line.startsWith("Greeting ")) this.notes("greeting", line)
  }

  /** The TLS socket of a newcomer, if it has one. */
  sees(secure) {
    if (secure !== undefined) this.notes("certificate", secure.getPeerCertificate().subject?.CN)
  }

  notes(what, value) {
    if (value === undefined || this.last[what] === value) return
    this.last[what] = value
    this.seen[what]++
  }
}
