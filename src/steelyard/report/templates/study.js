"use strict";
(() => {
  const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "opacity", "paint-order", "font-size", "font-family", "font-weight", "text-anchor"];
  const save = (name, type, text) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([text], { type }));
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  const file = (title) => title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const asSvg = (chart) => {
    const copy = chart.cloneNode(true);
    const [from, to] = [chart, copy].map((root) => [root, ...root.querySelectorAll("*")]);
    from.forEach((node, i) => {
      const style = getComputedStyle(node);
      to[i].setAttribute("style", KEPT.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      to[i].removeAttribute("class");
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    return new XMLSerializer().serializeToString(copy);
  };
  const words = (node, left) => [...node.childNodes]
    .filter((child) => child.tagName !== "svg" && !(child.classList && left.some((name) => child.classList.contains(name))))
    .map((child) => child.textContent).join("").trim();
  const cell = (node) => {
    const text = (words(node, ["note", "badge"]) || words(node, ["note"])).replace(/\u2212/g, "-");
    const safe = /^[=+@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return `"${safe.replace(/"/g, '""')}"`;
  };
  const asCsv = (table) => [...table.rows].filter((row) => row.parentNode.tagName !== "TFOOT").map((row) => [...row.cells].map(cell).join(",")).join("\r\n") + "\r\n";
  const button = (text, title, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", `Save ${title} as ${text}`);
    made.addEventListener("click", act);
    return made;
  };
  for (const block of document.querySelectorAll("[data-save]")) {
    const title = block.dataset.save;
    const [chart, table] = [block.querySelector("svg.chart"), block.querySelector("table")];
    const bar = document.createElement("p");
    bar.className = "buttons";
    if (chart) bar.append(button("SVG", title, () => save(`${file(title)}.svg`, "image/svg+xml", asSvg(chart))));
    if (table) bar.append(button("CSV", title, () => save(`${file(title)}.csv`, "text/csv", asCsv(table))));
    block.append(bar);
  }
  for (const input of document.querySelectorAll("[data-filter]")) {
    const table = document.querySelector(`table.${input.dataset.filter}`);
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      for (const row of table.tBodies[0].rows) row.hidden = !row.cells[1].textContent.toLowerCase().includes(wanted);
    });
  }
})();
