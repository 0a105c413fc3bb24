// Makes a published draw again in the visitor's own browser, from the file alone (Web Crypto).
"use strict";

(() => {
  const box = document.getElementById("check");
  const state = box.querySelector("[data-state]");
  const button = box.querySelector("button");
  const bar = box.querySelector("progress");
  const steps = box.querySelector("[data-steps]");

  if (!window.crypto || !crypto.subtle) {
    state.textContent = "这个浏览器(或不是 https 的地址)不能重算,请用上面的核对程序。";
    return;
  }
  button.hidden = false;
  state.textContent = "只用抽取文件,不信任本站的任何计算。";
  button.addEventListener("click", run);

  class Mismatch extends Error {}

  function need(holds, words) {
    if (!holds) throw new Mismatch(words);
  }

  function say(words, bad) {
    const line = document.createElement("li");
    line.textContent = words;
    if (bad) line.className = "is-bad";
    steps.append(line);
  }

  const encoder = new TextEncoder();

  async function digest(text) {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // JSON with sorted keys and without spaces: what the digest of the lists is taken over.
  function canonical(value) {
    if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return "{" + Object.keys(value).sort().map((key) => JSON.stringify(key) + ":" + canonical(value[key])).join(",") + "}";
  }

  async function run() {
    button.disabled = true;
    bar.hidden = false;
    steps.replaceChildren();
    state.textContent = "正在重算…";
    try {
      const answer = await fetch(box.dataset.url);
      need(answer.ok, "抽取文件没有下载下来,请稍后再试");
      const text = await answer.text();
      const data = JSON.parse(text);
      // Written again it is the same text: no key stands twice, no number was rounded while it was read.
      need(JSON.stringify(data, null, 1) + "\n" === text, "抽取文件不是本站写出的样子:有重复的键或不合格的数");
      await verify(data);
      const made = data.drawn_at === null ? "这次抽取没有结果,公布的都没有改动过。" : "结果就是名单、密钥和公共随机值算出来的那一个。";
      state.textContent = "全部相符:" + made;
    } catch (error) {
      const words = error instanceof Mismatch ? error.message : "文件读不出来或缺少内容(" + error + ")";
      say("不符:" + words, true);
      state.textContent = "核对没有通过。";
    }
    bar.hidden = true;
    button.disabled = false;
  }

  const whole = (value) => Number.isSafeInteger(value) && value >= 1;
  const filled = (...values) => values.every((value) => typeof value === "string" && value !== "");

  // Numbers are numbers, and no step has its facts without the facts of the steps before it.
  function checkShape(data) {
    need(data.format === "shijiao-draw/1", "文件格式不认识");
    need(filled(data.id, data.title, data.public_event, data.secret, data.commitment, data.committed_at), "缺少承诺一步的内容");
    need(whole(data.n) && whole(data.officers_per_object), "抽取数或每个对象的检查人员数不是大于 0 的整数");
    need(data.max_per_officer === null || whole(data.max_per_officer), "每人最多对象数不是大于 0 的整数");
    const rows = [data.objects, data.officers, data.conflicts, data.drawn, data.changes];
    need(rows.every(Array.isArray), "名单、结果或变更不是列表");
    const done = [[data.frozen_at, data.lists_sha256], [data.public_value_at, data.public_value, data.seed], [data.drawn_at]];
    for (const [number, label] of ["冻结", "公共随机值", "抽取"].entries()) {
      const facts = done[number];
      need(filled(...facts) || facts.every((value) => value === null), label + "一步的内容不全");
      need(number === 0 || facts[0] === null || done[number - 1][0] !== null, "缺少前一步,却有后一步的内容");
    }
    need(data.frozen_at !== null || rows.slice(0, 3).every((list) => list.length === 0), "还没有冻结,却有名单");
    need(data.drawn_at !== null || data.drawn.length === 0, "还没有抽取,却有结果");
  }

  // By code points, as the lists are sorted; the order of UTF-16 differs beyond the basic plane.
  function before(left, right) {
    const [a, b] = [Array.from(left), Array.from(right)];
    const at = a.findIndex((letter, i) => letter !== b[i]);
    return at < 0 ? a.length < b.length : at < b.length && a[at].codePointAt(0) < b[at].codePointAt(0);
  }

  function checkOrder(rows, name, label) {
    const holds = rows.every((row, i) => filled(row[name]) && (i === 0 || before(rows[i - 1][name], row[name])));
    need(holds, label + "没有按编号排列,或有重复");
  }

  // Each list in order, no key twice, weights whole numbers from 1 on, conflicts between listed ones.
  function checkLists(data) {
    checkOrder(data.objects, "key", "企业名单");
    checkOrder(data.officers, "key", "检查人员名单");
    need(data.objects.every(({ weight }) => whole(weight)), "有企业的权重不是大于 0 的整数");
    const [firms, people] = [data.objects, data.officers].map((rows) => new Set(rows.map(({ key }) => key)));
    need(data.conflicts.every((row) => firms.has(row.object) && people.has(row.officer)), "回避名单里有不在名单上的编号");
    const follows = (row, last) => before(last.object, row.object) || (last.object === row.object && before(last.officer, row.officer));
    need(data.conflicts.every((row, i) => i === 0 || follows(row, data.conflicts[i - 1])), "回避名单没有按编号排列,或有重复");
  }

  // Each has its reason and two people; a void is whole and the last; before the draw nothing can be replaced.
  function checkChanges(data) {
    for (const [number, row] of data.changes.entries()) {
      const where = `第 ${number + 1} 项变更`;
      need(filled(row.by, row.approved_by, row.reason, row.at) && row.by !== row.approved_by, where + "缺少理由、时间或另一人的批准");
      if (row.kind === "void") {
        need(row.object === null && row.officer === null, where + ":作废不只对一个对象");
        need(number === data.changes.length - 1, where + ":作废以后还有变更");
      } else {
        need(row.kind === "replace_object" || row.kind === "replace_officer", where + "的种类不认识");
        need(data.drawn_at !== null, where + ":还没有抽取,却有替换");
        need(filled(row.object) && (row.kind === "replace_officer" ? filled(row.officer) : row.officer === null), where + "的对象或检查人员不对");
      }
    }
  }

  function checkTimes(data) {
    const at = ["committed_at", "frozen_at", "public_value_at", "drawn_at"].map((name) => data[name] === null ? null : Date.parse(data[name]));
    need(at.every((time) => time === null || !Number.isNaN(time)), "有的时间读不出来");
    need((at[1] === null || at[0] <= at[1]) && (at[2] === null || at[1] < at[2]) && (at[3] === null || at[2] <= at[3]), "几个时间的先后不对");
  }

  async function verify(data) {
    checkShape(data);
    need(data.commitment === box.dataset.commitment, "文件里的承诺与这一页公布的不同");
    need(/^[0-9a-f]{64}$/.test(data.secret), "密钥不是 64 位十六进制数");
    need((await digest(data.secret)) === data.commitment, "密钥与承诺不符");
    say("密钥的指纹与承诺相符");
    need((data.lists_sha256 ?? "") === box.dataset.lists, "文件里的名单指纹与这一页公布的不同");
    checkChanges(data);
    checkTimes(data);
    if (data.frozen_at === null) return say("冻结之前已经作废,没有名单");
    const lists = { conflicts: data.conflicts, objects: data.objects, officers: data.officers };
    need((await digest(canonical(lists))) === data.lists_sha256, "名单与指纹不符");
    checkLists(data);
    say(`名单的指纹相符:企业 ${data.objects.length} 家,检查人员 ${data.officers.length} 人`);
    if (data.public_value !== null) {
      need((await digest([data.secret, data.public_value, data.lists_sha256].join(":"))) === data.seed, "种子不符");
      say("种子相符");
    }
    say("承诺在前,冻结其次,公共随机值产生在冻结之后");
    if (data.drawn_at === null) return say("抽取之前已经作废,没有结果");
    return replay(data);
  }

  async function replay(data) {
    const queue = await tickets(data);
    const result = { data, queue, taken: new Map(), gone: new Set(), left: new Set() };
    for (let number = 0; number < Math.min(data.n, queue.length); number += 1) {
      const made = await takeNext(result);
      need(canonical(made) === canonical(data.drawn[number]), `第 ${number + 1} 个对象重算的结果与公布的不同`);
    }
    need(data.drawn.length === Math.min(data.n, queue.length), "抽中的对象数不对");
    say(`重算 ${data.drawn.length} 个对象和各自的检查人员,全部相同`);
    for (const [number, change] of data.changes.entries()) await apply(result, change, `第 ${number + 1} 项变更`);
    say(`变更 ${data.changes.length} 项,逐项重算相同`);
  }

  // [ticket, key] of every firm that may be drawn, smallest ticket first; the bar shows how far it is.
  async function tickets(data) {
    const found = [];
    for (const [number, firm] of data.objects.entries()) {
      if (firm.excluded === null) {
        const own = await Promise.all(Array.from({ length: firm.weight }, (_, i) => digest(`${data.seed}:object:${firm.key}:${i}`)));
        found.push([own.sort()[0], firm.key]);
      }
      if (number % 200 === 0) bar.value = (100 * number) / data.objects.length;
    }
    return found.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }

  async function candidates(result, firm) {
    const { data, taken, left } = result;
    const avoided = new Set(data.conflicts.filter((row) => row.object === firm).map((row) => row.officer));
    const loads = new Map();
    for (const people of taken.values()) for (const key of people) loads.set(key, (loads.get(key) || 0) + 1);
    const free = data.officers.filter(({ key, excluded }) => {
      const full = data.max_per_officer !== null && (loads.get(key) || 0) >= data.max_per_officer;
      return excluded === null && !avoided.has(key) && !full && !left.has(firm + " " + key);
    });
    const found = await Promise.all(free.map(async ({ key }) => [await digest(`${data.seed}:officer:${firm}:${key}`), key]));
    return found.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  }

  async function takeNext(result) {
    const following = result.queue.find(([, key]) => !result.taken.has(key) && !result.gone.has(key));
    if (!following) return null;
    const [ticket, firm] = following;
    let people = (await candidates(result, firm)).slice(0, result.data.officers_per_object);
    if (people.length < result.data.officers_per_object) people = [];
    result.taken.set(firm, people.map(([, key]) => key));
    return { object: firm, ticket, officers: people.map(([lot, key]) => ({ key, ticket: lot })) };
  }

  async function apply(result, change, where) {
    if (change.kind === "void") return;
    const people = result.taken.get(change.object);
    need(people, where + ":这个对象当时不在结果里");
    let comes = null;
    if (change.kind === "replace_object") {
      result.taken.delete(change.object);
      result.gone.add(change.object);
      comes = (await takeNext(result))?.object ?? null;
    } else {
      need(people.includes(change.officer), where + ":这名检查人员当时不在名单里");
      const free = (await candidates(result, change.object)).filter(([, key]) => !people.includes(key));
      need(free.length > 0, where + ":没有可以替换的检查人员");
      comes = free[0][1];
      result.left.add(change.object + " " + change.officer);
      result.taken.set(change.object, people.map((key) => (key === change.officer ? comes : key)));
    }
    need(change.replacement === comes, `${where}:应当换成 ${comes},公布的是 ${change.replacement}`);
  }
})();
