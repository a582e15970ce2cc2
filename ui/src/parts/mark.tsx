// Capstan's mark: the drum seen from above, with its bars.

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <circle cx="16" cy="16" r="4.2" />
      <circle cx="16" cy="16" r="9" opacity=".55" />
      <path d="M16 5v6.8M16 20.2V27M5 16h6.8M20.2 16H27" />
    </svg>
  )
}
