/** Options in environment variables. */
import { didYouMean } from "./Nearest.ts"

/** The variables of the process. */
export type Environment = { readonly [name: string]: string | undefined }

const PREFIX = "PARTYLINE_"

/** The variable of a flag: PARTYLINE_MAX_USERS for --max-users. */
export const variable = (flag: string): string => PREFIX + flag.toUpperCase().replaceAll("-", "_")

/**
 * Whether Kubernetes (or a Docker link) set the variable for a service: a service called partyline-ops makes
 * PARTYLINE_OPS_PORT=tcp://10.0.0.7:9464 and six more in each container.
 */
const isOfService = (name: string, value: string): boolean =>
  /^(?:tcp|udp|sctp):\/\//.test(value) ||
  /_SERVICE_(?:HOST|PORT)(?:_|$)|_(?:TCP|UDP|SCTP)_(?:ADDR|PORT|PROTO)$|_PORT_\d+_(?:TCP|UDP|SCTP)(?:_|$)/.test(name)

/** The text of a flag's variable; undefined if it is not set, empty, or a service's. */
export const textOf = (environment: Environment, flag: string): string | undefined => {
  const name = variable(flag)
  const text = environment[name]
  return text === undefined || text === "" || isOfService(name, text) ? undefined : text
}

/** One line for the variables of services, and one for each variable that no flag has. */
export const warnings = (environment: Environment, flags: ReadonlyArray<string>): ReadonlyArray<string> => {
  const set = Object.entries(environment).flatMap(([name, text = ""]) =>
    name.startsWith(PREFIX) && text !== "" ? [{ name, isService: isOfService(name, text) }] : []
  )
  const services = set.filter(({ isService }) => isService).map(({ name }) => name)
  const known = flags.map(variable)
  const unknown = set.filter(({ isService, name }) => !isService && !known.includes(name))
  return [
    ...(services.length === 0 ? [] : [`set for a service of Kubernetes, and not used: ${services.sort().join(", ")}`]),
    ...unknown.map(({ name }) => `there is no variable ${name}${didYouMean(name, known)}`)
  ]
}
