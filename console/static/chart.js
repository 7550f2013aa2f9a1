"use strict";
// The chart and the tape of one pair. It loads candles for what is in view, as narrow as fits.
(() => {
  const box = document.getElementById("chart");
  const note = document.getElementById("chart-note");
  const names = { 1: "1 s", 5: "5 s", 15: "15 s", 60: "1 min", 300: "5 min", 900: "15 min", 3600: "1 h", 14400: "4 h", 86400: "1 d", 604800: "1 w" };
  const most = 80;
  const { chart, candles, volume, show, update } = candleChart(box);
  let loaded = null, loading = 0, quiet = false;

  async function load(from, to, fit) {
    const turn = ++loading;
    const query = new URLSearchParams();
    if (from !== null) query.set("from", from);
    if (to !== null) query.set("to", to);
    try {
      const answer = await fetch(`${box.dataset.candles}?${query}`, { signal: AbortSignal.timeout(20000) });
      const data = await answer.json();
      if (turn !== loading) return;
      if (!answer.ok) throw new Error(data.error);
      note.hidden = data.candles.length > 0;
      note.textContent = data.candles.length ? "" : "No trade in this time span.";
      quiet = true;
      show(data.candles);
      loaded = { ...data, from: from ?? data.first, to: to ?? data.last };
      Live.text(document.getElementById("width"), `${names[data.width]} candles`);
      if (fit && data.candles.length) chart.timeScale().fitContent();
      box.dataset.ready = String(turn);
    } catch (error) {
      if (turn !== loading) return;
      note.hidden = false;
      note.textContent = error.name === "TimeoutError" ? "The candles could not be read within 20 s. Choose a shorter time span." : `The candles could not be read: ${error.message}`;
    } finally {
      setTimeout(() => { quiet = false; }, 200);
    }
  }

  async function choose(seconds) {
    for (const button of document.querySelectorAll("[data-span]")) button.ariaPressed = String(Number(button.dataset.span) === seconds);
    const last = lastTrade();
    if (seconds === 0) await load(null, null, true);
    else await load(Math.floor(last - seconds), Math.ceil(last + 1), true);
  }
  const lastTrade = () => Number(document.querySelector('[data-live="age"]')?.dataset.at ?? Date.now() / 1000);

  let timer = 0;
  chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
    if (quiet || !range || !loaded) return;
    clearTimeout(timer);
    timer = setTimeout(() => follow(range), 180);
  });

  // Loads again where the view has left what is loaded, or could show narrower candles.
  function follow(range) {
    const bars = loaded.candles, width = loaded.width;
    if (!bars.length) return;
    const at = (index) => {
      const i = Math.round(index);
      if (i < 0) return bars[0].time + i * width;
      if (i >= bars.length) return bars[bars.length - 1].time + (i - bars.length + 1) * width;
      return bars[i].time;
    };
    const from = at(range.from), to = at(range.to) + width, span = to - from;
    const outside = (from < loaded.from - width && loaded.from > loaded.first) || (to > loaded.to + 4 * width && loaded.to < loaded.last);
    const narrower = width > 1 && range.to - range.from < most;
    const wider = from < loaded.from - span / 4 && loaded.from > loaded.first;
    if (!(outside || narrower || wider)) return;
    load(Math.floor(from - span / 2), Math.ceil(to + span / 2), false).then(() => {
      quiet = true;
      chart.timeScale().setVisibleRange({ from: Math.max(from, loaded.candles[0]?.time ?? from), to });
      setTimeout(() => { quiet = false; }, 200);
    });
  }

  function live(data) {
    tape(data.trades);
    const fresh = loaded && data.candles[loaded.width];
    if (fresh && loaded.candles.length) {
      for (const one of fresh) {
        const last = loaded.candles[loaded.candles.length - 1];
        if (one.time < last.time) continue;
        update(one);
        if (one.time === last.time) loaded.candles[loaded.candles.length - 1] = one;
        else loaded.candles.push(one);
      }
    }
  }

  function tape(trades) {
    const body = document.querySelector("#tape tbody");
    const newest = Number(body.rows[0]?.dataset.id ?? 0);
    for (const trade of trades.filter((one) => one.id > newest).reverse()) {
      const row = body.insertRow(0);
      row.className = `${trade.side === "BUY" ? "buy" : "sell"} new`;
      row.dataset.id = trade.id;
      row.title = `Trade ${trade.id}, ${String(trade.type).toLowerCase()}`;
      for (const [name, value] of [["time", trade.time], ["number price", trade.price], ["number", trade.volume]]) {
        const cell = row.insertCell();
        cell.className = name;
        cell.textContent = value;
      }
      Live.text(document.querySelector('[data-live="price"]'), trade.price);
      const age = document.querySelector('[data-live="age"]');
      if (age) age.dataset.at = trade.at;
    }
    while (body.rows.length > 50) body.deleteRow(-1);
  }

  box.addEventListener("keydown", (event) => {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (!range) return;
    const size = range.to - range.from;
    const moves = { ArrowLeft: [-size / 8, -size / 8], ArrowRight: [size / 8, size / 8], "+": [size / 6, -size / 6], "=": [size / 6, -size / 6], "-": [-size / 4, size / 4] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    chart.timeScale().setVisibleLogicalRange({ from: range.from + move[0], to: range.to + move[1] });
  });
  for (const button of document.querySelectorAll("[data-span]")) button.addEventListener("click", () => choose(Number(button.dataset.span)));
  // The tests read what the chart shows.
  window.lakeChart = { last: () => candles.data().at(-1), lastVolume: () => volume.data().at(-1), width: () => loaded?.width };
  choose(3600);
  Live.listen(box.dataset.events, { trades: live });
})();
