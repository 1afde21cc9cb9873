/** A message's text: `{`, four digits of its sender, eight of its number, filler, `}`. Neither bracket is used otherwise. */
export const SENDER_DIGITS = 4
export const NUMBER_DIGITS = 8
export const OPEN = 123
export const CLOSE = 125

export const payload = (sender, size) => {
  const head = `{${String(sender).padStart(SENDER_DIGITS, "0")}${"0".repeat(NUMBER_DIGITS)} `
  return `${head.padEnd(size - 1, "the quick brown fox jumps over the lazy dog, ")}}`
}

export const nameOf = (id) => `u${String(id).padStart(SENDER_DIGITS, "0")}`

export const putNumber = (bytes, at, number) => {
  for (let digit = at + NUMBER_DIGITS - 1, left = number; digit >= at; digit--, left = (left / 10) | 0) {
    bytes[digit] = 48 + (left % 10)
  }
}

export const digits = (bytes, from, to) => {
  let number = 0
  for (let at = from; at < to; at++) number = number * 10 + bytes[at] - 48
  return number
}
