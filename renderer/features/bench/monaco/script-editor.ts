import 'monaco-editor/features/register.all'
import { editor } from 'monaco-editor/editor'
import type { ScriptDocuments } from '../../../state/script-documents.ts'
import type { Theme } from '../../../state/theme-choice.ts'
import { sayInOurWords } from './compiler-words.ts'
import { applyEditorTheme } from './editor-theme.ts'
import { registerScriptLanguage, setModules } from './language.ts'
import { followProblems } from './problems.ts'
import { type ScriptFailure, ScriptModels } from './script-models.ts'
import { type TabKey, watchTabKey } from './tab-key.ts'
import { provideWorkers } from './workers.ts'

provideWorkers()
registerScriptLanguage()
sayInOurWords()

const modelsOf = new WeakMap<ScriptDocuments, ScriptModels>()
const viewStates = new WeakMap<editor.ITextModel, editor.ICodeEditorViewState>()

export interface ScriptEditor {
  /** Shows a script; nothing while it is not read yet. */
  show(path: string): void
  mark(path: string, failures: readonly ScriptFailure[]): void
  goTo(line: number, column: number): void
  /** What scripts can import of the workspace: path to text. */
  setModules(texts: ReadonlyMap<string, string>): void
  /** Calls back with how many type errors the shown script has, now and whenever that changes. */
  onProblems(listener: (count: number) => void): void
  /** Goes to the next type error after the cursor, or to the one before, around the ends. */
  goToProblem(step: 1 | -1): void
  /** Calls back with what Tab does, now and whenever that changes. */
  onTabKey(listener: (does: TabKey) => void): void
  setTheme(theme: Theme): void
  dispose(): void
}

export function createScriptEditor(container: HTMLElement, documents: ScriptDocuments): ScriptEditor {
  const models = modelsOf.get(documents) ?? new ScriptModels(documents)
  modelsOf.set(documents, models)
  const view = editor.create(container, { ...options, model: null })
  // Widths that were measured before the font was there are wrong.
  void document.fonts.ready.then(() => editor.remeasureFonts())
  const keepViewState = () => {
    const model = view.getModel()
    const state = view.saveViewState()
    if (model !== null && state !== null) viewStates.set(model, state)
  }
  const problems = followProblems(view)
  const tabKey = watchTabKey(view, container)
  return {
    show(path) {
      const model = models.get(path)
      if (model === undefined || model === view.getModel()) return
      keepViewState()
      view.setModel(model)
      view.restoreViewState(viewStates.get(model) ?? null)
      // Tab indents: whoever has no mouse has to know how to get out.
      view.updateOptions({ ariaLabel: `Script ${path}; Escape, then Tab leaves it` })
    },
    mark: (path, failures) => models.mark(path, failures),
    goTo(line, column) {
      view.setPosition({ lineNumber: line, column })
      view.revealLineInCenter(line)
      view.focus()
    },
    setModules,
    onProblems: (listener) => problems.listen(listener),
    goToProblem: (step) => problems.goTo(step),
    onTabKey: (listener) => tabKey.listen(listener),
    setTheme: applyEditorTheme,
    dispose() {
      keepViewState()
      problems.dispose()
      tabKey.dispose()
      view.dispose()
    },
  }
}

const options: editor.IStandaloneEditorConstructionOptions = {
  automaticLayout: true,
  fontFamily: '"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, monospace',
  fontSize: 12.5,
  lineHeight: 20,
  fontLigatures: false,
  padding: { top: 8, bottom: 8 },
  lineNumbersMinChars: 5,
  lineDecorationsWidth: 22,
  glyphMargin: false,
  folding: false,
  minimap: { enabled: false },
  stickyScroll: { enabled: false },
  guides: { indentation: false },
  renderLineHighlight: 'line',
  renderLineHighlightOnlyWhenFocus: true,
  scrollBeyondLastLine: false,
  overviewRulerBorder: false,
  hideCursorInOverviewRuler: true,
  scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10 },
  wordBasedSuggestions: 'off',
  // Completion inside strings offers topics of nothing; but durations and literal types are worth it.
  quickSuggestions: { other: true, comments: false, strings: true },
  fixedOverflowWidgets: true,
  hover: { above: false },
  tabSize: 2,
}
