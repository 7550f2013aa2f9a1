"use strict";
// A chart of candles and volume: how it looks, and how candles are put into it.
function candleChart(box) {
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const chart = LightweightCharts.createChart(box, { autoSize: true, layout: { attributionLogo: false, fontFamily: "system-ui, sans-serif" }, timeScale: { timeVisible: true, secondsVisible: true, rightOffset: 3 }, rightPriceScale: { borderVisible: false }, crosshair: { mode: 0 } });
  const candles = chart.addSeries(LightweightCharts.CandlestickSeries, { borderVisible: false });
  const volume = chart.addSeries(LightweightCharts.HistogramSeries, { priceFormat: { type: "volume" }, priceScaleId: "volume", lastValueVisible: false, priceLineVisible: false });
  chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.82, bottom: 0 } });
  candles.priceScale().applyOptions({ scaleMargins: { top: 0.06, bottom: 0.22 } });

  function paint() {
    chart.applyOptions({ layout: { background: { color: style("--bg") }, textColor: style("--soft") }, grid: { vertLines: { color: style("--line") }, horzLines: { color: style("--line") } }, timeScale: { borderColor: style("--line") } });
    candles.applyOptions({ upColor: style("--buy"), downColor: style("--sell"), wickUpColor: style("--buy"), wickDownColor: style("--sell") });
  }
  const bar = (one) => ({ time: one.time, value: one.volume, color: (one.buy * 2 >= one.volume ? style("--buy") : style("--sell")) + "80" });

  function digits(found) {
    const price = Math.abs(found.length ? found[found.length - 1].close : 1);
    const places = price >= 1000 ? 1 : price >= 1 ? 4 : Math.min(10, 5 + Math.ceil(-Math.log10(price || 1)));
    candles.applyOptions({ priceFormat: { type: "price", precision: places, minMove: 10 ** -places } });
  }

  function show(found) {
    digits(found);
    candles.setData(found);
    volume.setData(found.map(bar));
  }

  function update(one) {
    candles.update(one);
    volume.update(bar(one));
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();
  return { chart, candles, volume, show, update };
}
