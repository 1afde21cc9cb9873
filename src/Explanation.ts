/** Why the program cannot serve, in words for those who know no errno. */
import type { BindError } from "./server/Listener.ts"
import type { CertificateError } from "./transports/Certificate.ts"

const reasons: { readonly [code: string]: string } = {
  EADDRINUSE: "the port is in use",
  EACCES: "that port needs a privilege which this process does not have",
  EADDRNOTAVAIL: "this machine does not have that address",
  EAFNOSUPPORT: "this machine does not have that kind of address",
  ENOTFOUND: "there is no such host",
  EINVAL: "that is not an address of this machine",
  EAI_AGAIN: "the name could not be looked up"
}

/** Names the address, the port and the reason. */
export const ofBindError = ({ code, host, port }: BindError): string =>
  `cannot listen on ${host} port ${port}: ${reasons[code] ?? code} (${code})`

/** Names the file and the reason. */
export const ofCertificateError = ({ file, reason }: CertificateError): string => `cannot use ${file}: ${reason}`
