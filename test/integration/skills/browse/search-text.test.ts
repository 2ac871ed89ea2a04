import { expect, test } from "vitest";
import { searchText, searchWord } from "../../../../src/domain/market/search-text.ts";
import { openTestApp } from "../../../helpers/app.ts";
import { openSkill } from "../../../helpers/skills.ts";

interface Page {
  readonly items: { readonly name: string }[];
  readonly note?: string;
}

const TEXTS: Readonly<Record<string, string>> = {
  chinese: "从发票里提取金额和税率。",
  japanese: "請求書のテキストから合計を読み取ります",
  thai: "อ่านใบแจ้งหนี้แล้วคืนยอดรวมเป็นตัวเลข",
  korean: "청구서에서 금액을 읽습니다",
  russian: "Считает ещё и зелёные поля отчёта",
  german: "Misst die Größe und die Straße",
  wide: "Ｉｎｖｏｉｃｅ ｔｏｔａｌｓ １２３",
  french: "Résumé d'un café",
  vietnamese: "Đọc hóa đơn",
  hindi: "चालान से राशि निकालता है",
};

async function market() {
  const { createOperator } = await openTestApp({ start: false });
  const seller = await createOperator("seller");
  for (const [name, description] of Object.entries(TEXTS)) {
    await seller.ok(
      "stack_publish_skill",
      openSkill({ name, description, tags: [name.slice(0, 3)] }),
    );
  }
  const search = async (text: string) => seller.ok<Page>("stack_browse_skills", { search: text });
  return { seller, search };
}

test("finds words in any script, in any form of their letters", async () => {
  const { search } = await market();
  const cases: [string, string][] = [
    ["金额", "chinese"],
    ["提取金额", "chinese"],
    ["税", "chinese"],
    ["率", "chinese"],
    ["テキスト", "japanese"],
    ["ﾃｷｽﾄ", "japanese"],
    ["合計", "japanese"],
    ["ยอดรวม", "thai"],
    ["ใบแจ้งหนี้", "thai"],
    ["금액", "korean"],
    ["еще", "russian"],
    ["ещё", "russian"],
    ["зеленые", "russian"],
    ["grosse", "german"],
    ["GRÖSSE", "german"],
    ["strasse", "german"],
    ["Straße", "german"],
    ["invoice totals", "wide"],
    ["ＴＯＴＡＬＳ", "wide"],
    ["123", "wide"],
    ["cafe", "french"],
    ["RÉSUMÉ", "french"],
    ["hoa don", "vietnamese"],
    ["राशि", "hindi"],
  ];
  for (const [text, name] of cases) {
    const { items } = await search(text);
    // Others may have another word for it.
    expect([text, items[0]?.name]).toEqual([text, name]);
  }
});

test("finds nothing that is not there, and says why", async () => {
  const { search } = await market();
  for (const text of ["额金", "キス", "zzz"]) {
    const { items, note } = await search(text);
    const found = text === "キス" ? ["japanese"] : [];
    expect([text, items.map((item) => item.name)]).toEqual([text, found]);
    if (found.length === 0) expect(note).toMatch(/word/i);
  }
});

test("finds changed texts, and the old ones no more", async () => {
  const { seller, search } = await market();
  const { items } = await seller.ok<{ items: { id: string; name: string }[] }>(
    "stack_list_my_skills",
  );
  const skill_id = items.find(({ name }) => name === "chinese")?.id;
  await seller.ok("stack_update_skill", {
    skill_id,
    description: "把文字翻译成日语",
    tags: ["翻译"],
  });
  expect((await search("金额")).items).toEqual([]);
  expect((await search("翻译")).items).toHaveLength(1);
  expect((await seller.ok<Page>("stack_browse_skills", { tags: ["翻译"] })).items).toHaveLength(1);
});

test("matches a request in another script with the skill that answers it", async () => {
  const { seller } = await market();
  const posted = await seller.ok<{ id: string }>("stack_post_skill_request", {
    description: "我需要读取发票上的金额",
    tags: [],
  });
  type Match = { skill: { name: string }; reasons: string[] };
  const { items } = await seller.ok<{ items: Match[] }>("stack_match_skill_request", {
    request_id: posted.id,
  });
  expect(items[0]).toMatchObject({
    skill: { name: "chinese" },
    reasons: expect.arrayContaining([expect.stringContaining("金额")]),
  });
});

test.each([
  ["Straße", "strasse"],
  ["ﬁle", "file"],
  ["金额", "金额 额"],
  ["a金额b", "a 金额 额 b"],
  ["税", "税"],
])("indexes %s as %s", (text, kept) => {
  expect(searchText(text).trim().replaceAll(/\s+/g, " ")).toBe(kept);
});

test("finds a search word in every text that has it", () => {
  for (const text of ["金额", "发票金额合计", "金额金额"]) {
    expect(` ${searchText(text).replaceAll(/\s+/g, " ")} `).toContain(` ${searchWord("金额")} `);
  }
});
