import { type Random, randomFrom } from './random.ts'

/** Chance with the shapes lives need. Every draw follows from the parts it was made of. */
export interface Dice extends Random {
  /** From 0 up to, not including, 1. */
  real(): number
  chance(probability: number): boolean
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  normal(mean: number, deviation: number): number
  /** Time until something that happens once in `mean`, in the same unit. */
  wait(mean: number): number
  weighted<T>(choices: readonly (readonly [T, number])[]): T
  /** Dice of their own for one matter: what is drawn there changes nothing here. */
  fork(...parts: readonly (string | number)[]): Dice
}

/** Dice made of a seed and what they are for, so that any person can be made again alone. */
export function diceOf(...parts: readonly (string | number)[]): Dice {
  return diceFrom(mixed(0x811c9dc5, parts))
}

function diceFrom(state: number): Dice {
  const random = randomFrom(state)
  const real = (): number => random.below(0x40000000) / 0x40000000
  return {
    ...random,
    real,
    chance: (probability) => real() < probability,
    between: (least, most) => least + Math.floor(real() * (most - least + 1)),
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - real())) * Math.cos(2 * Math.PI * real()),
    wait: (mean) => -Math.log(1 - real()) * mean,
    weighted: (choices) => weightedChoice(choices, real()),
    fork: (...parts) => diceFrom(mixed(state, parts)),
  }
}

function weightedChoice<T>(choices: readonly (readonly [T, number])[], drawn: number): T {
  let left = drawn * choices.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [choice, weight] of choices) {
    left -= weight
    if (left < 0) return choice
  }
  const last = choices.at(-1)
  if (last === undefined) throw new Error('Nothing to choose from')
  return last[0]
}

/** FNV-1a over the parts, then mixed so that neighbours are far apart (the finaliser of MurmurHash3). */
function mixed(start: number, parts: readonly (string | number)[]): number {
  let hash = start
  for (const part of parts) {
    const text = `${part}|`
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
