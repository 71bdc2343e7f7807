import { problem } from '../../base/problem.ts'
import { type Dice, diceOf } from '../dice.ts'
import { areas } from '../ics/areas.ts'
import { distance, nearest, type Organisation, organisationsOf } from '../ics/organisations.ts'
import { type Day, dayNumber, weekday } from '../london.ts'
import { madeNhsNumbers } from '../nhs-numbers.ts'
import type { SynthSettings } from '../settings.ts'
import { demography, type HouseholdKind } from './demography.ts'
import { blockSize, firstStem, mostPeople, stemsPerBlock } from './most-people.ts'
import { families, givenNames, streets } from './names.ts'
import type { Household, Person, Relative, Sex } from './person.ts'

export function checkPeople(people: number): void {
  if (people > mostPeople)
    throw problem('invalid', `The 999 range of NHS numbers carries ${mostPeople} synthetic people, not ${people}`)
}

/** A hundred people, and the numbers kept for the children they will have. */
export interface Block {
  readonly people: readonly Person[]
  readonly spareNumbers: readonly string[]
}

/** Block `block` of a population as it stands on a day. */
export function blockOf(settings: SynthSettings, block: number): Block {
  const { seed } = settings
  const count = Math.min(blockSize, settings.people - block * blockSize)
  const dice = diceOf('block', seed, block)
  const numbers = madeNhsNumbers(stemsPerBlock - 15, firstStem + block * stemsPerBlock)
  const sketches: Sketch[] = []
  for (let house = 0; sketches.length < blockSize; house++) {
    const made = householdOf(dice.fork('house', house), blockSize - sketches.length, settings)
    sketches.push(...made.map((each) => ({ ...each, house })))
  }
  const people = sketches.map((sketch, at): Person => personOf(seed, block * blockSize + at, sketch, numbers[at] ?? ''))
  const related = people.map((person, at) => ({ ...person, relatives: relativesOf(person, at, people, sketches) }))
  return { people: related.slice(0, count), spareNumbers: numbers.slice(blockSize) }
}

type Station = 'adult' | 'partner' | 'child' | 'alone'

interface Sketch {
  readonly house: number
  readonly station: Station
  readonly sex: Sex
  readonly born: Day
  readonly family: string
  readonly given: string
  readonly second: string
  readonly ethnicity: string
  readonly language: string
  readonly home: Household
  readonly practice: Organisation
  readonly pharmacy: Organisation
}

type Member = readonly [station: Station, age: number, sex?: Sex]

function members(kind: HouseholdKind, dice: Dice, leastAge: number): readonly Member[] {
  switch (kind) {
    case 'single-working':
      return [['alone', dice.between(24, 64)]]
    case 'single-older':
      return [['alone', olderAge(dice), dice.chance(0.64) ? 'female' : 'male']]
    case 'couple-working': {
      const age = dice.chance(0.7) ? dice.between(42, 64) : dice.between(23, 41)
      return [
        ['adult', age, 'female'],
        ['partner', Math.max(19, age + dice.between(-4, 6)), 'male'],
      ]
    }
    case 'couple-older': {
      const age = dice.between(65, 86)
      return [
        ['adult', age, 'female'],
        ['partner', age + dice.between(-3, 5), 'male'],
      ]
    }
    case 'family': {
      const age = dice.between(30, 57)
      return [
        ['adult', age, 'female'],
        ['partner', age + dice.between(-3, 6), 'male'],
        ...children(dice, leastAge, age, dice.between(1, 3)),
      ]
    }
    case 'lone-parent': {
      const age = dice.between(26, 54)
      return [
        ['adult', age, dice.chance(0.86) ? 'female' : 'male'],
        ...children(dice, leastAge, age, dice.between(1, 2)),
      ]
    }
    case 'sharers':
      return Array.from({ length: dice.between(2, 3) }, (): Member => ['alone', dice.between(18, 34)])
    case 'resident':
      return [['alone', Math.min(101, Math.round(dice.normal(85, 8))), dice.chance(0.68) ? 'female' : 'male']]
  }
}

const olderAge = (dice: Dice): number => 65 + Math.floor(Math.min(34, dice.wait(11)))

/** Born when a parent was 20 to 38 or so; those who are younger than the window is long are born within it. */
const children = (dice: Dice, least: number, parentAge: number, count: number): readonly Member[] =>
  Array.from({ length: count }, () => {
    const age = Math.round(parentAge - dice.normal(30, 5))
    // Those who would be too young or have moved out are of any age instead: no year is crowded.
    return ['child', age < least || age > 21 ? dice.between(least, 21) : age] as const
  })

