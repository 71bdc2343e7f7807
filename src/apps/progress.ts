/** Shows how far a long piece of work is, on standard error. */
export interface Progress {
  /** Says how much is done by now, and how much there is in all when that has become known. */
  report(done: number, total?: number): void
  end(): void
}

export interface ProgressStream {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/**
 * Begins to show progress: on a terminal a bar with rate and time left, ten times a second; anywhere else one line of
 * JSON a second, for a program to read.
 */
export function startProgress(
  label: string,
  unit: string,
  stream: ProgressStream = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  const began = now()
  const onTerminal = stream.isTTY === true
  let done = 0
  let total: number | undefined
  const show = (): void => {
    const state = stateOf(done, total, (now() - began) / 1000)
    const width = stream.columns ?? 80
    stream.write(
      onTerminal
        ? `\r${bar(label, unit, state, width)}\u001B[K`
        : `${JSON.stringify({ progress: label, unit, ...state })}\n`,
    )
  }
  const timer = setInterval(show, onTerminal ? 100 : 1000).unref()
  return {
    report(nowDone, nowTotal) {
      done = nowDone
      total = nowTotal ?? total
    },
    end() {
      clearInterval(timer)
      show()
      if (onTerminal) stream.write('\n')
    },
  }
}

interface State {
  readonly done: number
  readonly total?: number
  /** Units a second since the beginning. */
  readonly rate: number
  readonly secondsLeft?: number
}

function stateOf(done: number, total: number | undefined, seconds: number): State {
  const rate = seconds > 0 ? Math.round((done / seconds) * 10) / 10 : 0
  if (total === undefined) return { done, rate }
  return rate > 0
    ? { done, total, rate, secondsLeft: Math.ceil(Math.max(0, total - done) / rate) }
    : { done, total, rate }
}

function bar(label: string, unit: string, state: State, width: number): string {
  const count = (value: number): string => Math.round(value).toLocaleString('en-GB')
  const { done, total, rate, secondsLeft } = state
  const rateText = `${count(rate)} ${unit}/s`
  if (total === undefined) return `${label} ${count(done)} ${unit}  ${rateText}`.slice(0, width - 1)
  const part = total === 0 ? 1 : Math.min(1, done / total)
  const left = secondsLeft === undefined ? '' : `  ${duration(secondsLeft)} left`
  const text = ` ${Math.floor(part * 100)}%  ${count(done)} of ${count(total)} ${unit}  ${rateText}${left}`
  const cells = Math.max(0, Math.min(30, width - label.length - text.length - 4))
  const filled = Math.round(part * cells)
  return `${label} ${'█'.repeat(filled)}${'░'.repeat(cells - filled)}${text}`.slice(0, width - 1)
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds} s`
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
