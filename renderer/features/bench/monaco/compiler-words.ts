import { editor } from 'monaco-editor/editor'
import { inOurWords, misspelt } from '../../../../app/script-api/compiler-words.ts'
import { scriptLanguage } from './language.ts'

/** Says what the compiler finds in the words of `faultline check`, and at its places. Ends never: models have no owner. */
export function sayInOurWords(): void {
  editor.onDidChangeMarkers((resources) => {
    for (const resource of resources) {
      const model = editor.getModel(resource)
      const markers = editor.getModelMarkers({ resource, owner: scriptLanguage })
      if (model === null || markers.length === 0) continue
      const said = markers.map((marker) => translated(marker, model))
      // What is set here is heard here again, and then it stays.
      if (said.some((marker, i) => marker !== markers[i])) editor.setModelMarkers(model, scriptLanguage, said)
    }
  })
}

/** The same marker where there is nothing to translate. */
function translated(marker: editor.IMarker, model: editor.ITextModel): editor.IMarker {
  const { code, message, startColumn, startLineNumber } = marker
  // As many units as the model has: its own offsets count them so.
  const text = model.getValue()
  const wrong = misspelt(message, text, model.getOffsetAt({ lineNumber: startLineNumber, column: startColumn }))
  if (wrong !== undefined) {
    const { lineNumber, column } = model.getPositionAt(wrong.at)
    const end = model.getWordAtPosition({ lineNumber, column })?.endColumn ?? column + 1
    const place = { startLineNumber: lineNumber, startColumn: column, endLineNumber: lineNumber, endColumn: end }
    return { ...marker, ...place, message: wrong.message }
  }
  const number = typeof code === 'object' ? code.value : (code ?? '')
  const said = inOurWords(model.uri.path.replace(/^\//, ''), `TS${number}`, message)
  return said === message ? marker : { ...marker, message: said }
}
