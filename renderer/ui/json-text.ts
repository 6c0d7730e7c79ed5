/**
 * Puts JSON on lines of its own, with two spaces for each level. Strings and numbers stay as they were written: what is
 * shown is what was sent, also where JavaScript could not hold the number. Undefined where the text is not JSON.
 */
export function formatJson(text: string): string | undefined {
  if (!isJson(text)) return undefined
  let out = ''
  let depth = 0
  let previous = ''
  const newLine = () => `\n${'  '.repeat(depth)}`
  for (const token of text.match(/"(?:[^"\\]+|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []) {
    if (token === '}' || token === ']') {
      depth--
      if (previous !== '{' && previous !== '[') out += newLine()
    } else if (previous === '{' || previous === '[' || previous === ',') {
      out += newLine()
    }
    out += token === ':' ? ': ' : token
    if (token === '{' || token === '[') depth++
    previous = token
  }
  return out
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    // That is how the parser says that it is not.
    return false
  }
}
