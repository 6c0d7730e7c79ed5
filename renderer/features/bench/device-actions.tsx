import { useState } from 'react'
import { messageOf } from '../../../app/base/errors.ts'
import { type ActionSettings, canAct, type DeviceAction } from '../../../app/device/device-snapshot.ts'
import type { Device } from '../../state/clients.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { BoltIcon, PlugIcon, PowerIcon, UnplugIcon } from '../../ui/icons.tsx'
import { Popover } from '../../ui/popover.tsx'
import { FaultsMenu } from './faults-menu.tsx'
import './device-actions.css'

export type Act = (id: string, action: DeviceAction, settings?: ActionSettings) => Promise<unknown>

export interface DeviceActionsProps {
  readonly device: Device
  readonly connected: boolean
  readonly act: Act
}

/** What can be done to a device. It stays in sight, however much is known of the device. */
export function DeviceActions({ device, connected, act }: DeviceActionsProps) {
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const button = (action: DeviceAction) => ({
    disabled: !connected || !canAct(device.state, action),
    onClick: () => {
      setProblem(undefined)
      act(device.id, action).catch((error: unknown) => setProblem(messageOf(error)))
    },
  })
  return (
    <footer className="actions">
      {device.faults.length > 0 && (
        <div className="actions-faults">
          {device.faults.map((fault) => (
            <Chip key={fault} tone="red" title="Made wrong, and not healed">
              {fault}
            </Chip>
          ))}
          <span className="pane-space" />
          <Button size="small" title="Makes right what was made wrong" {...button('heal')}>
            Heal
          </Button>
        </div>
      )}
      <Button kind="danger" title="The socket dies without DISCONNECT, the RAM is lost" {...button('powerLoss')}>
        <BoltIcon />
        Power loss
      </Button>
      <Button title="Boots: the script starts anew" {...button('powerOn')}>
        <PowerIcon />
        Power on
      </Button>
      <Button title="Sends DISCONNECT and stays offline" {...button('disconnect')}>
        <UnplugIcon />
        Disconnect
      </Button>
      <Button title="Connects at once" {...button('connect')}>
        <PlugIcon />
        Connect
      </Button>
      <Button title="Power loss, and power on at once" {...button('reboot')}>
        Reboot
      </Button>
      <Popover label="Faults…" title={`Faults of ${device.id}`} disabled={!connected}>
        {(close) => (
          <FaultsMenu
            device={device}
            connected={connected}
            run={(action, settings) => act(device.id, action, settings)}
            close={close}
          />
        )}
      </Popover>
      {problem !== undefined && (
        <p className="actions-problem" role="alert">
          {problem}
        </p>
      )}
    </footer>
  )
}
