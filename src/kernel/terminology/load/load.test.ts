import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import type { OperationOutcome, ValueSet } from 'fhir/r4.js'
import { compound, type Hierarchy, id, made, naive, writeSnomed } from '../../../../test/support/small-releases.ts'
import { type TestStore, testStore } from '../../../../test/support/store.ts'
import { systemClock } from '../../../base/clock.ts'
import { sql } from '../../../base/sql.ts'
import { parseEcl } from '../ecl/parse.ts'
import { dmdPlan } from './dmd.ts'
import { loadRelease } from './load.ts'
import { loincPlan } from './loinc.ts'
import { odsPlan } from './ods.ts'
import { snomedPlan } from './snomed.ts'

describe('releases of code systems', () => {
  let home: TestStore
  const folder = mkdtempSync(join(tmpdir(), 'linchpin-release-'))
  before(async () => {
    home = await testStore()
  })
  after(async () => {
    await home.close()
    rmSync(folder, { recursive: true })
  })
  const load = (plan: Parameters<typeof loadRelease>[1], report?: () => void) =>
    loadRelease(home.store.database, plan, { clock: systemClock, ...(report === undefined ? {} : { report }) })
  const expand = async (query: string): Promise<ValueSet['expansion'] & { words?: string | undefined }> => {
    const { text } = await home.fhir('GET', `ValueSet/$expand?${query}`)
    const found = JSON.parse(text) as ValueSet | OperationOutcome
    return found.resourceType === 'ValueSet' ? found.expansion! : { timestamp: '', words: found.issue[0]?.diagnostics }
  }
  const ecl = (expression: string) =>
    `url=${encodeURIComponent(`http://snomed.info/sct?fhir_vs=ecl/${encodeURIComponent(expression)}`)}`
  const codes = async (query: string): Promise<string[]> => {
    const { contains, words } = await expand(query)
    assert.equal(words, undefined)
    return (contains ?? []).map((each) => each.code!)
  }

  test('SNOMED CT: expressions select what a naive evaluation selects, on random hierarchies', async () => {
    let round = 0
    const runs = process.env['LINCHPIN_LONG'] === '1' ? 60 : 4
    await fc.assert(
      fc.asyncProperty(made, fc.array(compound, { minLength: 20, maxLength: 20 }), async (hierarchy, expressions) => {
        round += 1
        await load(
          await snomedPlan(
            writeSnomed(join(folder, `random-${round}`), hierarchy),
            `http://snomed.info/sct/1/version/${round}`,
          ),
        )
        for (const expression of expressions) {
          const expected = [...naive(hierarchy, parseEcl(expression))].map((n) => id(n)).toSorted()
          assert.deepEqual((await codes(ecl(expression))).toSorted(), expected, expression)
        }
      }),
      { numRuns: runs, endOnFailure: true },
    )
  })

  const small: Hierarchy = { parents: [[], [0], [0], [1], [1, 2]], attributes: [[3, 1, 2, 1]], members: [[2, 3]] }

  test('SNOMED CT: terms, search, closure, reference sets and properties', async () => {
    const loaded = await load(await snomedPlan(writeSnomed(join(folder, 'small'), small)))
    assert.deepEqual(loaded, {
      outcome: 'loaded',
      system: 'http://snomed.info/sct',
      version: 'http://snomed.info/sct/83821000000107/version/20260101',
      concepts: 5,
    })
    const all = 'url=http://snomed.info/sct%3Ffhir_vs'
    assert.deepEqual(await codes(`${all}&filter=thing%203`), [id(3)])
    assert.deepEqual(await codes(`${all}&filter=CAFE%20num%204`), [])
    assert.equal((await expand(`${all}&filter=cafe&count=2`)).total, 5)
    assert.deepEqual(await codes(`${all}&filter=${id(2)}`), [id(2)])
    const pages = [...(await codes(`${all}&count=2`)), ...(await codes(`${all}&count=3&offset=2`))]
    assert.deepEqual(pages, await codes(all))
    assert.deepEqual(await codes(`url=http://snomed.info/sct%3Ffhir_vs=refset/${id(2)}`), [id(3)])
    const lookup = await home.fhir('GET', `CodeSystem/$lookup?system=http://snomed.info/sct&code=${id(3)}`)
    assert.match(lookup.text, /"display","valueString":"Thing 3 café"/)
    const subsumes = await home.fhir(
      'GET',
      `CodeSystem/$subsumes?system=http://snomed.info/sct&codeA=${id(0)}&codeB=${id(4)}`,
    )
    assert.match(subsumes.text, /"subsumes"/)
    const { terminology } = home.store
    const system = 'http://snomed.info/sct'
    assert.deepEqual(
      (await terminology.codesBelow({ system, code: id(1) })).map((each) => each.code).toSorted(),
      [id(1), id(3), id(4)].toSorted(),
    )
    assert.deepEqual((await terminology.codesAbove({ system, code: id(4) })).length, 4)
    assert.equal(
      await terminology.isMember(`http://snomed.info/sct?fhir_vs=isa/${id(1)}`, { system, code: id(4) }),
      'yes',
    )
    assert.equal(
      await terminology.isMember(`http://snomed.info/sct?fhir_vs=isa/${id(1)}`, { system, code: id(2) }),
      'no',
    )
  })

  test('a release that is loaded already is left alone, and a new one takes its place whole', async () => {
    assert.equal((await load(await snomedPlan(join(folder, 'small')))).outcome, 'unchanged')
    const next = { ...small, parents: [...small.parents, [0]] }
    await load(await snomedPlan(writeSnomed(join(folder, 'next'), next, '20260201')))
    assert.equal((await codes('url=http://snomed.info/sct%3Ffhir_vs')).length, 6)
    const left = await home.store.database.read(sql`select count(distinct release)::int4 as n from term_concept`)
    assert.equal(left[0]?.['n'], 1)
  })

  test('a load that was cut off goes on where it stopped, and the old release serves until then', async () => {
    const plan = await snomedPlan(
      writeSnomed(join(folder, 'cut'), { ...small, parents: [...small.parents, [0], [5]] }, '20260301'),
    )
    for (const stop of [1, 1, 1]) {
      let seen = 0
      const broken = load(plan, () => {
        seen += 1
        if (seen > stop) throw new Error('cut off')
      })
      await assert.rejects(broken, /cut off/)
      assert.equal((await codes('url=http://snomed.info/sct%3Ffhir_vs')).length, 6)
    }
    await load(plan)
    assert.equal((await codes('url=http://snomed.info/sct%3Ffhir_vs')).length, 7)
    const twice = await home.store.database.read(
      sql`select code, value from term_designation group by code, value having count(*) > 1`,
    )
    assert.deepEqual(twice, [])
  })

  test('a hierarchy that goes in circles is refused and the release before goes on', async () => {
    const circle = { ...small, parents: [[], [2], [1]] }
    await assert.rejects(
      load(await snomedPlan(writeSnomed(join(folder, 'circle'), circle, '20260401'))),
      /goes in circles/,
    )
    assert.equal((await codes('url=http://snomed.info/sct%3Ffhir_vs')).length, 7)
  })

  for (const [expression, words] of [
    ['<<', /a concept is expected/],
    ['A OR B', /a concept is expected/],
    [`${id(1)} OR ${id(2)} AND ${id(3)}`, /parentheses are needed/],
    [`${id(1)} |open`, /must end with/],
    [`${'('.repeat(100)}${id(1)}`, /too deeply/],
  ] as const)
    test(`an expression that is not understood is refused with its place: ${expression.slice(0, 30)}`, async () => {
      assert.match((await expand(ecl(expression))).words ?? '', words)
    })

  test('dm+d: classes, links, ingredients', async () => {
    const path = join(folder, 'dmd')
    mkdirSync(path)
    writeFileSync(
      join(path, 'f_vtm2_3050126.xml'),
      `<VIRTUAL_THERAPEUTIC_MOIETIES><VTM><VTMID>${id(1)}</VTMID><NM>Madeupine &amp; salt</NM></VTM></VIRTUAL_THERAPEUTIC_MOIETIES>`,
    )
    writeFileSync(
      join(path, 'f_vmp2_3050126.xml'),
      `<VIRTUAL_MED_PRODUCTS><VMPS><VMP><VPID>${id(2)}</VPID><VTMID>${id(1)}</VTMID><NM>Madeupine 5mg tablets</NM></VMP><VMP><VPID>${id(3)}</VPID><INVALID>1</INVALID><NM>Old tablets</NM></VMP></VMPS><VIRTUAL_PRODUCT_INGREDIENT><VPI><VPID>${id(2)}</VPID><ISID>${id(4)}</ISID></VPI></VIRTUAL_PRODUCT_INGREDIENT></VIRTUAL_MED_PRODUCTS>`,
    )
    writeFileSync(
      join(path, 'f_ingredient2_3050126.xml'),
      `<INGREDIENT_SUBSTANCES><ING><ISID>${id(4)}</ISID><NM>Madeupine</NM></ING></INGREDIENT_SUBSTANCES>`,
    )
    const loaded = await load(dmdPlan(path))
    assert.equal(loaded.version, '2026-01-05')
    const set = {
      resourceType: 'ValueSet',
      id: 'vmp',
      url: 'http://example.org/vmp',
      status: 'active',
      compose: { include: [{ system: 'https://dmd.nhs.uk', filter: [{ property: 'parent', op: '=', value: 'VMP' }] }] },
    }
    await home.fhir('PUT', 'ValueSet/vmp', JSON.stringify(set))
    assert.deepEqual((await codes('url=http://example.org/vmp')).toSorted(), [id(2), id(3)])
    assert.deepEqual(await codes('url=http://example.org/vmp&activeOnly=true'), [id(2)])
    const { text } = await home.fhir('GET', `CodeSystem/$lookup?system=https://dmd.nhs.uk&code=${id(2)}`)
    assert.ok(text.includes(id(1)) && text.includes(id(4)), text)
  })

  test('LOINC: codes, hierarchy, answer lists', async () => {
    const path = join(folder, 'Loinc_9.99')
    mkdirSync(path)
    writeFileSync(
      join(path, 'Loinc.csv'),
      '"LOINC_NUM","COMPONENT","SCALE_TYP","STATUS","SHORTNAME","LONG_COMMON_NAME"\n"99991-1","Made, up","Qn","ACTIVE","Mup","Made up [Mass/volume]"\n"99992-9","Other","Doc","DEPRECATED","","Other ""old"" document"\n',
    )
    writeFileSync(
      join(path, 'ComponentHierarchyBySystem.csv'),
      'PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT\n,1,,LP99-9,Made parts\nLP99-9,1,LP99-9,99991-1,Made up\n',
    )
    writeFileSync(
      join(path, 'AnswerList.csv'),
      'AnswerListId,AnswerListName,AnswerStringId,DisplayText\nLL99-1,Made list,LA98-2,Yes indeed\n',
    )
    await load(loincPlan(path))
    assert.deepEqual(await codes('url=http://loinc.org/vs/LP99-9'), ['99991-1'])
    assert.deepEqual(await codes('url=http://loinc.org/vs/LL99-1'), ['LA98-2'])
    assert.deepEqual(await codes('url=http://loinc.org/vs&filter=mup'), ['99991-1'])
    assert.deepEqual(await codes('url=http://hl7.org/fhir/ValueSet/doc-typecodes'), ['99992-9'])
  })

  test('ODS: XML with roles and relationships, and CSV', async () => {
    const xml = join(folder, 'ods_20260101.xml')
    writeFileSync(
      xml,
      '<Organisations><Organisation orgRecordClass="RC1"><Name>MADE UP TRUST</Name><OrgId root="2.16" extension="ZZ9"/><Status value="Active"/><Roles><Role id="RO197" uniqueRoleId="1" primaryRole="true"/></Roles></Organisation><Organisation><Name>MADE UP SURGERY</Name><OrgId extension="Y99999"/><Status value="Inactive"/><Rels><Rel id="RE4"><Target><OrgId extension="ZZ9"/></Target></Rel></Rels></Organisation></Organisations>',
    )
    await load(odsPlan(xml))
    const lookup = await home.fhir(
      'GET',
      'CodeSystem/$lookup?system=https://fhir.nhs.uk/Id/ods-organization-code&code=Y99999',
    )
    assert.match(lookup.text, /RE4/)
    const csv = join(folder, 'epraccur_20260102.csv')
    writeFileSync(csv, '"Z99998","THE MADE UP PRACTICE","Y1","Q1","1 ROAD","","","","","ZZ1 1ZZ","20000101","","A"\n')
    await load(odsPlan(csv))
    assert.match(
      (await home.fhir('GET', 'CodeSystem/$lookup?system=https://fhir.nhs.uk/Id/ods-organization-code&code=Z99998'))
        .text,
      /MADE UP PRACTICE/,
    )
  })
})
