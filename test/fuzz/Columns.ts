/** The columns that any terminal gives a text at least, told apart from src. */

/** Characters that can have no width: marks, joiners, the later parts of a Hangul syllable, and what is not assigned. */
const perhapsNothing =
  /^(?:[\p{M}\p{Cc}\p{Cn}\p{Co}\p{Cs}\u1160-\u11ff\ud7b0-\ud7ff]|(?!\u00ad)\p{Default_Ignorable_Code_Point})$/u
/** Characters of two columns: those of Chinese, Japanese and Korean, and what is in the forms of their width. */
const wide = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\uac00-\ud7a3\u1100-\u115f\u3000\uff01-\uff60]$/u
const narrow = /^[\uff61-\uffdc\u3099\u309a]$/u

const segmenter = new Intl.Segmenter("en")

/** A character of several code points counts as its widest one: some terminals join an emoji. */
export const leastColumns = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : leastOf(text))

const leastOf = (text: string): number =>
  Array.from(segmenter.segment(text), ({ segment }) =>
    Math.max(
      ...Array.from(segment, (character) => {
        if (perhapsNothing.test(character)) return 0
        return wide.test(character) && !narrow.test(character) ? 2 : 1
      })
    )
  ).reduce((sum, columns) => sum + columns, 0)
