"use strict";
// Draws the charts of a report from the candles that the file holds.
window.reportCharts = [...document.querySelectorAll(".chart")].map((box) => {
  const found = JSON.parse(box.nextElementSibling.textContent);
  box.replaceChildren();
  const { chart, candles, volume, show } = candleChart(box);
  show(found);
  chart.timeScale().fitContent();
  box.dataset.ready = "1";
  // The tests read what the chart shows.
  return { last: () => candles.data().at(-1), lastVolume: () => volume.data().at(-1) };
});
