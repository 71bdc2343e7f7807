import type { Person } from 'fhir/r4.js'
import { Button, TextInput } from 'nhsuk-react-components'
import type { ReactElement } from 'react'
import type { FoundPerson } from '../../kernel/store/record.ts'
import type { HandlerContext, HtmlAnswer, PageRequest } from '../../platform/page.ts'
import { addressText, bornText, genderText } from '../../platform/person-view.ts'
import { staffPage } from '../../platform/shell.tsx'
import { Errors, errorProps } from '../../ui/form.tsx'
import { count } from '../../ui/format/dates.ts'
import { staffName } from '../../ui/format/names.ts'
import { nhsNumberOf, nhsNumberText } from '../../ui/format/nhs-number.ts'
import { EmptyState } from '../../ui/notices.tsx'
import { Table } from '../../ui/table.tsx'
import { StaffTag } from '../../ui/tags.tsx'
import { type SearchParts, searchOf, understood } from './rules.ts'

/** `/work`: what this role can do now. */
export function myWorkPage(ctx: HandlerContext): HtmlAnswer {
  const others = ctx.menu.filter(({ href }) => href !== '/work' && href !== '/work/find')
  const canFind = ctx.menu.some(({ href }) => href === '/work/find')
  return staffPage(ctx, {
    heading: 'My work',
    current: '/work',
    children: (
      <>
        {canFind ? <SearchForm parts={noParts} errors={[]} /> : null}
        {others.length === 0 ? null : (
          <ul className="app-lines">
            {others.map(({ href, text }) => (
              <li key={href}>
                <a href={href}>
                  <strong>{text}</strong>
                </a>
                {purposes[href] === undefined ? null : <span className="app-lines__detail"> {purposes[href]}</span>}
              </li>
            ))}
          </ul>
        )}
        {canFind || others.length > 0 ? null : (
          <EmptyState text="You cannot open anyone’s record with this role.">
            <p>
              Analysts work with counts: how many people wait, how long, and where. No count here leads to a name, so
              that a record is opened only by those who care for the person, and by the person.
            </p>
            <p>The counts will be in the control room, which is not open yet. Nothing is waiting for you.</p>
            <p>
              If you need to open a record to care for someone, ask who runs Linchpin at {placeOf(ctx)} for another
              role.
            </p>
          </EmptyState>
        )}
      </>
    ),
  })
}

/** What a page of the menu is for, in words of its own where its name does not say it. */
const purposes: Readonly<Record<string, string>> = {
  '/work/duplicates': 'Records that may be of one person, and wait for someone to compare them',
}

const placeOf = ({ actor }: HandlerContext): string =>
  actor.kind === 'staff' ? actor.organisationName : 'your organisation'

const noParts: SearchParts = { q: '', nhsNumber: '', family: '', given: '', birthDate: '' }

/** `/work/find`: at most 50 people, exact matches first. */
export async function findPage(ctx: HandlerContext, { query }: PageRequest): Promise<HtmlAnswer> {
  const part = (name: keyof SearchParts): string => query.get(name) ?? ''
  const parts: SearchParts = {
    q: part('q'),
    nhsNumber: part('nhsNumber'),
    family: part('family'),
    given: part('given'),
    birthDate: part('birthDate'),
  }
  const search = searchOf(parts)
  const errors = search.ok === false ? [search] : []
  const found = search.ok === true ? await ctx.records.findPeople(ctx, search.query) : undefined
  return staffPage(ctx, {
    heading: 'Find a person',
    current: '/work/find',
    failed: errors.length > 0,
    before: <Errors errors={errors} />,
    skips: found === undefined ? [] : [{ href: '#results', text: 'Skip to results' }],
    children: (
      <>
        {found === undefined ? null : <Results found={found} now={ctx.clock.now()} />}
        <SearchForm parts={understood(parts)} errors={errors} />
      </>
    ),
  })
}

function Results({ found, now }: { found: readonly FoundPerson[]; now: Temporal.Instant }): ReactElement {
  if (found.length === 0)
    return (
      <div id="results">
        <EmptyState text="No one found. Check the spelling, or search by NHS number." />
      </div>
    )
  return (
    <div id="results">
      <p>
        {found.length >= 50
          ? 'Showing the first 50 people. Add a date of birth to see fewer.'
          : `${count(found.length, 'person', 'people')} found. Exact matches first.`}
      </p>
      <Table
        caption="People found"
        captionHidden
        rows={found}
        keyOf={({ person }) => person.id ?? ''}
        columns={[
          { name: 'Person', rowHeader: true, cell: (row) => <PersonCell {...row} /> },
          { name: 'Born', cell: ({ person }) => bornText(person.birthDate, now) },
          { name: 'Gender', cell: ({ person }) => genderText(person.gender) },
          { name: 'NHS number', cell: ({ person }) => numberText(person) },
          { name: 'Address', cell: ({ person }) => firstAddress(person) },
          { name: 'Sources', numeric: true, cell: ({ sourceCount }) => count(sourceCount, 'source') },
        ]}
      />
    </div>
  )
}

const PersonCell = ({ person, exact, superseded }: FoundPerson): ReactElement => (
  <>
    <a href={`/work/people/${person.id ?? ''}`}>{staffName(person.name)}</a>{' '}
    {exact ? <StaffTag tone="good" text="Exact match" /> : null}
    {superseded ? <StaffTag tone="unusual" text="Found by an old NHS number" /> : null}
  </>
)

const numberText = ({ identifier }: Person): string => {
  const number = nhsNumberOf(identifier)
  return number === undefined ? 'Not known' : nhsNumberText(number)
}

const firstAddress = ({ address }: Person): string => {
  const first = address?.[0]
  return first === undefined ? 'Not shown' : addressText(first)
}

interface SearchFormProps {
  readonly parts: SearchParts
  readonly errors: readonly { readonly field: string; readonly message: string }[]
}

const SearchForm = ({ parts, errors }: SearchFormProps): ReactElement => (
  <form method="get" action="/work/find" noValidate className="app-search-form">
    <TextInput
      id="nhsNumber"
      name="nhsNumber"
      label="NHS number"
      hint="10 digits, with or without spaces"
      width={20}
      defaultValue={parts.nhsNumber}
      autoComplete="off"
      {...errorProps(errors, 'nhsNumber')}
    />
    <TextInput
      id="birthDate"
      name="birthDate"
      label="Date of birth"
      hint="For example, 14 3 1951. A year alone will do"
      width={20}
      defaultValue={parts.birthDate}
      autoComplete="off"
      {...errorProps(errors, 'birthDate')}
    />
    <TextInput
      id="family"
      name="family"
      label="Family name"
      hint="The first 2 letters or more"
      defaultValue={parts.family}
      autoComplete="off"
      {...errorProps(errors, 'family')}
    />
    <TextInput
      id="given"
      name="given"
      label="Given name"
      hint="With or without accents"
      defaultValue={parts.given}
      autoComplete="off"
    />
    <Button>Find</Button>
  </form>
)
