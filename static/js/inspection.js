// Two officers fill in one visit: what the other one wrote appears here, but never under the hands of who is writing.
"use strict";

document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const target = event.detail.target;
  if (target && target.matches && target.matches("fieldset.visit-item") && target.contains(document.activeElement)) {
    const chooses = document.activeElement.name && document.activeElement.name.startsWith("k-");
    if (!chooses) event.detail.shouldSwap = false;
  }
});
