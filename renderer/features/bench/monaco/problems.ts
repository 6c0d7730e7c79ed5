import { editor, MarkerSeverity } from 'monaco-editor/editor'
import { scriptLanguage } from './language.ts'

export interface Problems {
  /** Calls back with how many there are in the shown script, at once and whenever that changes. */
  listen(listener: (count: number) => void): void
  goTo(step: 1 | -1): void
  dispose(): void
}

/** Follows the type errors, syntax errors among them, of the script that an editor shows. */
export function followProblems(view: editor.IStandaloneCodeEditor): Problems {
  let listener: (count: number) => void = () => {}
  let told: number | undefined
  const tell = () => {
    const count = problemsOf(view.getModel()).length
    if (count === told) return
    told = count
    listener(count)
  }
  const markers = editor.onDidChangeMarkers((resources) => {
    const shown = view.getModel()?.uri.toString()
    if (resources.some((resource) => resource.toString() === shown)) tell()
  })
  const model = view.onDidChangeModel(tell)
  return {
    listen(next) {
      listener = next
      told = undefined
      tell()
    },
    goTo(step) {
      const problem = nextOf(problemsOf(view.getModel()), view.getPosition(), step)
      if (problem === undefined) return
      const { startLineNumber: line, startColumn: column } = problem
      view.setPosition({ lineNumber: line, column })
      view.revealLineInCenterIfOutsideViewport(line)
      view.focus()
      // Scrolling hides what hovers: it has to be over before.
      view.render(true)
      view.trigger('problems', 'editor.action.showHover', { focus: 'noAutoFocus' })
    },
    dispose() {
      markers.dispose()
      model.dispose()
    },
  }
}

/** In the order of the text. */
function problemsOf(model: editor.ITextModel | null): editor.IMarker[] {
  if (model === null) return []
  return editor
    .getModelMarkers({ resource: model.uri, owner: scriptLanguage })
    .filter(({ severity }) => severity === MarkerSeverity.Error)
    .sort((a, b) => a.startLineNumber - b.startLineNumber || a.startColumn - b.startColumn)
}

interface Cursor {
  readonly lineNumber: number
  readonly column: number
}

function nextOf(problems: readonly editor.IMarker[], cursor: Cursor | null, step: 1 | -1): editor.IMarker | undefined {
  const { lineNumber, column } = cursor ?? { lineNumber: 1, column: 1 }
  const offset = (marker: editor.IMarker) => marker.startLineNumber - lineNumber || marker.startColumn - column
  if (step === 1) return problems.find((marker) => offset(marker) > 0) ?? problems[0]
  return problems.findLast((marker) => offset(marker) < 0) ?? problems.at(-1)
}
