"use strict";
(() => {
  const $ = (s, e = document) => e.querySelector(s), $$ = (s, e = document) => [...e.querySelectorAll(s)];
  const rank = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };
  const rows = $$("#records .records > div"), traces = $$("details.trace"), lines = $$("tbody tr"), step = 200;
  const q = $("#q"), account = $("#account"), kind = $("#kind"), level = $("#level"), more = $("#more");
  const count = (n, what) => n + " " + what + (n === 1 ? "" : "s");
  let limit = step;
  const filter = () => {
    const words = q.value.toLowerCase().split(/\s+/).filter(Boolean);
    const selected = e => {
      const text = e.textContent.toLowerCase(), accounts = e.dataset.accounts;
      return words.every(w => text.includes(w)) && (!account.value || accounts === undefined || accounts.split(", ").includes(account.value));
    };
    let shown = 0, found = 0;
    for (const r of rows) {
      const ok = rank[r.dataset.level] >= +level.value && selected(r);
      if (ok) found++;
      r.hidden = !ok || found > limit;
    }
    more.hidden = found <= limit;
    for (const t of traces) {
      t.hidden = !(t.dataset.kinds.includes(kind.value) && selected(t));
      if (!t.hidden) shown++;
    }
    $("#notraces").hidden = shown > 0;
    for (const l of lines) l.hidden = !selected(l);
    const all = found === rows.length && shown === traces.length;
    $("#found").textContent = all ? "" : count(shown, "trace") + ", " + count(found, "record");
  };
  let timer;
  const soon = () => { clearTimeout(timer); timer = setTimeout(() => { limit = step; filter(); }, 120); };
  for (const e of [q, account, kind, level]) e.addEventListener("input", soon);
  more.addEventListener("click", () => { limit += step; filter(); });
  const open = () => {
    const t = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (t && t.tagName === "DETAILS") { t.hidden = false; t.open = true; t.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  document.addEventListener("click", e => {
    const a = e.target.closest("a[href^='#trace-']");
    if (a && a.hash === location.hash) open();
    if (!a && getSelection().isCollapsed) e.target.closest(".clamp")?.classList.toggle("open");
  });
  addEventListener("beforeprint", () => { for (const t of $$("details:not([open])")) { t.open = true; t.dataset.shut = "1"; } });
  addEventListener("afterprint", () => { for (const t of $$("details[data-shut]")) { t.open = false; delete t.dataset.shut; } });
  filter();
  open();
})();
