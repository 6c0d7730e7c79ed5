import EditorWorker from 'monaco-editor/editor/editor.worker?worker'
import TypeScriptWorker from 'monaco-editor/languages/features/typescript/ts.worker?worker'

/** Monaco asks the page for its workers; these are files of our own, as the Content-Security-Policy wants. */
export function provideWorkers(): void {
  self.MonacoEnvironment = {
    getWorker: (_module, label) => (label === 'typescript' ? new TypeScriptWorker() : new EditorWorker()),
  }
}
