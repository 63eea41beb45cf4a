"use strict";
(() => {
  const holder = document.getElementById("operating-data");
  if (!holder) return;
  const data = JSON.parse(holder.textContent);
  const at = (id) => document.getElementById(id);
  const [left, top, right, bottom] = data.box.split(" ").map(Number);
  const rows = data.positives + data.negatives;
  const last = data.tp.length - 1;
  const dial = at("threshold");
  const typed = at("threshold-number");
  const inputs = { fp: at("cost-fp"), fn: at("cost-fn"), share: at("prevalence") };
  const asked = () => ({ fp: inputs.fp.value, fn: inputs.fn.value, share: inputs.share.value });
  const untouched = asked();
  let now = data.start;
  let world = null;

  const whole = (v) => v.toLocaleString("en-US", { maximumFractionDigits: 1 });
  const fixed = (v, digits = 3) => Number.isFinite(v) ? v.toFixed(digits).replace("-", "−") : "–";
  const short = (v) => {
    if (!Number.isFinite(v)) return "–";
    if (v === 0) return "0";
    if (v === Math.round(v)) return whole(v);
    const digits = Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(v)))));
    return v.toLocaleString("en-US", { maximumFractionDigits: digits }).replace("-", "−");
  };

  // Costs and prevalence as typed; a prevalence other than the test part's reweights its two classes.
  const read = () => {
    const number = (input, low, high) => {
      const v = input.valueAsNumber;
      const fits = Number.isFinite(v) && v >= low && v <= high;
      input.setAttribute("aria-invalid", String(!fits));
      return fits ? v : null;
    };
    const fp = number(inputs.fp, 0, Infinity);
    const fn = number(inputs.fn, 0, Infinity);
    const percent = number(inputs.share, 0.0001, 99.9999);
    if (fp === null || fn === null || percent === null) return null;
    const same = inputs.share.value === untouched.share;
    const share = percent / 100;
    return {
      fp, fn,
      up: same ? 1 : share * rows / data.positives,
      down: same ? 1 : (1 - share) * rows / data.negatives,
    };
  };

  const measure = (i) => {
    const tp = data.tp[i] * world.up;
    const fp = data.fp[i] * world.down;
    const positives = data.positives * world.up;
    return {
      precision: tp + fp > 0 ? tp / (tp + fp) : NaN,
      recall: data.tp[i] / data.positives,
      f1: 2 * tp / (tp + fp + positives),
      cost: 1000 * (fp * world.fp + (positives - tp) * world.fn) / rows,
    };
  };

  const place = (name, x, y) => {
    const mark = at(name);
    if (!mark) return;
    const [x0, y0, x1, y1] = mark.dataset.box.split(" ").map(Number);
    const here = Number.isFinite(x) && Number.isFinite(y);
    mark.setAttribute("cx", here ? x0 + x * (x1 - x0) : -20);
    mark.setAttribute("cy", here ? y1 + y * (y0 - y1) : -20);
  };

  const show = (i, { dialled = false } = {}) => {
    now = Math.min(last, Math.max(0, i));
    const [tp, fp] = [data.tp[now], data.fp[now]];
    const m = measure(now);
    const threshold = data.threshold[now];
    const texts = {
      "m-tp": whole(tp), "m-fp": whole(fp), "m-fn": whole(data.positives - tp), "m-tn": whole(data.negatives - fp),
      "f-precision": fixed(m.precision), "f-recall": fixed(m.recall), "f-f1": fixed(m.f1), "f-cost": short(m.cost),
      "f-flagged": `${whole(tp + fp)} of ${whole(rows)}`,
    };
    for (const [id, text] of Object.entries(texts)) at(id).textContent = text;
    for (const id of ["cursor-quality", "cursor-cost"]) {
      at(id).setAttribute("x1", data.x[now]);
      at(id).setAttribute("x2", data.x[now]);
    }
    place("live-pr", tp / data.positives, tp + fp > 0 ? tp / (tp + fp) : NaN);
    place("live-roc", fp / data.negatives, tp / data.positives);
    if (!dialled) dial.value = 1000 * (data.x[now] - left) / (right - left);
    typed.value = threshold === null ? "" : threshold;
    const named = threshold === null ? "above all scores" : `threshold ${threshold}`;
    dial.setAttribute("aria-valuetext", `${named}: ${whole(tp)} found, ${whole(data.positives - tp)} missed, ${whole(fp)} false alarms`);
  };

  const draw = (id, values, most) => {
    const points = [];
    values.forEach((v, i) => {
      if (Number.isFinite(v)) points.push(`${data.x[i]} ${Math.max(bottom - v / most * (bottom - top), top - 2 * (bottom - top)).toFixed(1)}`);
    });
    at(id).setAttribute("d", `M${points.join("L")}`);
  };

  const levels = (most) => {
    const unit = 10 ** Math.floor(Math.log10(most / 5));
    const step = [1, 2, 2.5, 5, 10].map((f) => f * unit).reduce((a, b) => Math.abs(b - most / 5) < Math.abs(a - most / 5) ? b : a);
    const steps = [];
    for (let v = 0; v <= most * 1.0000001; v += step) steps.push(v);
    const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9) + (Math.abs(step / unit - 2.5) < 1e-9 ? 1 : 0)));
    const space = "http://www.w3.org/2000/svg";
    at("cost-levels").replaceChildren(...steps.flatMap((v) => {
      const y = bottom - v / most * (bottom - top);
      const line = document.createElementNS(space, "line");
      for (const [name, value] of Object.entries({ x1: left, x2: right, y1: y, y2: y, class: "grid" })) line.setAttribute(name, value);
      const text = document.createElementNS(space, "text");
      for (const [name, value] of Object.entries({ x: left - 6, y: y + 4, class: "tick end" })) text.setAttribute(name, value);
      text.textContent = v === 0 ? "0" : v.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
      return [line, text];
    }));
  };

  const redraw = () => {
    const wanted = read();
    if (!wanted) return;
    world = wanted;
    const all = data.tp.map((_, i) => measure(i));
    const costs = all.map((m) => m.cost);
    const idle = Math.min(costs[0], costs[last]);
    const most = 1.6 * Math.max(idle, costs[data.start], Math.min(...costs)) || 1;
    levels(most);
    draw("line-cost", costs, most);
    draw("line-precision", all.map((m) => m.precision), 1);
    draw("line-f1", all.map((m) => m.f1), 1);
    const y = bottom - idle / most * (bottom - top);
    at("cost-idle").setAttribute("y1", y);
    at("cost-idle").setAttribute("y2", y);
    at("cost-idle-label").setAttribute("y", y - 6);
    at("f-bayes").textContent = world.fp + world.fn > 0 ? fixed(world.fp / (world.fp + world.fn), 4) : "–";
    show(now);
  };

  const nearest = (x) => {
    let best = 0;
    data.x.forEach((v, i) => { if (Math.abs(v - x) < Math.abs(data.x[best] - x)) best = i; });
    return best;
  };
  const cutFor = (threshold) => {
    let found = 0;
    data.threshold.forEach((t, i) => { if (t === null || t >= threshold) found = i; });
    return found;
  };

  dial.addEventListener("input", () => show(nearest(left + dial.valueAsNumber / 1000 * (right - left)), { dialled: true }));
  dial.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.round(last / 20));
    const moves = { ArrowRight: -1, ArrowUp: -1, ArrowLeft: 1, ArrowDown: 1, PageUp: -page, PageDown: page, Home: last, End: -last };
    const move = moves[event.key];
    if (move === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(now + move);
  });
  typed.addEventListener("change", () => { if (Number.isFinite(typed.valueAsNumber)) show(cutFor(typed.valueAsNumber)); else show(now); });
  for (const input of Object.values(inputs)) input.addEventListener("input", redraw);
  at("to-start").addEventListener("click", () => {
    for (const [name, text] of Object.entries(untouched)) inputs[name].value = text;
    now = data.start;
    redraw();
  });
  at("to-cheapest").addEventListener("click", () => {
    const costs = data.tp.map((_, i) => measure(i).cost);
    show(costs.indexOf(Math.min(...costs)));
  });
  for (const id of ["chart-quality", "chart-cost"]) {
    const chart = at(id);
    const follow = (event) => {
      if (event.type === "pointermove" && !event.buttons) return;
      const box = chart.getBoundingClientRect();
      show(nearest((event.clientX - box.left) / box.width * chart.viewBox.baseVal.width));
    };
    chart.classList.add("draggable");
    chart.addEventListener("pointerdown", (event) => { chart.setPointerCapture(event.pointerId); follow(event); });
    chart.addEventListener("pointermove", follow);
  }
  redraw();
})();
