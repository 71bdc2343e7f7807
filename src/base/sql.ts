/** A piece of SQL with its parameters kept apart from its text. Made only by the `sql` tag. */
export class Sql {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings
    this.values = values
  }

  /** The text with `$1…$n` in place of values, as PostgreSQL takes it. */
  get text(): string {
    return this.strings.reduce((text, part, index) => `${text}$${index}${part}`)
  }
}

/** Writes SQL: `` sql`select body from res where id = ${id}` ``. A value becomes a parameter, an `Sql` is spliced in. */
export function sql(strings: TemplateStringsArray, ...values: readonly unknown[]): Sql {
  const texts: string[] = [strings[0] ?? '']
  const parameters: unknown[] = []
  values.forEach((value, index) => {
    const following = strings[index + 1] ?? ''
    if (value instanceof Sql) {
      texts[texts.length - 1] += value.strings[0] ?? ''
      for (const part of value.strings.slice(1)) texts.push(part)
      parameters.push(...value.values)
      texts[texts.length - 1] += following
    } else {
      parameters.push(value)
      texts.push(following)
    }
  })
  return new Sql(texts, parameters)
}

/** Joins pieces with a separator: `join(conditions, ' and ')`. */
export function join(pieces: readonly Sql[], separator: string): Sql {
  const texts: string[] = ['']
  const parameters: unknown[] = []
  pieces.forEach((piece, index) => {
    texts[texts.length - 1] += (index === 0 ? '' : separator) + (piece.strings[0] ?? '')
    texts.push(...piece.strings.slice(1))
    parameters.push(...piece.values)
  })
  return new Sql(texts, parameters)
}

/** A name chosen by our own code (table, column), never by a caller. */
export function identifier(name: string): Sql {
  if (!/^[a-z_][a-z0-9_]*$/.test(name)) throw new Error(`Not an SQL name: ${name}`)
  return new Sql([name], [])
}

/** A column name that a definition chose, where case counts: letters, digits and "_" alone. */
export function quotedIdentifier(name: string): Sql {
  if (!/^[A-Za-z][A-Za-z0-9_]{0,62}$/.test(name)) throw new Error('Not a column name')
  return new Sql([`"${name}"`], [])
}
