import { BlockList, isIP } from 'node:net'

/** Ranges no request of ours may go to unless a setting names the host: ourselves, our network, and what is no host. */
const closed = new BlockList()
// IANA IPv4 and IPv6 Special-Purpose Address Registries: everything that is not globally reachable.
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  closed.addSubnet(network, bits, 'ipv4')
const global6 = new BlockList()
global6.addSubnet('2000::', 3, 'ipv6')
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  closed.addSubnet(network, bits, 'ipv6')

/** Whether an IP address is one of the open internet. IPv4 inside IPv6 is not: it would hide where it leads. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !closed.check(address, 'ipv4')
  return family === 6 && global6.check(address, 'ipv6') && !closed.check(address, 'ipv6')
}

/** Whether a host (with or without its port) is on the list of a setting: `host`, `host:port`, `.suffix` or `*`. */
export const isListed = (allowed: readonly string[], host: string, port: string): boolean =>
  allowed.some(
    (each) =>
      each === '*' || each === host || each === `${host}:${port}` || (each.startsWith('.') && host.endsWith(each)),
  )
