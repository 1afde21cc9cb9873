/** The certificate and key for TLS: loaded, checked, and reloaded at SIGHUP. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import * as Fs from "node:fs/promises"
import { createSecureContext } from "node:tls"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import { codeOf } from "../ErrorText.ts"
import { Sighup } from "../process/Sighup.ts"
import { clean } from "../protocol/Text.ts"

/** Paths of PEM files. */
export interface Files {
  /** The server's certificate, followed by any intermediate certificates. */
  readonly cert: string
  readonly key: string
  /** If given, every client must present a certificate from this authority. */
  readonly clientCa: string | undefined
}

/** A file cannot be used for TLS. `reason` is in words. */
export class CertificateError extends Data.TaggedError("CertificateError")<{
  readonly file: string
  readonly reason: string
}> {
  override get message(): string {
    return `cannot use ${this.file}: ${this.reason}`
  }
}

/** The contents of the files, and whose certificate it is for how long. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly ca: string | undefined
  /** Its subject, or the names it is for if that is empty, in one line. */
  readonly subject: string
  /** Names of hosts: the subject's, and the alternative ones. */
  readonly names: ReadonlyArray<string>
  /** Start and end of the validity, in milliseconds since 1970. */
  readonly validFrom: number
  readonly validTo: number
  /** The end of the validity, as openssl writes it. */
  readonly expires: string
}

/** In one line, without what could forge another in the log. */
const subjectOf = ({ subject, subjectAltName }: X509Certificate): string =>
  clean((subject || subjectAltName || "no subject").replaceAll("\n", ", "))
const namesOf = ({ subject, subjectAltName = "" }: X509Certificate): ReadonlyArray<string> => [
  ...Array.from(subject.matchAll(/^CN=([\w.*-]+)$/gm), ([, name = ""]) => name),
  ...Array.from(subjectAltName.matchAll(/\bDNS:([\w.*-]+)/g), ([, name = ""]) => name)
]

const DAY = 24 * 60 * 60 * 1000

/**
 * A certificate should be renewed when a third of its time is left, as certbot does, and 30 days before its end at the
 * latest.
 */
const RENEWAL = { share: 1 / 3, milliseconds: 30 * DAY }

/** Whether a certificate can be used now, and should be renewed. `text` names its file. */
export interface Validity {
  readonly state: "lasting" | "ending" | "invalid"
  readonly text: string
}

export const validity = (file: string, { validFrom, validTo }: Certificate, now: number): Validity => {
  const left = validTo - now
  const days = Math.floor(left / DAY)
  if (now < validFrom) return { state: "invalid", text: `${file} is not valid yet` }
  if (now >= validTo) return { state: "invalid", text: `${file} has expired` }
  return left < Math.min(RENEWAL.milliseconds, (validTo - validFrom) * RENEWAL.share)
    ? { state: "ending", text: `${file} and its key can be used, but it expires in ${days + 1} days or less: renew it` }
    : { state: "lasting", text: `${file} and its key can be used for ${days} more days` }
}

/** Warns of a certificate that clients refuse, or soon will. */
export const warn = (file: string, certificate: Certificate): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const { state, text } = validity(file, certificate, now)
    return state === "lasting" ? Effect.void : Effect.logWarning(`Configuration: ${text}`)
  })

const read = (file: string): Effect.Effect<string, CertificateError> =>
  Effect.tryPromise({
    try: () => Fs.readFile(file, "utf8"),
    catch: (error) => new CertificateError({ file, reason: `it cannot be read (${codeOf(error)})` })
  })

const attempt = <A>(file: string, reason: string, f: () => A): Effect.Effect<A, CertificateError> =>
  Effect.try({ try: f, catch: () => new CertificateError({ file, reason }) })

/** Reads the files and checks that they belong together. */
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
    const [validFrom, validTo] = [Date.parse(parsed.validFrom), Date.parse(parsed.validTo)]
    const [subject, names] = [subjectOf(parsed), namesOf(parsed)]
    return { cert, key, ca, subject, names, validFrom, validTo, expires: parsed.validTo }
  })

/** A certificate that clients refuse takes the place of none. */
const loadValid = (files: Files): Effect.Effect<Certificate, CertificateError> =>
  Effect.gen(function* () {
    const certificate = yield* load(files)
    const now = yield* Clock.currentTimeMillis
    const { validFrom, validTo } = certificate
    if (now < validFrom) return yield* new CertificateError({ file: files.cert, reason: "it is not valid yet" })
    if (now >= validTo) return yield* new CertificateError({ file: files.cert, reason: "it has expired" })
    return certificate
  })

const described = ({ expires, subject }: Certificate): string => `${subject} (Expires ${expires})`

/** The line about a reload: which certificate it is now, and what is different. */
export const reloadLine = (before: Certificate, now: Certificate): string => {
  const differences = [
    ...(before.cert === now.cert ? [] : [`Was ${described(before)}`]),
    ...(before.ca === now.ca ? [] : ["Authority of Clients Changed"])
  ]
  return `TLS Certificate Reloaded: ${described(now)}, ${differences.join(", ") || "Unchanged"}`
}

/** Loads the files again at each SIGHUP, and passes the certificate to `use`. An unusable one changes nothing. */
export const reloaded = (
  files: Files,
  first: Certificate,
  use: (certificate: Certificate) => void
): Effect.Effect<void, never, Scope.Scope | Sighup> =>
  Effect.gen(function* () {
    const sighup = yield* Sighup
    const current = yield* Ref.make(first)
    const reload = Effect.gen(function* () {
      const certificate = yield* loadValid(files)
      use(certificate)
      const before = yield* Ref.getAndSet(current, certificate)
      yield* Effect.logInfo(reloadLine(before, certificate))
      yield* warn(files.cert, certificate)
    })
    yield* sighup.each(
      Effect.catchAll(reload, ({ file, reason }) =>
        Effect.logWarning(`TLS Certificate Not Reloaded, Keeping the Old One (${file}: ${reason}).`)
      )
    )
  })
