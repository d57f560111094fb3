"use strict";
(() => {
  const cards = [...document.querySelectorAll(".card")];
  const article = document.getElementById("article");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");

  const show = (id) => {
    for (let part = document.getElementById(id); part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
    const card = document.getElementById(id);
    if (card && card.classList.contains("card") && card.offsetParent === null) {
      document.getElementById("show-all").checked = true;
    }
  };
  const open = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id) show(id);
  };
  addEventListener("hashchange", open);
  if (location.hash) open();
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link) show(link.getAttribute("href").slice(1));
  });

  let current = null;
  const choose = (card) => {
    if (card === current) return;
    current = card;
    for (const mark of document.querySelectorAll(".mark.current")) mark.classList.remove("current");
    const marks = document.querySelectorAll(`.mark[href="#${card.id}"]`);
    for (const mark of marks) mark.classList.add("current");
    const pane = getComputedStyle(article).position === "sticky" && !article.matches(":hover, :focus-within");
    if (pane && marks[0]) {
      const place = marks[0].getBoundingClientRect(), frame = article.getBoundingClientRect();
      if (place.top < frame.top + 60 || place.bottom > Math.min(frame.bottom, innerHeight) - 60) {
        const top = article.scrollTop + place.top - frame.top - frame.height / 3;
        article.scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
      }
    }
  };
  if ("IntersectionObserver" in window) {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) if (entry.isIntersecting) choose(entry.target);
    }, { rootMargin: "-25% 0px -65% 0px" });
    for (const card of cards) seen.observe(card);
  }

  for (const keys of document.querySelectorAll(".keys")) keys.hidden = false;
  addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    const typing = event.target.closest?.("input[type=text], textarea, select");
    if (!step || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const visible = cards.filter((card) => card.offsetParent !== null);
    const focused = visible.indexOf(document.activeElement);
    const at = focused >= 0 ? focused : visible.indexOf(current);
    const next = visible[Math.max(0, Math.min(visible.length - 1, at + step))];
    if (next) { next.focus({ preventScroll: true }); next.scrollIntoView(); choose(next); event.preventDefault(); }
  });

  const closed = new Set();
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details:not([open])")) { closed.add(part); part.open = true; }
  });
  addEventListener("afterprint", () => { for (const part of closed) part.open = false; closed.clear(); });

  const save = (name, type, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const quoted = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replaceAll('"', '""') + '"' : safe;
  };
  for (const figure of document.querySelectorAll("figure.chart")) {
    const spec = figure.querySelector("script.spec").textContent;
    const take = figure.querySelector(".take");
    take.hidden = false;
    take.addEventListener("click", (event) => {
      const what = event.target.dataset?.take;
      if (what === "json") save(`${figure.id}.${figure.matches(".network") ? "" : "vl."}json`, "application/json", spec);
      if (what === "csv") {
        const rows = JSON.parse(spec).data.values, names = Object.keys(rows[0] ?? {});
        save(`${figure.id}.csv`, "text/csv", [names, ...rows.map((r) => names.map((n) => r[n]))].map((r) => r.map(quoted).join(",")).join("\r\n"));
      }
      if (what === "svg") {
        const drawing = figure.querySelector(".plot svg").cloneNode(true);
        drawing.setAttribute("xmlns", "http:" + "//www.w3.org/2000/svg");
        drawing.setAttribute("color", "#1d1b18");
        drawing.setAttribute("font-family", "sans-serif");
        save(`${figure.id}.svg`, "image/svg+xml", drawing.outerHTML);
      }
    });
    const drawn = figure.matches(".network") && figure.querySelector(".plot svg");
    if (drawn) {
      const pick = (event) => {
        const node = event.target.closest?.("[data-node]");
        const own = node?.dataset.node, near = new Set([own]);
        drawn.classList.toggle("picking", Boolean(node));
        for (const tie of drawn.querySelectorAll("[data-ends]")) {
          const ends = tie.dataset.ends.split(" ");
          tie.classList.toggle("near", ends.includes(own));
          if (ends.includes(own)) ends.forEach((end) => near.add(end));
        }
        for (const part of drawn.querySelectorAll("[data-node], [data-of]")) part.classList.toggle("near", near.has(part.dataset.node ?? part.dataset.of));
      };
      for (const kind of ["pointerover", "pointerleave", "focusin", "focusout"]) drawn.addEventListener(kind, pick);
    }
    if (!figure.querySelector(".plot")) take.querySelector('[data-take="svg"]').remove();
  }
})();
