import { AsyncLocalStorage } from 'node:async_hooks'
import net from 'node:net'

/** Where on this machine connections come from: all of 127/8 is ours, so each of many nodes in a process may have a network. */
const place = new AsyncLocalStorage<string>()

/** From now on connections of this process come from the place in which they are begun. */
export function usePlaces(): void {
  const connect = net.connect
  net.connect = ((options: net.TcpNetConnectOpts) => {
    const localAddress = place.getStore()
    return connect(localAddress === undefined ? options : { ...options, localAddress })
  }) as typeof net.connect
}

/** Does something whose connections come from an address of 127/8, also those that it begins later. */
export function from<T>(address: string, then: () => T): T {
  return place.run(address, then)
}
