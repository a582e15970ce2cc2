// Plain maps of labels, as services and nodes are selected by.

type Labels = Readonly<Record<string, string>>

/** Whether each of the wanted labels is there with its value. */
export function hasLabels(labels: Labels | undefined, wanted: Labels): boolean {
  const present = labels ?? {}
  // A label may be called `constructor`, and be absent.
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(present, key) && present[key] === value)
}
