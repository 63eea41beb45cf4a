"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("script");
  const kept = {
    get: () => { try { return localStorage.getItem("steelyard-theme"); } catch { return null; } },
    set: (name) => { try { localStorage.setItem("steelyard-theme", name); } catch { /* some browsers keep nothing for files */ } },
  };
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const before = kept.get();
  if (before === "dark" || before === "light") root.dataset.theme = before;
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const show = () => button.setAttribute("aria-pressed", String(dark()));
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      kept.set(root.dataset.theme);
      show();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
    show();
  });
})();
