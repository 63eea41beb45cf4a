"use strict";
(() => {
  const said = document.getElementById("said");
  const value = (row, column) => {
    const kept = row.cells[column].dataset.v;
    return kept === undefined || kept === "" ? null : kept;
  };
  const compare = (a, b, numeric) => numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true });
  const sort = (table, head, column) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const numeric = rows.every((row) => { const v = value(row, column); return v === null || v.trim() !== "" && !Number.isNaN(Number(v)); });
    const before = head.getAttribute("aria-sort");
    const falling = before ? before === "ascending" : numeric && head.textContent.trim() !== "#";
    rows.sort((a, b) => {
      const [left, right] = [value(a, column), value(b, column)];
      if (left === null || right === null) return (left === null) - (right === null);
      return (falling ? -1 : 1) * compare(left, right, numeric);
    });
    body.append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", falling ? "descending" : "ascending");
    said.textContent = `Sorted by ${head.textContent.trim()}, ${falling ? "largest" : "smallest"} first`;
  };
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const title = head.querySelector("span");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = title.textContent;
      button.addEventListener("click", () => sort(table, head, column));
      title.replaceWith(button);
    });
  }
})();
