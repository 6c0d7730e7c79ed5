/**
 * As Monaco tells it: what it calls the Ctrl key is another one there.
 *
 * @param userAgent of the browser
 */
export function isMac(userAgent: string): boolean {
  return userAgent.includes('Macintosh')
}

/**
 * The key that switches between a Tab that indents and one that leaves the editor, as in VS Code: on a Mac, Cmd+M
 * minimises the window.
 */
export function tabSwitchKeyOf(userAgent: string): string {
  return isMac(userAgent) ? 'Ctrl+Shift+M' : 'Ctrl+M'
}
