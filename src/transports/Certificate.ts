/** The files that TLS is spoken with. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import * as Fs from "node:fs/promises"
import { createSecureContext } from "node:tls"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { codeOf } from "../ErrorText.ts"

/** Where they are, in PEM. */
export interface Files {
  /** The server's certificate, and those between it and the root. */
  readonly cert: string
  readonly key: string
  /** If given, only clients with a certificate from this authority are let in. */
  readonly clientCa: string | undefined
}

/** TLS cannot be spoken with a file, for a reason in words. */
export class CertificateError extends Data.TaggedError("CertificateError")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `cannot use ${this.file}: ${this.reason}`
  }
}

/** What is in the files, and for how long. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly ca: string | undefined
  /** Milliseconds since 1970 at which it becomes and ceases to be valid. */
  readonly validFrom: number
  readonly validTo: number
}

const read = (file: string): Effect.Effect<string, CertificateError> =>
  Effect.tryPromise({
    try: () => Fs.readFile(file, "utf8"),
    catch: (error) => new CertificateError({ file, reason: `it cannot be read (${codeOf(error)})` })
  })

const attempt = <A>(file: string, reason: string, f: () => A): Effect.Effect<A, CertificateError> =>
  Effect.try({ try: f, catch: () => new CertificateError({ file, reason }) })

/** Reads the files, and makes sure that they belong together. */
export const load = (files: Files): Effect.Effect<Certificate, CertificateError> =>
  Effect.gen(function* () {
    const cert = yield* read(files.cert)
    const key = yield* read(files.key)
    const ca = files.clientCa === undefined ? undefined : yield* read(files.clientCa)
    const parsed = yield* attempt(files.cert, "it is no certificate", () => new X509Certificate(cert))
    const keyObject: KeyObject = yield* attempt(files.key, "it is no private key, or has a passphrase", () =>
      createPrivateKey(key)
    )
    if (!parsed.checkPrivateKey(keyObject)) {
      return yield* new CertificateError({ file: files.key, reason: `it is not the key of ${files.cert}` })
    }
    if (ca !== undefined && files.clientCa !== undefined) {
      yield* attempt(files.clientCa, "it is no certificate", () => new X509Certificate(ca))
    }
    yield* attempt(files.cert, "TLS cannot be spoken with it", () => createSecureContext({ cert, key }))
    return { cert, key, ca, validFrom: Date.parse(parsed.validFrom), validTo: Date.parse(parsed.validTo) }
  })
