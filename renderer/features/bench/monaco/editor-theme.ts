import { editor } from 'monaco-editor/editor'
import type { Theme } from '../../../state/theme-choice.ts'

const themeName = 'faultline'

/** Gives the editor the colours of the page: the tokens are their only source. */
export function applyEditorTheme(theme: Theme): void {
  const tokens = getComputedStyle(document.documentElement)
  const colour = (name: string) => sixDigits(tokens.getPropertyValue(name))
  const bare = (name: string) => colour(name).slice(1)
  editor.defineTheme(themeName, {
    base: theme === 'light' ? 'vs' : 'vs-dark',
    inherit: true,
    rules: [
      { token: '', foreground: bare('--text') },
      { token: 'keyword', foreground: bare('--code-keyword') },
      { token: 'string', foreground: bare('--code-string') },
      { token: 'string.escape', foreground: bare('--code-number') },
      { token: 'number', foreground: bare('--code-number') },
      { token: 'regexp', foreground: bare('--code-string') },
      { token: 'function', foreground: bare('--code-function') },
      { token: 'type.identifier', foreground: bare('--code-type') },
      { token: 'identifier', foreground: bare('--text') },
      { token: 'delimiter', foreground: bare('--text') },
      { token: 'comment', foreground: bare('--comment') },
    ],
    colors: {
      'editor.background': colour('--editor'),
      'editor.foreground': colour('--text'),
      'editorLineNumber.foreground': colour('--line-number'),
      'editorLineNumber.activeForeground': colour('--muted'),
      'editor.lineHighlightBackground': colour('--hover'),
      'editor.lineHighlightBorder': '#00000000',
      'editorCursor.foreground': colour('--blue'),
      'editorWidget.background': colour('--card'),
      'editorWidget.border': colour('--line'),
      'editorSuggestWidget.background': colour('--card'),
      'editorSuggestWidget.border': colour('--line'),
      'editorSuggestWidget.selectedBackground': colour('--selected-row'),
      'editorHoverWidget.background': colour('--card'),
      'editorHoverWidget.border': colour('--line'),
      'editorError.foreground': colour('--red'),
      'editorWarning.foreground': colour('--amber'),
      // The other places of the word under the cursor: a hint, not a mark.
      'editor.wordHighlightBackground': `${colour('--blue')}22`,
      'editor.wordHighlightStrongBackground': `${colour('--blue')}33`,
      'editor.wordHighlightTextBackground': `${colour('--blue')}22`,
      'editorOverviewRuler.wordHighlightForeground': `${colour('--blue')}40`,
      'editorOverviewRuler.wordHighlightStrongForeground': `${colour('--blue')}60`,
      'editorOverviewRuler.wordHighlightTextForeground': `${colour('--blue')}40`,
      'editorOverviewRuler.border': '#00000000',
      'scrollbar.shadow': '#00000000',
      'scrollbarSlider.background': `${colour('--track')}b0`,
      'scrollbarSlider.hoverBackground': colour('--track'),
      'scrollbarSlider.activeBackground': colour('--grey'),
      focusBorder: '#00000000',
    },
  })
  editor.setTheme(themeName)
}

/** Monaco knows colours as `#rrggbb` only, the page's tokens may be in any form of CSS. */
function sixDigits(colour: string): string {
  const context = document.createElement('canvas').getContext('2d')
  if (context === null) throw new Error('the browser gives no canvas to read colours with')
  context.fillStyle = colour.trim()
  return String(context.fillStyle)
}
