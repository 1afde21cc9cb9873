/** The right spelling of a misspelt word. */

/** How many letters must be added, dropped or replaced to make one word of the other (Levenshtein). */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= other.length; column++) {
      const replaced = (row[column - 1] as number) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] as number) + 1, (next[column - 1] as number) + 1))
    }
    row = next
  }
  return row[other.length] as number
}

/** The candidate that is most like the word; undefined if none could be meant, with a third of the word wrong. */
export const nearest = (word: string, candidates: ReadonlyArray<string>): string | undefined => {
  const lower = word.toLowerCase()
  const ranked = candidates.map((candidate) => ({ candidate, wrong: distance(lower, candidate.toLowerCase()) }))
  const [best] = ranked.sort((one, other) => one.wrong - other.wrong)
  return best !== undefined && best.wrong <= Math.max(2, word.length / 3) ? best.candidate : undefined
}

/** A question to append to a complaint about the word; empty if nothing is like it. */
export const didYouMean = (word: string, candidates: ReadonlyArray<string>): string => {
  const found = nearest(word, candidates)
  return found === undefined ? "" : `; did you mean ${found}?`
}
