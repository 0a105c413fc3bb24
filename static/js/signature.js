// A signature written on the screen: drawn on a canvas, uploaded as a PNG like any photo. Without it the page asks for a photo.
"use strict";

function signaturePad(box) {
  const glass = box.querySelector(".signature-glass"), canvas = box.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const list = box.querySelector(".uploader-list");
  let inked = false, last = null;

  glass.hidden = false;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(canvas.clientWidth * scale);
  canvas.height = Math.round(canvas.clientHeight * scale);
  wipe();

  function wipe() {
    // White, not clear: printed and shrunk, a clear ground turns black.
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.lineWidth = 2.5 * scale;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#10182a";
    inked = false;
  }

  function place(event) {
    const edge = canvas.getBoundingClientRect();
    return [(event.clientX - edge.left) * (canvas.width / edge.width), (event.clientY - edge.top) * (canvas.height / edge.height)];
  }

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = place(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    inked = true;
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { last = null; });

  function use() {
    if (!inked) return;
    canvas.toBlob((blob) => {
      uploadPhoto(box, new File([blob], "签名.png", { type: "image/png" }));
      wipe();
    }, "image/png");
  }

  box.querySelector("[data-clear]").addEventListener("click", wipe);
  box.querySelector("[data-use]").addEventListener("click", use);

  // Sent with ink still on the glass: it goes up first, then the form goes by itself.
  box.closest("form").addEventListener("submit", (event) => {
    if (!inked) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const form = event.target;
    box.addEventListener("photos-changed", () => form.requestSubmit(), { once: true });
    use();
  }, true);
}

document.querySelectorAll("[data-signature]").forEach(signaturePad);
