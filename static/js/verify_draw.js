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
      await verify(await answer.json());
      state.textContent = "全部相符:结果就是名单、密钥和公共随机值算出来的那一个。";
    } catch (error) {
      const words = error instanceof Mismatch ? error.message : "文件读不出来或缺少内容(" + error + ")";
      say("不符:" + words, true);
      state.textContent = "核对没有通过。";
    }
    bar.hidden = true;
    button.disabled = false;
  }

  async function verify(data) {
    need(data.commitment === box.dataset.commitment, "文件里的承诺与这一页公布的不同");
    need((await digest(data.secret)) === data.commitment, "密钥与承诺不符");
    say("密钥的指纹与承诺相符");
    if (!data.frozen_at) return say("冻结之前已经作废,没有名单");
    need(data.lists_sha256 === box.dataset.lists, "文件里的名单指纹与这一页公布的不同");
    const lists = { conflicts: data.conflicts, objects: data.objects, officers: data.officers };
    need((await digest(canonical(lists))) === data.lists_sha256, "名单与指纹不符");
    say(`名单的指纹相符:企业 ${data.objects.length} 家,检查人员 ${data.officers.length} 人`);
    const at = ["committed_at", "frozen_at", "public_value_at", "drawn_at"].map((name) => data[name] && Date.parse(data[name]));
    need(at[0] <= at[1] && (!at[2] || at[1] < at[2]) && (!at[3] || at[2] <= at[3]), "几个时间的先后不对");
    say("承诺在前,冻结其次,公共随机值产生在冻结之后");
    if (!data.drawn_at) return say("抽取之前已经作废,没有结果");
    need((await digest([data.secret, data.public_value, data.lists_sha256].join(":"))) === data.seed, "种子不符");
    say("种子相符");
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
    need(change.reason && change.approved_by && change.by !== change.approved_by, where + "缺少理由或另一人的批准");
    if (change.kind === "void") return;
    const people = result.taken.get(change.object);
    need(people, where + ":这个对象当时不在结果里");
    let comes = null;
    if (change.kind === "replace_object") {
      result.taken.delete(change.object);
      result.gone.add(change.object);
      comes = (await takeNext(result))?.object ?? null;
    } else {
      need(change.kind === "replace_officer" && people.includes(change.officer), where + ":这名检查人员当时不在名单里");
      const free = (await candidates(result, change.object)).filter(([, key]) => !people.includes(key));
      comes = free.length ? free[0][1] : null;
      result.left.add(change.object + " " + change.officer);
      result.taken.set(change.object, people.map((key) => (key === change.officer ? comes : key)));
    }
    need(change.replacement === comes, `${where}:应当换成 ${comes},公布的是 ${change.replacement}`);
  }
})();
