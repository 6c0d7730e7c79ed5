/** What of a run its repetition has to be told. */
export interface ToRepeat {
  /** As the user names it, from where the command is given. */
  readonly file: string
  readonly seed: number | string
  /** Empty where the run had a broker of its own. */
  readonly target: string
  /** Undefined where the file says it. */
  readonly timeoutMs?: number | undefined
}

/** The words for a command line that do the same again. */
export function againCommand({ file, seed, target, timeoutMs }: ToRepeat): string {
  return [
    'faultline run',
    quoted(file),
    `--seed ${quoted(String(seed))}`,
    ...(target === '' ? [] : [`--target ${quoted(target)}`]),
    ...(timeoutMs === undefined ? [] : [`--timeout ${timeoutMs}ms`]),
  ].join(' ')
}

/** In quotes where a shell would read it otherwise. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
