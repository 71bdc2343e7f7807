import { pino } from 'pino'

/** Structured log. Never put names, NHS numbers, identifiers of people or SQL parameters in it. */
export type Log = Pick<ReturnType<typeof pino>, 'info' | 'warn' | 'error' | 'debug'>

/** One JSON line an event on standard error, so that standard output stays for results. */
export const makeLog = (level: string): Log => pino({ level, base: null }, pino.destination({ dest: 2, sync: true }))