function householdOf(dice: Dice, room: number, { today, months }: SynthSettings): readonly Omit<Sketch, 'house'>[] {
  const kind = dice.weighted(demography.households)
  const wanted = members(kind, dice, Math.ceil(months / 12)).slice(0, room)
  const home = homeOf(dice, kind)
  const family = dice.pick(families)
  const ethnicity = dice.weighted(demography.ethnicities)
  const practice = practiceOf(dice, home)
  const pharmacy = nearest('pharmacy', practice)
  return wanted.map(([station, age, sex = dice.pick(['female', 'male'] as const)], at) => {
    const own = station === 'alone' && at > 0
    const born = birthday(dice, today, age)
    const [given, second] = [dice.pick(givenNames[sex][era(age)]), dice.pick(givenNames[sex].middle)]
    const other = own || (station === 'partner' && dice.chance(0.3))
    const group = own ? dice.weighted(demography.ethnicities) : ethnicity
    return {
      station,
      sex,
      born,
      given,
      second,
      home,
      practice,
      pharmacy,
      ethnicity: group,
      family: other ? dice.pick(families) : family,
      language: languageOf(dice, group),
    }
  })
}

const era = (age: number) => (age >= 65 ? ('old' as const) : age >= 25 ? ('middle' as const) : ('young' as const))

/** Never the first of January, which stands for "not known". */
function birthday(dice: Dice, today: Day, age: number): Day {
  const born = Math.floor(today - (age + dice.real()) * 365.2425)
  const year = 1970 + Math.floor(born / 365.2425)
  return [year - 1, year, year + 1].some((each) => born === dayNumber(each, 1, 1)) ? born - 5 : born
}

function languageOf(dice: Dice, ethnicity: string): string {
  const found = Object.entries(demography.languages).find(([code]) => code === ethnicity)?.[1]
  return found !== undefined && dice.chance(found[0]) ? found[1] : 'en'
}

const unitLetters = 'ABDEFGHJLNPQRSTUWXYZ'

function homeOf(dice: Dice, kind: HouseholdKind): Household {
  const careHome = kind === 'resident' ? dice.pick(organisationsOf('care-home')) : undefined
  const area = careHome === undefined ? dice.pick(areas) : closestArea(careHome)
  const letters = diceOf('postcode', careHome?.ods ?? dice.below(1e9))
  const unit = `${letters.below(10)}${unitLetters[letters.below(20)]}${unitLetters[letters.below(20)]}`
  const line = careHome === undefined ? `${dice.between(1, 180)} ${dice.pick(streets)}` : `${careHome.name}, Park Road`
  return {
    area,
    east: area.east + dice.normal(0, 0.4),
    north: area.north + dice.normal(0, 0.4),
    line,
    postcode: `${area.outward} ${unit}`,
    ...(careHome === undefined ? {} : { careHome }),
  }
}

const closestArea = (point: { east: number; north: number }) =>
  areas.reduce((best, each) => (distance(each, point) < distance(best, point) ? each : best))

/** One of the three closest practices; care home residents all have the closest. */
function practiceOf(dice: Dice, home: Household): Organisation {
  const sorted = organisationsOf('practice').toSorted((a, b) => distance(a, home) - distance(b, home))
  const [first, second, third] = sorted
  if (first === undefined || home.careHome !== undefined) return nearest('practice', home)
  return dice.weighted([
    [first, 60],
    [second ?? first, 27],
    [third ?? first, 13],
  ] as const)
}

function personOf(seed: number, index: number, sketch: Sketch, nhsNumber: string): Person {
  const { house: _house, station: _station, ...rest } = sketch
  return { ...rest, key: `s${seed}-${index}`, index, seed, nhsNumber, relatives: [] }
}

function relativesOf(
  person: Person,
  at: number,
  people: readonly Person[],
  sketches: readonly Sketch[],
): readonly Relative[] {
  const own = sketches[at]
  if (own === undefined || own.station === 'alone') return []
  return sketches.flatMap((sketch, n): Relative[] => {
    const other = people[n]
    if (n === at || sketch.house !== own.house || other === undefined) return []
    const relationship = relationshipOf(own.station, sketch.station)
    if (relationship === undefined) return []
    const { key, given, family, sex } = other
    const caresForThem = relationship === 'parent' || (weekday(person.born) < 2 && relationship === 'spouse')
    return [{ key, relationship, sex, name: { given, family }, caresForThem }]
  })
}

/** What the other is to oneself. */
function relationshipOf(own: Station, other: Station): Relative['relationship'] | undefined {
  if (own === 'child') return other === 'child' ? undefined : 'parent'
  return other === 'child' ? 'child' : 'spouse'
}
