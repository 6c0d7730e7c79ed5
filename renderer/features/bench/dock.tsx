import { type ReactNode, useState } from 'react'
import './dock.css'

export interface DockTab {
  readonly id: string
  readonly label: string
  /** Stands beside the tabs while this one is shown. */
  readonly status: ReactNode
  readonly panel: ReactNode
  /** Something in it wants to be seen. */
  readonly alert: boolean
}

/** The panels under the bench, one at a time. */
export function Dock({ tabs }: { readonly tabs: readonly DockTab[] }) {
  const [current, setCurrent] = useState(tabs[0]?.id)
  const shown = tabs.find((tab) => tab.id === current)
  return (
    <section className="dock" aria-label="Dock">
      <header className="dock-head">
        <div className="dock-tabs" role="tablist" aria-label="Panels">
          {tabs.map((tab) => (
            <button
              key={tab.id}
              type="button"
              role="tab"
              id={`dock-tab-${tab.id}`}
              className={tab.alert ? 'dock-tab dock-tab-alert' : 'dock-tab'}
              aria-selected={tab.id === current}
              aria-controls="dock-panel"
              onClick={() => setCurrent(tab.id)}
            >
              {tab.label}
            </button>
          ))}
        </div>
        {shown?.status}
      </header>
      <div className="dock-panel" id="dock-panel" role="tabpanel" aria-labelledby={`dock-tab-${current}`}>
        {shown?.panel}
      </div>
    </section>
  )
}
