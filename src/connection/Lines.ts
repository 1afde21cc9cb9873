/**
 * Lines for one client, and their kinds. What happens to a line depends on its kind; notices, which are no `Lines`, are here
 * to compare:
 *
 *                                                 reply     private   public    notice
 *     is marked for a client that WATCHes         no        yes       no        no
 *     moves to the connection that RECLAIMs       no        yes       yes       no
 *     others' lines may come between its lines    no        yes       yes       it is one line
 *     makes its sender wait for room              yes       yes       yes       no
 */
export interface Lines {
  readonly text: string
  /** Its length in UTF-8, which equals the text's length exactly when each character is one byte. */
  readonly bytes: number
  /** The client's own replies, which nobody else's line may part, or messages to it alone or to everybody. */
  readonly kind: "reply" | "private" | "public"
  /** Whether the client WATCHes once this one line, the reply to WATCH or UNWATCH, has entered its outbox. */
  readonly watching?: boolean | undefined
}
