import { asDate } from '../../base/clock.ts'
import type { Column } from './definition.ts'

/** How a column's values look in rows, and which type the column of a live table has. */
export interface ColumnKind {
  readonly name: 'text' | 'boolean' | 'integer' | 'decimal' | 'date' | 'timestamp' | 'json'
  /** PostgreSQL's name of the type. */
  readonly sqlType: string
  /** The value as rows hold it; undefined when it is none of this kind. */
  accept(value: unknown): unknown
  /** Text that PostgreSQL reads as this type. */
  write(value: unknown): string
  /** A value of a live table, read as text. */
  read(text: string): unknown
}

const plain = (value: unknown): string => String(value)

const kind = (
  name: ColumnKind['name'],
  sqlType: string,
  is: (value: unknown) => boolean,
  read: (text: string) => unknown,
): ColumnKind => ({ name, sqlType, accept: (value) => (is(value) ? value : undefined), write: plain, read })

/** All kinds there are. */
export const columnKinds = {
  text: kind(
    'text',
    'text collate "C"',
    (value) => typeof value === 'string',
    (text) => text,
  ),
  boolean: kind(
    'boolean',
    'boolean',
    (value) => typeof value === 'boolean',
    (text) => text === 'true',
  ),
  integer: kind('integer', 'int8', Number.isSafeInteger, Number),
  decimal: kind('decimal', 'numeric', (value) => typeof value === 'number', Number),
  date: {
    name: 'date',
    sqlType: 'date',
    accept: (value) => (typeof value === 'string' ? /^\d{4}-\d{2}-\d{2}/.exec(value)?.[0] : undefined),
    write: plain,
    read: (text) => text,
  },
  timestamp: {
    name: 'timestamp',
    sqlType: 'timestamptz',
    accept: (value) => (typeof value === 'string' ? instantOf(value) : undefined),
    write: plain,
    read: (text) => instantOf(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')),
  },
  json: { name: 'json', sqlType: 'jsonb', accept: (value) => value, write: JSON.stringify, read: JSON.parse },
} as const satisfies Readonly<Record<ColumnKind['name'], ColumnKind>>

/** A dateTime with a zone, as an instant in UTC. */
function instantOf(value: string): string | undefined {
  try {
    return asDate(Temporal.Instant.from(value).epochMilliseconds).toISOString()
  } catch {
    return undefined
  }
}

const kindOfType: Readonly<Record<string, ColumnKind>> = {
  boolean: columnKinds.boolean,
  integer: columnKinds.integer,
  integer64: columnKinds.integer,
  positiveInt: columnKinds.integer,
  unsignedInt: columnKinds.integer,
  decimal: columnKinds.decimal,
  ...Object.fromEntries(
    `base64Binary canonical code date dateTime id instant markdown oid string time uri url uuid`
      .split(' ')
      .map((type) => [type, columnKinds.text]),
  ),
}

/** SQL types that the tag `ansi/type` may ask for, where FHIR's own would not sort or compare as wanted. */
const kindOfSqlType: Readonly<Record<string, ColumnKind>> = {
  DATE: columnKinds.date,
  TIMESTAMP: columnKinds.timestamp,
  'TIMESTAMP WITH TIME ZONE': columnKinds.timestamp,
}

/** The kind of a column: by what its path is known to lead to, then by what the definition says. */
export function columnKind({ type, sqlType, collection }: Column, inferred: string | undefined): ColumnKind {
  if (collection) return columnKinds.json
  const asked = sqlType === undefined ? undefined : kindOfSqlType[sqlType.toUpperCase()]
  if (asked !== undefined) return asked
  if (inferred !== undefined && inferred !== 'empty') return kindOfType[inferred] ?? columnKinds.json
  return kindOfType[type ?? ''] ?? columnKinds.json
}
