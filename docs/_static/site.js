// What scrolls sideways can be reached by the keyboard; what does not is no stop on the way.
(() => {
  "use strict";
  const scrollers = document.querySelectorAll(".highlight pre, .table-wrapper, .diagram");
  const update = () => {
    for (const element of scrollers) {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  };
  update();
  addEventListener("resize", update);
})();
