// What pages do beyond HTML: photo upload with progress, no double send, an expired session, focus on errors.
"use strict";

document.documentElement.classList.add("has-script");

const EXPIRED = "登录已过期,刚才这一下没有保存。请在新窗口登录,再回到这里重试;已经保存的都还在。";

function csrfToken() {
  // The cookie is fresher than the page after signing in again in another window.
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  if (cookie) return cookie.slice("csrftoken=".length);
  const field = document.querySelector("input[name=csrfmiddlewaretoken]");
  return field ? field.value : "";
}

function uploadPhoto(box, file) {
  const line = document.createElement("li");
  const text = document.createElement("span");
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", "上传进度");
  text.textContent = file.name + " 正在上传…";
  line.append(text, bar);
  box.querySelector(".uploader-list").append(line);
  const uid = crypto.randomUUID ? crypto.randomUUID() : fallbackUuid();
  send();

  function send() {
    const form = new FormData();
    form.append("uid", uid);
    form.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", box.dataset.url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100);
    });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { answer = {}; }
      if (request.status === 200 && answer.uid) done(answer);
      else failed(answer.error || (request.status === 401 ? EXPIRED : "服务器没有收下这张照片"), !answer.error);
    });
    request.addEventListener("error", () => failed("网络断了,照片还没有上传", true));
    request.send(form);
  }

  function done(answer) {
    const image = document.createElement("img");
    image.src = answer.url;
    image.alt = "";
    const id = document.createElement("input");
    id.type = "hidden";
    id.name = box.dataset.name + "_ids";
    id.value = answer.uid;
    const drop = button("删去", () => {
      fetch(box.dataset.url + answer.uid + "/discard/", { method: "POST", headers: { "X-CSRFToken": csrfToken() } });
      line.remove();
      box.dispatchEvent(new CustomEvent("photos-changed", { bubbles: true }));
    });
    text.textContent = "已上传 · 回执 " + answer.receipt;
    line.replaceChildren(image, text, id, drop);
    line.dataset.done = "";
    box.dispatchEvent(new CustomEvent("photos-changed", { bubbles: true }));
  }

  function failed(reason, canRetry) {
    text.textContent = reason;
    line.replaceChildren(text);
    if (canRetry) line.append(button("重传", () => { line.replaceChildren(text, bar); text.textContent = file.name + " 正在重传…"; send(); }));
    line.append(button("知道了", () => line.remove()));
  }

  function button(label, action) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "btn btn-outline-secondary";
    element.textContent = label;
    element.addEventListener("click", action);
    return element;
  }
}

function fallbackUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

document.addEventListener("change", (event) => {
  const box = event.target.closest && event.target.closest("[data-uploader]");
  if (!box || event.target.type !== "file") return;
  for (const file of event.target.files) uploadPhoto(box, file);
  event.target.value = "";
});

// A second press while the first is under way does nothing; the server would answer the same anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // A button with a target of its own opens a preview and sends nothing for good.
  if (!form.matches("[data-once]") || (event.submitter && event.submitter.formTarget)) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("[data-once]").forEach((form) => delete form.dataset.sent));

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = csrfToken();
  if (event.detail.verb !== "get") event.detail.formData.set("csrfmiddlewaretoken", csrfToken());
});
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  showFailure(status === 401 ? EXPIRED : "没有保存:服务器回答 " + status + "。请刷新页面再试。");
});
document.addEventListener("refused", (event) => showFailure(event.detail.text));
document.addEventListener("htmx:afterOnLoad", (event) => {
  const note = document.getElementById("failure");
  if (note && event.detail.xhr.status < 400) note.remove();
});
document.addEventListener("htmx:sendError", () => showFailure("网络断了,刚才这一下没有保存。恢复后请再点一次。"));

function showFailure(text) {
  let note = document.getElementById("failure");
  if (!note) {
    note = document.createElement("div");
    note.id = "failure";
    note.className = "alert alert-danger";
    note.setAttribute("role", "alert");
    document.getElementById("main").prepend(note);
  }
  note.textContent = text;
  const status = document.querySelector("#progress [role=status]");
  if (status) status.textContent = "有内容还没有保存";
}

// Back online: what was tapped meanwhile is sent at once.
window.addEventListener("online", () => document.querySelectorAll("form[hx-post]").forEach((form) => htmx.trigger(form, "photos-changed")));

// Back from history after a form was taken: it must not look unsent.
window.addEventListener("pageshow", (event) => {
  const [entry] = performance.getEntriesByType("navigation");
  if (event.persisted || (entry && entry.type === "back_forward")) {
    document.querySelectorAll("[data-once]").forEach(() => showFailure("您是退回到这个页面的。如果刚才已经看到回执,就不用再提交;要另报一条,请重新打开这个页面。"));
  }
});

document.addEventListener("DOMContentLoaded", () => {
  const summary = document.querySelector(".error-summary");
  if (summary) summary.focus();
});

// A file field as a place to drop a file on, with our own words: the browser's button speaks the browser's language.
document.querySelectorAll("[data-drop]").forEach((box) => {
  const input = box.querySelector("input[type=file]"), words = box.querySelector(".drop-words");
  const asked = words.textContent;
  const show = () => { words.textContent = input.files.length ? "已选择 " + input.files[0].name : asked; };
  box.classList.add("is-live");
  input.addEventListener("change", show);
  show();
});

// The counter of a remark that has a limit.
document.addEventListener("input", (event) => {
  const limit = Number(event.target.dataset && event.target.dataset.limit);
  if (!limit) return;
  const count = document.querySelector("#" + event.target.getAttribute("aria-describedby") + " [data-count]");
  const length = event.target.value.trim().length;
  if (count) count.textContent = length > limit ? ",已超出 " + (length - limit) + " 字" : ",已写 " + length + " 字";
});
