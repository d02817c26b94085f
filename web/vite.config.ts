import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** What the page may load and whom it may call: this site only. It holds even when a server forgets the header. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
].join("; ");

const policyInPage: Plugin = {
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => [
    {
      tag: "meta",
      attrs: { "http-equiv": "Content-Security-Policy", content: contentSecurityPolicy },
      injectTo: "head-prepend",
    },
  ],
};

export default defineConfig({
  plugins: [react(), policyInPage],
  build: {
    // Every asset is a file of its own: data: addresses would need a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // sm-crypto-v2 asks for Node's module only where there is no globalThis.crypto, which every browser has.
    rolldownOptions: { external: ["crypto"], input: ["index.html", "me.html"] },
  },
});
