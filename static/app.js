// What HTML can't do alone: open the server's answers as dialogs, and watch over a key that is shown once.
// Every page works without this script.
(() => {
  "use strict";
  const page = document.documentElement;
  const one = (selector) => document.querySelector(selector);
  const on = (name, act, capture) => document.addEventListener(name, act, capture);
  page.classList.add("js");

  // htmx turns text into HTML through this policy (Trusted Types). No fragment of ours has a script in it.
  window.trustedTypes?.createPolicy("default", {
    createHTML(html) {
      if (/<script/i.test(html)) throw new TypeError("a fragment may not have a script");
      return html;
    },
  });

  // Dialogs. #dialog holds one at most; it leaves the page when it closes, and focus goes back to where it
  // came from: the link that opened it or, when that is gone with its row, the one now in its place.

  const dialog = () => one("#dialog > dialog");
  const revokeLinks = () => [...document.querySelectorAll("#keys .act a")];
  let opener, place;

  function remember(link) {
    opener = link;
    place = revokeLinks().indexOf(link);
  }

  function goBack() {
    const links = revokeLinks();
    const next = place < 0 ? null : links[Math.min(place, links.length - 1)];
    (opener?.isConnected ? opener : next ?? one("#add") ?? one("main"))?.focus();
  }

  function open(box) {
    box.addEventListener("close", () => {
      if (!box.isConnected) return;
      wipe();
      box.remove();
      goBack();
    });
    box.showModal();
    watch();
  }

  // announce puts a notice into a region that was there, empty, before: only so is it read out.
  function announce() {
    const text = one("#notice")?.textContent.trim();
    if (text) setTimeout(() => { one("#announce").textContent = text; }, 150);
  }

  // trouble says what went wrong where the person is. Nothing that was typed is lost.
  function trouble(text) {
    const region = one("dialog[open] .trouble") ?? one("main > .trouble");
    if (region) region.textContent = text;
    region?.scrollIntoView({ block: "nearest" });
  }

  const noAnswer = "The server can’t be reached, or gave no proper answer. Nothing you typed is lost: try again in a moment.";

  on("htmx:before:request", ({ detail: { ctx } }) => {
    if (!ctx.sourceElement.closest("dialog")) remember(ctx.sourceElement);
    trouble("");
  });

  on("htmx:before:swap", (event) => {
    const got = event.detail.tasks[0]?.fragment;
    const failure = got?.querySelector("[data-error]");
    if (!got?.querySelector("dialog, #keys")) {
      event.preventDefault();
      trouble(noAnswer);
    } else if (failure && dialog()) {
      event.preventDefault();
      trouble([...failure.children].map((part) => part.textContent).join(": "));
    }
  });

  on("htmx:after:swap", ({ detail: { ctx } }) => {
    const box = dialog();
    if (box && !box.open) {
      open(box);
    } else if (box?.contains(ctx.sourceElement)) {
      box.close(); // its form has changed the list
    }
    if (ctx.request.method === "GET" && ctx.target.id === "keys") history.replaceState(null, "", ctx.request.action);
    if (!dialog() && document.activeElement === document.body && opener?.isConnected === false) goBack();
    announce();
  });

  on("htmx:error", () => trouble(noAnswer));

  // A form is sent once: until its answer is here, sending it again does nothing.

  const busy = (form, is) => is ? form.setAttribute("aria-busy", "true") : form.removeAttribute("aria-busy");

  // Passkeys: the browser's answer goes into the form, which is then sent as any other.

  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) page.classList.add("passkeys");

  async function unlock(form) {
    const answer = await fetch(form.dataset.options, { method: "POST" });
    if (answer.redirected) return location.assign(answer.url);
    if (!answer.ok) throw new Error(answer.statusText);
    const { token, options } = await answer.json();
    const credential = form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
    form.elements.token.value = token;
    form.elements.response.value = JSON.stringify(credential);
    form.submit();
  }

  on("submit", (event) => {
    const form = event.target;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    trouble("");
    unlock(form).catch(() => {
      busy(form, false);
      trouble("No passkey was used. Try again, or go on in another way.");
    });
  });

  on("submit", (event) => {
    const form = event.target;
    if (form.hasAttribute("aria-busy")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    busy(form, true);
    if (!form.hasAttribute("hx-post")) setTimeout(busy, 5000, form, false); // the browser's Stop tells nobody
  }, true);

  on("htmx:finally:request", ({ detail: { ctx } }) => busy(ctx.sourceElement, false));

  // A key that is shown once. It can't be left by accident, and it stays nowhere.

  const shown = () => one("[data-once]");
  let atRisk = false;

  function ask(event) { event.preventDefault(); }

  function watch() {
    if (!shown() || atRisk) return;
    atRisk = true;
    addEventListener("beforeunload", ask);
  }

  function saved() {
    atRisk = false;
    removeEventListener("beforeunload", ask);
    dialog()?.setAttribute("closedby", "closerequest");
  }

  function say(text) { one("#said").textContent = text; }

  function wipe() {
    for (const holder of document.querySelectorAll("[data-key]")) holder.textContent = "";
  }

  // stay refuses Escape while a key is at risk; after that, Escape is the button that leads back to the list.
  function stay(event) {
    const done = dialog()?.querySelector("[data-done]");
    if (!done) return;
    event.preventDefault();
    if (atRisk) say("Copy the key first, or say that you have saved it.");
    else done.click();
  }

  async function copy(button) {
    const holder = document.getElementById(button.dataset.copy);
    const tell = (text) => { button.lastElementChild.textContent = text; };
    for (const label of document.querySelectorAll("[data-copy] > span")) label.textContent = "Copy";
    try {
      await navigator.clipboard.writeText(holder.textContent);
      tell("Copied");
      say("Copied to the clipboard.");
      saved();
    } catch {
      const keys = /Mac|iP/.test(navigator.platform) ? "⌘C" : "Ctrl+C";
      holder.focus();
      getSelection().selectAllChildren(holder);
      tell("Press " + keys);
      say(`The browser would not copy it. It is selected: press ${keys}.`);
    }
  }

  on("copy", () => {
    const key = one("#key")?.textContent;
    if (!key || !getSelection().toString().includes(key)) return;
    say("Copied to the clipboard.");
    saved();
  });

  on("cancel", stay, true);
  on("keydown", (event) => {
    if (event.key === "Escape") stay(event);
    if (event.key === "Enter" && event.repeat) event.preventDefault(); // held down, it would send the form it opened
  }, true);

  on("click", (event) => {
    const button = event.target.closest("[data-copy], [data-done], [data-close]");
    if (!button) return;
    if (button.dataset.copy) return copy(button);
    if ("done" in button.dataset) saved();
    if ("close" in button.dataset && dialog()) {
      event.preventDefault();
      dialog().close();
    }
  });

  addEventListener("pagehide", wipe);
  addEventListener("pageshow", (event) => {
    for (const form of document.querySelectorAll("form[aria-busy]")) busy(form, false);
    if (!event.persisted || !shown()) return;
    saved();
    location.replace(shown().dataset.once);
  });

  watch();
  announce();
})();
