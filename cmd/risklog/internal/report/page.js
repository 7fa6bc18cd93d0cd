"use strict";
(() => {
  const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];
  const rank = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };
  const rows = $$("#records .records > div"), step = 200;
  let limit = step;
  const q = $("#q"), level = $("#level"), account = $("#account"), more = $("#more"), found = $("#found");
  const filter = () => {
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const r of rows) {
      const text = r.textContent.toLowerCase();
      const ok = rank[r.dataset.level] >= +level.value && (!account.value || r.dataset.account === account.value) && words.every(w => text.includes(w));
      if (ok) n++;
      r.hidden = !ok || n > limit;
    }
    found.textContent = n === rows.length ? "" : n + " found";
    more.hidden = n <= limit;
    const kind = $("#kind").value;
    let traces = 0;
    for (const t of $$("details.trace")) {
      const text = t.textContent.toLowerCase();
      t.hidden = !((!kind || t.dataset.kinds.includes(kind)) && words.every(w => text.includes(w)) && (!account.value || t.dataset.accounts.split(", ").includes(account.value)));
      if (!t.hidden) traces++;
    }
    const none = $("#notraces");
    if (none) none.hidden = traces > 0;
  };
  let timer;
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => { limit = step; filter(); }, 120); };
  for (const e of [q, level, account, $("#kind")]) e.addEventListener("input", soon);
  more.addEventListener("click", () => { limit += step; filter(); });
  const open = () => {
    const t = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (t && t.tagName === "DETAILS") { t.hidden = false; t.open = true; t.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  document.addEventListener("click", e => { const a = e.target.closest("a[href^='#trace-']"); if (a && a.hash === location.hash) open(); });
  addEventListener("beforeprint", () => { for (const t of $$("details:not([open])")) { t.open = true; t.dataset.shut = "1"; } });
  addEventListener("afterprint", () => { for (const t of $$("details[data-shut]")) { t.open = false; delete t.dataset.shut; } });
  filter();
  open();
})();
