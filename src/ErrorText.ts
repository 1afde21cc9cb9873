/** Why the program cannot serve, in words for those who know no errno. */
import type { BindError } from "./connection/Listener.ts"
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

/** Names the address and the port, or the descriptor, and the reason. */
export const ofBindError = ({ code, fd, host, port }: BindError): string =>
  fd === undefined
    ? `cannot listen on ${host} port ${port}: ${reasons[code] ?? code} (${code})`
    : `cannot serve what was passed as descriptor ${fd}: it is not a TCP socket that listens (${code})`

/** Names the file and the reason. */
export const ofCertificateError = ({ file, reason }: CertificateError): string => `cannot use ${file}: ${reason}`
