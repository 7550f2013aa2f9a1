"use strict";
// Keeps what a page shows up to date. Every value from the server is set as text, never as HTML.
const Live = (() => {
  const text = (element, value) => { if (element && element.textContent !== String(value)) element.textContent = value; };

  function age(seconds) {
    const s = Math.max(0, seconds);
    if (s < 10) return s.toFixed(1) + " s";
    if (s < 120) return s.toFixed(0) + " s";
    if (s < 7200) return (s / 60).toFixed(0) + " min";
    if (s < 172800) return (s / 3600).toFixed(0) + " h";
    return (s / 86400).toFixed(0) + " d";
  }

  function tick() {
    const now = Date.now() / 1000;
    for (const element of document.querySelectorAll("[data-at]")) text(element, age(now - Number(element.dataset.at)));
  }

  function status(one) {
    const line = document.getElementById("status");
    line.hidden = one.kind === "ok";
    line.className = "status " + one.kind;
    text(line.querySelector(".text"), one.text);
  }

  function listen(url, handlers) {
    const source = new EventSource(url);
    source.addEventListener("status", (event) => status(JSON.parse(event.data)));
    for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
    source.onerror = () => status({ kind: "stale", text: "The pages' program does not answer. What is shown is its last answer." });
    window.addEventListener("pagehide", () => source.close());
    return source;
  }

  return { text, age, tick, listen };
})();

function livePairs(table) {
  const rows = new Map([...table.tBodies[0].rows].map((row) => [row.dataset.key, row]));
  const cell = (row, name) => row.querySelector(`[data-cell="${name}"]`);
  Live.listen(table.dataset.events, {
    pairs(data) {
      for (const name of ["commit", "total", "rate"]) Live.text(document.querySelector(`[data-live="${name}"]`), data[name]);
      let unknown = false;
      for (const [key, values] of Object.entries(data.pairs)) {
        const row = rows.get(key);
        if (!row) { unknown = true; continue; }
        for (const name of ["price", "today", "rate", "trades", "verified"]) Live.text(cell(row, name), values[name]);
        cell(row, "age").dataset.at = values.at;
        const missing = cell(row, "missing");
        Live.text(missing.firstElementChild, values.missing);
        missing.classList.toggle("bad", values.missing !== "0");
        cell(row, "price").className = "number price " + (values.side === "BUY" ? "up" : "down");
      }
      if (unknown) location.reload();
    },
  });

  const value = (row, column) => {
    const one = row.cells[column];
    if (one.dataset.at) return -Number(one.dataset.at);
    const shown = one.textContent.trim();
    const number = Number(shown.replaceAll(",", ""));
    return Number.isNaN(number) ? shown : number;
  };
  for (const link of table.tHead.querySelectorAll("a[data-sort]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const heading = link.parentElement, column = heading.cellIndex;
      const first = heading.classList.contains("number") ? "descending" : "ascending";
      const order = heading.ariaSort ? (heading.ariaSort === "ascending" ? "descending" : "ascending") : first;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      const sorted = [...table.tBodies[0].rows].map((row) => [value(row, column), row]);
      sorted.sort(([a], [b]) => (typeof a === "string" || typeof b === "string" ? String(a).localeCompare(String(b)) : a - b));
      if (order === "descending") sorted.reverse();
      table.tBodies[0].append(...sorted.map(([, row]) => row));
      history.replaceState(null, "", `?sort=${link.dataset.sort}&order=${order === "descending" ? "desc" : "asc"}`);
    });
  }
  const filter = document.getElementById("filter");
  filter?.addEventListener("input", () => {
    const wanted = filter.value.trim().toUpperCase();
    for (const row of rows.values()) row.hidden = !row.cells[0].textContent.toUpperCase().includes(wanted);
  });
}

function livePipeline(list) {
  const line = document.getElementById("verdict");
  Live.listen(list.dataset.events, {
    verdict(one) {
      Live.text(line.querySelector(".text"), one.text);
      Live.text(line.querySelector(".command"), one.command);
      line.querySelector(".next").hidden = !one.command;
    },
    steps(steps) {
      steps.forEach((step, at) => {
        const item = list.children[at];
        item.className = step.state;
        Live.text(item.querySelector(".state"), step.state);
        for (const name of ["rate", "lag", "age", "text"]) Live.text(item.querySelector(`[data-cell="${name}"]`), step[name]);
      });
    },
  });
}

for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;
const pairsTable = document.getElementById("pairs");
if (pairsTable) livePairs(pairsTable);
const stepList = document.getElementById("steps");
if (stepList) livePipeline(stepList);
Live.tick();
setInterval(Live.tick, 1000);
