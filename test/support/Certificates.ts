import { execFileSync } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"

/** Paths of a certificate and its key (PEM). */
export interface Pair {
  readonly cert: string
  readonly key: string
}

const DAY = 24 * 60 * 60 * 1000

/** A time `milliseconds` from now in the format of openssl: YYYYMMDDHHMMSSZ. */
const asn1 = (milliseconds: number): string =>
  new Date(Date.now() + milliseconds).toISOString().replace(/[-:T]|\.\d+/g, "")

/** Configuration for `openssl ca`, which can sign with a start date in the past. */
const authority = (folder: string): string =>
  [
    "[ca]\ndefault_ca = own\n[own]",
    `database = ${folder}/index.txt\nnew_certs_dir = ${folder}\nrand_serial = yes`,
    "default_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n"
  ].join("\n")

/** Certificates made with openssl, in a folder that is removed with the scope. */
export const certificates = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => {
    const pair = (name: string): Pair => ({ cert: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) })
    const make = (name: string, days: number, ...more: ReadonlyArray<string>): Pair => {
      const { cert, key } = pair(name)
      const fresh = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key]
      const args = ["req", "-x509", ...fresh, "-out", cert, "-days", String(days), "-subj", `/CN=${name}`, ...more]
      execFileSync("openssl", args, { stdio: "ignore" })
      return { cert, key }
    }
    /** A certificate with these dates, in milliseconds from now, signed by the issuer or by itself. */
    const dated = (name: string, from: number, to: number, issuer?: Pair): Pair => {
      const valid = make(name, 365)
      const request = join(folder, `${name}.csr`)
      execFileSync("openssl", ["req", "-new", "-key", valid.key, "-out", request, "-subj", `/CN=${name}`])
      const signer =
        issuer === undefined ? ["-keyfile", valid.key, "-selfsign"] : ["-cert", issuer.cert, "-keyfile", issuer.key]
      const files = ["-in", request, "-out", valid.cert, "-batch", "-notext"]
      writeFileSync(join(folder, "index.txt"), "")
      writeFileSync(join(folder, "ca.cnf"), authority(folder))
      const dates = ["-startdate", asn1(from), "-enddate", asn1(to)]
      execFileSync("openssl", ["ca", "-config", join(folder, "ca.cnf"), ...signer, ...files, ...dates], {
        stdio: "ignore"
      })
      return valid
    }
    return {
      /** A self-signed certificate. */
      selfSigned: (name: string, days = 365) => make(name, days),
      /** A certificate signed by the issuer. */
      signed: (name: string, issuer: Pair) => make(name, 365, "-CA", issuer.cert, "-CAkey", issuer.key),
      /** A certificate that expired yesterday. */
      expired: (name: string) => dated(name, -2 * DAY, -DAY),
      /** A certificate that is valid from tomorrow. */
      early: (name: string) => dated(name, DAY, 2 * DAY),
      /** A certificate of a year of which 20 days are left. */
      ending: (name: string) => dated(name, -345 * DAY, 20 * DAY),
      /** A certificate signed by the issuer that expires in a moment, given in milliseconds. */
      expiring: (name: string, issuer: Pair, milliseconds: number) => dated(name, -DAY, milliseconds, issuer),
      /** Overwrites the files of `old` with those of `by`, as a renewal does. */
      replace: (old: Pair, by: Pair) => {
        copyFileSync(by.cert, old.cert)
        copyFileSync(by.key, old.key)
      },
      /** Writes a file with this content, and returns its path. */
      file: (name: string, words: string) => {
        const path = join(folder, name)
        writeFileSync(path, words)
        return path
      }
    }
  }
)
