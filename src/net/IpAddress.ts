/** IPv4 and IPv6 addresses as text and as bytes. */

const parse4 = (text: string): Uint8Array | undefined => {
  const parts = text.split(".")
  const isDecimal = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return isDecimal ? Uint8Array.from(parts, Number) : undefined
}

const groupsOf = (text: string): ReadonlyArray<number> | undefined => {
  if (text === "") return []
  const groups = text.split(":")
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => parseInt(group, 16))
    : undefined
}

const parse6 = (text: string): Uint8Array | undefined => {
  const dotted = parse4(text.slice(text.lastIndexOf(":") + 1))
  const hex = (high = 0, low = 0) => ((high << 8) | low).toString(16)
  const whole =
    dotted === undefined
      ? text
      : `${text.slice(0, text.lastIndexOf(":") + 1)}${hex(dotted[0], dotted[1])}:${hex(dotted[2], dotted[3])}`
  const parts = whole.split("::")
  const [head, tail] = parts.map(groupsOf)
  const isShort = parts.length === 2
  if (parts.length > 2 || head === undefined || (isShort && tail === undefined)) return undefined
  const given = head.length + (tail?.length ?? 0)
  if (isShort ? given > 7 : given !== 8) return undefined
  const groups = [...head, ...Array<number>(8 - given).fill(0), ...(tail ?? [])]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 4 or 16 bytes of an address; undefined when the text is not an address. */
export const parse = (text: string): Uint8Array | undefined => (text.includes(":") ? parse6(text) : parse4(text))

const mappedPrefix = "0,0,0,0,0,0,0,0,0,0,255,255,"

/** The canonical text (RFC 5952) of an address of 4 or 16 bytes. An IPv4-mapped IPv6 address is written as IPv4. */
export const format = (bytes: Uint8Array): string => {
  if (bytes.length === 4) return bytes.join(".")
  if (bytes.join().startsWith(mappedPrefix)) return bytes.subarray(12).join(".")
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16)
  )
  const zeros = `:${groups.join(":")}:`.match(/:(?:0:){2,}/g) ?? []
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), "")
  return longest === ""
    ? groups.join(":")
    : `:${groups.join(":")}:`.replace(longest, "::").replace(/^:(?!:)|(?<!:):$/g, "")
}

/** The canonical text of an address, however it is written. Text that is not an address is returned in small letters. */
export const canonical = (text: string): string => {
  const bytes = parse(text)
  return bytes === undefined ? text.toLowerCase() : format(bytes)
}

/** Whether a canonical address or a name is on the loopback interface, which no other machine can reach. */
export const isLoopback = (host: string): boolean => host.startsWith("127.") || host === "::1" || host === "localhost"

/**
 * The key by which connections are counted per address: an IPv4 address, or the /64 network of an IPv6 address, because one
 * subscriber usually holds a whole /64. Text that is not an address is returned as it is.
 */
export const network = (address: string): string => {
  const bytes = address.includes(":") ? parse(address.replace(/%.*$/, "")) : undefined
  if (bytes === undefined) return address
  const written = format(bytes)
  return written.includes(":") ? `${format(bytes.fill(0, 8))}/64` : written
}
