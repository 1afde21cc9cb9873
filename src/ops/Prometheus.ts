/** Prometheus' text format, version 0.0.4. */

export interface Sample {
  readonly labels?: { readonly [label: string]: string }
  readonly value: number
}

/** How often a value was at most each of `bounds` (ascending), not cumulated; the last count is of those above them all. */
export interface Distribution {
  readonly bounds: ReadonlyArray<number>
  readonly counts: ReadonlyArray<number>
  readonly sum: number
}

/** A metric with its samples, of which there is one for each set of labels. */
export type Family = { readonly name: string; readonly help: string } & (
  | { readonly type: "counter" | "gauge"; readonly samples: ReadonlyArray<Sample> }
  | { readonly type: "histogram"; readonly distribution: Distribution }
)

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')

const line = (name: string, { labels = {}, value }: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`
}

const histogram = (name: string, { bounds, counts, sum }: Distribution): string => {
  let total = 0
  const buckets = counts.map((count, index) => {
    total += count
    return line(`${name}_bucket`, { labels: { le: String(bounds[index] ?? "+Inf") }, value: total })
  })
  return buckets.join("") + line(`${name}_sum`, { value: sum }) + line(`${name}_count`, { value: total })
}

export const render = (families: ReadonlyArray<Family>): string =>
  families
    .map((family) => {
      const { help, name, type } = family
      const lines =
        family.type === "histogram"
          ? histogram(name, family.distribution)
          : family.samples.map((sample) => line(name, sample)).join("")
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`
    })
    .join("")
