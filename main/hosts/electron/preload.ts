import { ipcRenderer } from 'electron'

/** What a preload script sees of the page; this project is compiled without the browser's own types. */
declare const window: {
  readonly location: { readonly origin: string }
  postMessage(message: string, targetOrigin: string, transfer: readonly unknown[]): void
}

/** Known to the page under this name, and to nobody else. */
const portMessage = 'faultline-port'

// All that the page gets of the shell: the port to the workbench. Posted to the page's own origin, so that a document
// that took its place could not have it.
ipcRenderer.on(portMessage, (event) => {
  window.postMessage(portMessage, window.location.origin, event.ports)
})
